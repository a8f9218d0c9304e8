import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startMariadb } from '../support/mariadb-server.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { openService, type TestService } from '../support/service-kit.ts';

interface Kind {
  name: string;
  declared: string;
  /** In the order of a spec, nulls last. */
  values: readonly (readonly [sql: string, text: unknown])[];
}

const NULL = ['NULL', null] as const;

const POSTGRES: Kind[] = [
  {
    name: 'took',
    declared: 'interval',
    values: [
      ["'-1 hour'", '-01:00:00'],
      ["'100 hours'", '100:00:00'],
      ["'9 days'", '9 days'],
      ["'10 days'", '10 days'],
      ["'1 month 2 days'", '1 mon 2 days'],
      NULL,
    ],
  },
  {
    name: 'born',
    declared: 'date',
    values: [
      ["'-infinity'", '-infinity'],
      ["'0044-03-15 BC'", '0044-03-15 (BC)'],
      ["'0043-01-01 BC'", '0043-01-01 (BC)'],
      ["'2024-01-15'", '2024-01-15'],
      ["'12024-01-01'", '12024-01-01'],
      ["'infinity'", 'infinity'],
      NULL,
    ],
  },
  {
    name: 'local',
    declared: 'timestamp',
    values: [
      ["'-infinity'", '-infinity'],
      ["'0044-03-15 10:00:00.5 BC'", '0044-03-15T10:00:00.5 (BC)'],
      ["'2024-01-15 10:00:00'", '2024-01-15T10:00:00'],
      ["'294276-01-01 00:00:00'", '294276-01-01T00:00:00'],
      ["'infinity'", 'infinity'],
      NULL,
    ],
  },
  {
    name: 'instant',
    declared: 'timestamptz',
    values: [
      ["'-infinity'", '-infinity'],
      ["'0044-03-15 10:00:00+00 BC'", '0044-03-15T10:00:00Z (BC)'],
      ["'2024-01-15 10:00:00+00'", '2024-01-15T10:00:00Z'],
      ["'infinity'", 'infinity'],
      NULL,
    ],
  },
  {
    name: 'clock',
    declared: 'time',
    values: [["'00:00'", '00:00:00'], ["'23:59:59.5'", '23:59:59.5'], ["'24:00'", '24:00:00'], NULL],
  },
  {
    name: 'price',
    declared: 'numeric(10,2)',
    values: [['1.50', '1.50'], ['20', '20.00'], ["'NaN'", 'NaN'], NULL],
  },
  {
    name: 'wide',
    declared: 'numeric(65,30)',
    values: [
      ['-5', '-5.000000000000000000000000000000'],
      ['0.000000000000000000000000000001', '0.000000000000000000000000000001'],
      ['60000000', '60000000.000000000000000000000000000000'],
      [`1${'0'.repeat(34)}`, `1${'0'.repeat(34)}.${'0'.repeat(30)}`],
      NULL,
    ],
  },
  {
    name: 'tags',
    declared: 'text[]',
    values: [
      [`'{"a b","c\\"d",NULL}'`, '["a b","c\\"d",null]'],
      ["'{a,b}'", '["a","b"]'],
      ["'{}'", '[]'],
      NULL,
    ],
  },
  {
    name: 'moments',
    declared: 'timestamptz[]',
    values: [
      [
        "array['2024-01-15 10:00:00+00'::timestamptz, 'infinity']",
        '["2024-01-15T10:00:00+00:00","infinity"]',
      ],
      NULL,
    ],
  },
  {
    name: 'address',
    declared: 'inet',
    values: [["'10.0.0.1'", '10.0.0.1'], ["'10.0.0.1/8'", '10.0.0.1/8'], ["'::1'", '::1'], NULL],
  },
  {
    name: 'single',
    declared: 'real',
    values: [
      ["'-Infinity'", '-Infinity'],
      ['0.1', 0.1],
      ['16777217', 16777216],
      ['1e30', 1e30],
      ["'Infinity'", 'Infinity'],
      ["'NaN'", 'NaN'],
      NULL,
    ],
  },
  { name: 'padded', declared: 'char(4)', values: [["'a'", 'a'], ["'ab'", 'ab'], NULL] },
  {
    name: 'bits',
    declared: 'bit(3)',
    values: [["b'011'", '011'], ["b'101'", '101'], NULL],
  },
];

const MARIADB: Kind[] = [
  {
    name: 'flags',
    declared: 'bit(8)',
    values: [
      ["b'00000001'", '00000001'],
      ["b'10000001'", '10000001'],
      ["b'11000000'", '11000000'],
      ["b'11111111'", '11111111'],
      NULL,
    ],
  },
  {
    name: 'stars',
    declared: 'tinyint(1)',
    values: [['0', 0], ['1', 1], ['3', 3], ['5', 5], NULL],
  },
  { name: 'known', declared: 'tinyint(1)', values: [['0', false], ['1', true], NULL] },
  { name: 'yes', declared: 'bit(1)', values: [["b'0'", false], ["b'1'", true], NULL] },
  {
    name: 'shipped',
    declared: 'date',
    values: [
      ["'0000-00-00'", '0000-00-00'],
      ["'2024-00-31'", '2024-00-31'],
      ["'2024-01-15'", '2024-01-15'],
      NULL,
    ],
  },
  {
    name: 'seen',
    declared: 'datetime(6)',
    values: [
      ["'0000-00-00'", '0000-00-00T00:00:00'],
      ["'2024-01-15 10:00:00.5'", '2024-01-15T10:00:00.5'],
      NULL,
    ],
  },
  {
    name: 'stamped',
    declared: 'timestamp(6) null',
    values: [
      ["'0000-00-00'", '0000-00-00T00:00:00Z'],
      ["'2024-01-15 10:00:00'", '2024-01-15T10:00:00Z'],
      NULL,
    ],
  },
  {
    name: 'lasted',
    declared: 'time(3)',
    values: [
      ["'-838:59:59'", '-838:59:59'],
      ["'-01:30:00'", '-01:30:00'],
      ["'23:00:00'", '23:00:00'],
      ["'100:00:00.5'", '100:00:00.5'],
      NULL,
    ],
  },
  {
    name: 'wide',
    declared: 'decimal(65,30)',
    values: [
      ['-5', '-5.000000000000000000000000000000'],
      ['60000000', '60000000.000000000000000000000000000000'],
      [`1${'0'.repeat(34)}`, `1${'0'.repeat(34)}.${'0'.repeat(30)}`],
      NULL,
    ],
  },
  {
    name: 'single',
    declared: 'float',
    values: [['0.1', 0.1], ['16777216', 16777216], ['16777218', 16777218], ['1e30', 1e30], NULL],
  },
  { name: 'padded', declared: 'char(4)', values: [["'a'", 'a'], ["'ab'", 'ab'], NULL] },
];

/** Floats are right to some twelve digits. */
const rounded = (row: unknown[]) =>
  row.map((cell) => (typeof cell === 'number' ? Number(cell.toPrecision(12)) : cell));

interface Database {
  engine: 'postgres' | 'mysql';
  start(): Promise<TestServer>;
  kinds: Kind[];
  options?: Record<string, string>;
  before: string;
}

const DATABASES: Database[] = [
  { engine: 'postgres', start: startPostgres, kinds: POSTGRES, before: '' },
  {
    engine: 'mysql',
    start: startMariadb,
    kinds: MARIADB,
    options: { booleans: 'kind_known.v' },
    before: "set sql_mode = '', time_zone = '+00:00';",
  },
];

describe.each(DATABASES)('values of $engine', ({ engine, start, kinds, options, before }) => {
  let server: TestServer;
  let service: TestService;
  beforeAll(async () => {
    server = await start();
    for (const { name, declared, values } of kinds) {
      const rows = values.map(([sql], i) => `(${i}, ${sql})`).join(', ');
      server.admin(
        `${before} CREATE TABLE kind_${name} (n integer, v ${declared}); INSERT INTO kind_${name} VALUES ${rows}; INSERT INTO kind_${name} SELECT n + 100, v FROM kind_${name};`,
      );
    }
    service = await openService({
      QUERY_RATE_PER_SEC: '1000',
      QUERY_BURST: '1000',
      USER_QUERY_CONCURRENCY: '50',
    });
    const { user, password, host, port, database } = server;
    const settings = { user, password, host, port, database, options };
    const made = await service.call('POST', '/api/datasources', { name: 'erp', type: engine, settings });
    expect(made.status).toBe(201);
  }, 60_000);
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const ask = async (path: string, body: Record<string, unknown>) => {
    const { json } = await service.call('POST', path, body);
    if (json.code) throw new Error(`${JSON.stringify(json)}\n${service.logged.slice(-3).join('\n')}`);
    return json;
  };

  describe.each(kinds)('$declared ($name)', ({ name, values }) => {
    const from = { datasource: 'erp', table: `kind_${name}` };
    const texts = values.map(([, text]) => text);
    const count = { agg: 'count', as: 'n' };

    test('a spec, a distinct and raw SQL have one text of each value', async () => {
      const spec = await ask('/api/query/spec', { from, dimensions: ['v'], measures: [count] });
      expect(spec.rows).toEqual(texts.map((text) => [text, 2]));
      const distinct = await ask('/api/query/distinct', { from, field: 'v' });
      expect(distinct.rows).toEqual(texts.map((text) => [text, 2]));
      const sql = `SELECT v FROM kind_${name} WHERE n < 100 ORDER BY n`;
      const raw = await ask('/api/query', { datasource: 'erp', sql });
      expect(raw.rows.map(([text]: unknown[]) => text)).toEqual(texts);
    });

    test('a pivot has the same members in the same order, on both axes', async () => {
      const measures = [count, { agg: 'countDistinct', field: 'n', as: 'd' }];
      const totals = { rows: 'all', columns: 'all' };
      const rows = await ask('/api/query/pivot', { from, rows: ['v'], measures, totals });
      expect(rows.rows.members).toEqual([...texts.map((text) => [text]), []]);
      const columns = await ask('/api/query/pivot', { from, columns: ['v'], measures, totals });
      expect(columns.columns.members).toEqual([...texts.map((text) => [text]), []]);
      expect(rows.cells.at(-1)).toEqual([texts.length * 2, texts.length * 2]);
    });

    test('each text finds its rows again', async () => {
      const found: unknown[] = [];
      for (const [, value] of values) {
        const where = value === null ? { field: 'v', op: 'isNull' } : { field: 'v', op: 'eq', value };
        const { rows } = await ask('/api/query/spec', { from, dimensions: ['n'], where });
        found.push(rows.map(([n]: number[]) => n));
      }
      expect(found).toEqual(values.map((_, i) => [i, i + 100]));
      const all = { field: 'v', op: 'in', values: texts };
      const { rows } = await ask('/api/query/spec', { from, where: all, measures: [count] });
      expect(rows).toEqual([[values.length * 2]]);
    });

    test('the least and the greatest are values', async () => {
      if (name === 'tags' || name === 'moments') {
        const measures = [{ agg: 'max', field: 'v' }];
        const { json } = await service.call('POST', '/api/query/spec', { from, measures });
        expect(json).toMatchObject({ code: 'query.type' });
        return;
      }
      const measures = [
        { agg: 'min', field: 'v', as: 'least' },
        { agg: 'max', field: 'v', as: 'greatest' },
      ];
      const ends = [[texts[0], texts.at(-2)]];
      expect((await ask('/api/query/spec', { from, measures })).rows).toEqual(ends);
      const pivot = { from, measures, rows: ['v'], totals: { rows: 'grand' } };
      expect((await ask('/api/query/pivot', pivot)).cells.at(-1)).toEqual(ends[0]!);
    });
  });

  const rowsWhere = async (name: string, where: Record<string, unknown>) => {
    const from = { datasource: 'erp', table: `kind_${name}` };
    const { rows } = await ask('/api/query/spec', { from, dimensions: ['n'], where });
    return rows.map(([n]: number[]) => n).filter((n: number) => n < 100);
  };

  if (engine === 'postgres') {
    test.each([
      ['took', { op: 'gt', value: '5 days' }, [2, 3, 4]],
      ['took', { op: 'eq', value: '4 days 4 hours' }, [1]],
      [
        'took',
        { op: 'between', values: ['0', '240 hours'].map((each) => `${each}`.replace(/^0$/, '00:00')) },
        [1, 2, 3],
      ],
      ['took', { op: 'in', values: ['32 days', '-01:00'] }, [0, 4]],
      ['took', { op: 'contains', value: 'DAYS' }, [2, 3, 4]],
      ['took', { op: 'isEmpty' }, [5]],
      ['born', { op: 'lt', value: '0001-01-01' }, [0, 1, 2]],
      ['born', { op: 'gt', value: '0044-12-31 (BC)' }, [2, 3, 4, 5]],
      ['wide', { op: 'gte', value: 60000000 }, [2, 3]],
      ['price', { op: 'gt', value: 20 }, [2]],
      ['single', { op: 'lte', value: 0.1 }, [0, 1]],
      ['single', { op: 'gt', value: 0.1 }, [2, 3, 4, 5]],
      ['single', { op: 'gt', value: 1e300 }, [4, 5]],
      ['tags', { op: 'contains', value: '"b"' }, [1]],
    ] as const)('%s %j keeps %j', async (name, condition, rows) => {
      expect(await rowsWhere(name, { field: 'v', ...condition })).toEqual([...rows]);
    });

    test('what is no interval is refused by field and with an example', async () => {
      const from = { datasource: 'erp', table: 'kind_took' };
      const where = { field: 'v', op: 'gt', value: 'soon' };
      const { status, json } = await service.call('POST', '/api/query/spec', {
        from,
        dimensions: ['n'],
        where,
      });
      expect(json).toMatchObject({ code: 'query.type', field: 'v', pointer: '/where/value' });
      expect(json.detail).toContain('an interval such as 1 mon 10 days 04:05:06');
      expect(status).toBe(400);
    });

    test.each([
      ['instant', 'hour', ['-infinity', '2024-01-15T10:00:00Z', 'infinity']],
      ['instant', 'week', ['-infinity', '2024-01-15', 'infinity']],
      ['local', 'minute', ['-infinity', '2024-01-15T10:00:00', 'infinity']],
      ['born', 'week', ['-infinity', '2024-01-15', 'infinity']],
      ['born', 'quarter', ['-infinity', '2024-01-01', 'infinity']],
      ['born', 'year', ['-infinity', '2024-01-01', 'infinity']],
    ] as const)('infinity of %s keeps its own member by %s', async (name, grain, members) => {
      const from = { datasource: 'erp', table: `kind_${name}` };
      const dimension = { field: 'v', grain, as: 'at' };
      const { rows } = await ask('/api/query/spec', { from, dimensions: [dimension] });
      const pivot = await ask('/api/query/pivot', { from, rows: [dimension], measures: [{ agg: 'count' }] });
      expect(pivot.rows.members).toEqual(rows);
      const shown = rows.map(([text]: string[]) => text);
      expect(shown.filter((text: string | null) => members.includes(text as never))).toEqual([...members]);
      expect(shown.at(-1)).toBeNull();
    });

    test('a zone other than UTC keeps infinity and the era', async () => {
      const from = { datasource: 'erp', table: 'kind_instant' };
      const query = { from, dimensions: ['v'], timezone: 'Asia/Riyadh' };
      const { rows } = await ask('/api/query/spec', query);
      const shown = rows.map(([text]: string[]) => text);
      expect(shown[0]).toBe('-infinity');
      expect(shown[1]).toMatch(/^0044-03-15T13:.*\+03:0\d \(BC\)$/);
      expect(shown.slice(2)).toEqual(['2024-01-15T13:00:00+03:00', 'infinity', null]);
      const pivot = { from, rows: ['v'], measures: [{ agg: 'count' }], timezone: 'Asia/Riyadh' };
      expect((await ask('/api/query/pivot', pivot)).rows.members).toEqual(rows);
    });

    test('totals of NaN, of quotients and of decimals without a scale are those of a spec', async () => {
      for (const source of [
        `SELECT n % 3 AS g, v FROM kind_price`,
        `SELECT n % 3 AS g, v FROM kind_wide`,
        `SELECT g, (1/3.0)*(g/7.0) AS v FROM generate_series(1,3) g`,
        `SELECT g, 1e20::numeric / (3 * g) AS v FROM generate_series(1,40) g`,
      ]) {
        const from = { datasource: 'erp', sql: source };
        const measures = ['sum', 'min', 'max', 'avg', 'median', 'countDistinct'].map((agg) => ({
          agg,
          field: 'v',
          as: agg,
        }));
        const spec = await ask('/api/query/spec', { from, dimensions: ['g'], measures });
        const total = await ask('/api/query/spec', { from, measures });
        const sort = [{ axis: 'rows', level: 'g', by: 'g' }];
        const totals = { rows: 'grand' };
        const pivot = await ask('/api/query/pivot', { from, rows: ['g'], measures, totals, sort });
        expect(pivot.rows.members).toEqual([...spec.rows.map(([g]: unknown[]) => [g]), []]);
        const wanted = [...spec.rows, [null, ...total.rows[0]]].map((row) => row.slice(1));
        expect(pivot.cells.map(rounded)).toEqual(wanted.map(rounded));
      }
    });

    test('levels are sorted by decimals of any length, at the header that is asked for', async () => {
      const from = {
        datasource: 'erp',
        sql: `SELECT * FROM (VALUES ('a', 1::numeric, 1e40::numeric), ('b', 1, 3e40), ('c', 1, -2e40), ('d', 2, 'NaN'), ('b', 2.0, 1)) AS t (k, c, v)`,
      };
      const spec = {
        from,
        rows: ['k'],
        columns: ['c'],
        measures: [{ agg: 'sum', field: 'v', as: 's' }],
        sort: [{ axis: 'rows', level: 'k', by: 's', dir: 'desc', column: [1] }],
      };
      const { rows, columns } = await ask('/api/query/pivot', spec);
      expect(columns.members.map(([c]: string[]) => Number(c))).toEqual([1, 2]);
      expect(rows.members).toEqual([['b'], ['a'], ['c'], ['d']]);
    });

    test('binary members are told apart in a pivot as in a spec', async () => {
      const from = {
        datasource: 'erp',
        sql: String.raw`SELECT * FROM (VALUES ('\x01'::bytea, 1), ('\x02', 2), ('\x02', 3), ('\x0201', 4), (NULL, 5)) AS t (h, v)`,
      };
      const measures = [
        { agg: 'sum', field: 'v', as: 's' },
        { agg: 'countDistinct', field: 'h', as: 'd' },
      ];
      const spec = await ask('/api/query/spec', { from, dimensions: ['h'], measures });
      const pivot = await ask('/api/query/pivot', { from, rows: ['h'], measures, totals: { rows: 'grand' } });
      expect(spec.rows).toEqual([
        ['1 bytes', 1, 1],
        ['1 bytes', 5, 1],
        ['2 bytes', 4, 1],
        [null, 5, 0],
      ]);
      expect(pivot.rows.members).toEqual([...spec.rows.map(([h]: unknown[]) => [h]), []]);
      expect(pivot.cells).toEqual([...spec.rows.map((row: unknown[]) => row.slice(1)), [15, 3]]);
    });
  } else {
    test.each([
      ['stars', { op: 'gt', value: 1 }, [2, 3]],
      ['stars', { op: 'eq', value: true }, [1]],
      ['known', { op: 'eq', value: true }, [1]],
      ['flags', { op: 'startsWith', value: '11' }, [2, 3]],
      ['shipped', { op: 'lt', value: '0001-01-01' }, [0]],
      ['shipped', { op: 'gt', value: '2024-00-30' }, [1, 2]],
      ['lasted', { op: 'gt', value: '24:00:00' }, [3]],
      ['wide', { op: 'gte', value: 60000000 }, [1, 2]],
      ['single', { op: 'lte', value: 0.1 }, [0]],
    ] as const)('%s %j keeps %j', async (name, condition, rows) => {
      expect(await rowsWhere(name, { field: 'v', ...condition })).toEqual([...rows]);
    });

    test('tinyint(1) counts as the number that it holds', async () => {
      const from = { datasource: 'erp', table: 'kind_stars' };
      const measures = [
        { agg: 'avg', field: 'v', as: 'mean' },
        { agg: 'sum', field: 'v', as: 'sum' },
      ];
      expect((await ask('/api/query/spec', { from, measures })).rows).toEqual([[2.25, 18]]);
      const { rows } = await ask('/api/query', {
        datasource: 'erp',
        sql: 'SELECT DISTINCT v + 0 AS s FROM kind_known ORDER BY 1',
      });
      expect(rows).toEqual([[null], [0], [1]]);
    });

    test('totals of wide decimals are those of a spec', async () => {
      const from = { datasource: 'erp', table: 'kind_wide' };
      const measures = [{ agg: 'sum', field: 'v', as: 's' }];
      const total = await ask('/api/query/spec', { from, measures });
      const pivot = await ask('/api/query/pivot', { from, rows: ['n'], measures, totals: { rows: 'grand' } });
      expect(pivot.cells.at(-1)).toEqual(total.rows[0]);
    });

    test('binary members are told apart in a pivot as in a spec', async () => {
      const from = {
        datasource: 'erp',
        sql: "SELECT x'01' AS h, 1 AS v UNION ALL SELECT x'02', 2 UNION ALL SELECT x'0201', 4 UNION ALL SELECT NULL, 5",
      };
      const measures = [{ agg: 'sum', field: 'v', as: 's' }];
      const spec = await ask('/api/query/spec', { from, dimensions: ['h'], measures });
      const pivot = await ask('/api/query/pivot', { from, rows: ['h'], measures });
      expect(spec.rows.map(([h]: unknown[]) => h)).toEqual(['1 bytes', '1 bytes', '2 bytes', null]);
      expect(pivot.rows.members).toEqual(spec.rows.map(([h]: unknown[]) => [h]));
      expect(pivot.cells).toEqual(spec.rows.map((row: unknown[]) => row.slice(1)));
    });
  }

  test('many days and many numbers are found as few are', async () => {
    const days = Array.from({ length: 330 }, (_, i) =>
      new Date(Date.UTC(2024, 2, 10 + i)).toISOString().slice(0, 10),
    );
    server.admin(
      `CREATE TABLE moments (n integer, d date, at ${engine === 'postgres' ? 'timestamp, instant timestamptz' : 'datetime, instant timestamp null'});
      INSERT INTO moments VALUES ${days.map((day, i) => `(${i}, '${day}', '${day} 23:30:00', '${day} 23:30:00${engine === 'postgres' ? '+00' : ''}')`).join(', ')}, (330, NULL, NULL, NULL);`,
    );
    const from = { datasource: 'erp', table: 'moments' };
    const asked = days.filter((_, i) => i % 3 === 0);
    const expected = days.flatMap((_, i) => (i % 3 === 0 ? [i] : []));
    const timezone = 'Europe/Rome';
    const found = async (field: string, op: string, values: unknown[]) => {
      const { rows } = await ask('/api/query/spec', {
        from,
        dimensions: ['n'],
        where: { field, op, values },
        timezone,
      });
      return rows.map(([n]: number[]) => n);
    };
    const others = [...days.keys(), 330].filter((n) => !expected.includes(n));
    for (const field of ['d', 'at']) {
      expect(await found(field, 'in', asked)).toEqual(expected);
      expect(await found(field, 'notIn', asked)).toEqual(others);
    }
    const few: number[] = [];
    for (let i = 0; i < asked.length; i += 8)
      few.push(...(await found('instant', 'in', asked.slice(i, i + 8))));
    expect(await found('instant', 'in', asked)).toEqual(few.sort((a, b) => a - b));
    const numbers = [...expected, 1e9, 3e9, '9223372036854775807', 1.5];
    expect(await found('n', 'in', numbers)).toEqual(expected);
    expect(await found('n', 'notIn', numbers)).toEqual(others);
    expect(await found('n', 'in', [null, ...Array.from({ length: 20 }, (_, i) => 5e9 + i)])).toEqual([]);
    expect(
      await found(
        'n',
        'notIn',
        Array.from({ length: 20 }, (_, i) => 5e9 + i),
      ),
    ).toHaveLength(331);
  });
});
