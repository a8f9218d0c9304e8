import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { ColumnType, SourceColumn } from '../../src/domain/column.ts';
import type { Filter } from '../../src/domain/filter.ts';
import { QuerySpec } from '../../src/domain/query-spec.ts';
import { parse } from '../../src/domain/schema.ts';
import { firstRows } from '../../src/engine/first-rows.ts';
import { raw, render } from '../../src/sql/ast.ts';
import { columnsByName } from '../../src/sql/scope.ts';
import { compileSpec } from '../../src/sql/spec.ts';
import { type Cell, type Engine, openMariadbEngine, openMssqlEngine, openPostgresEngine } from './engines.ts';

/** Columns of types that only one engine has, which the language knows by its own. */
interface Native {
  name: string;
  type: ColumnType;
  declared: string;
  /** One value a row. */
  values: readonly string[];
}

const columnsOf = ({ name: engine }: Engine, natives: readonly Native[]): SourceColumn[] => [
  { name: 'n', type: 'integer' },
  ...natives.map(({ name, type, declared }) => ({
    name,
    type,
    ...(engine === 'mssql' ? { nativeType: declared } : {}),
  })),
];

async function ask(engine: Engine, natives: readonly Native[], body: Omit<QuerySpec, 'from'>) {
  const columns = columnsOf(engine, natives);
  const scope = {
    columns: columnsByName(columns),
    dialect: engine.dialect,
    timezone: body.timezone ?? 'Asia/Riyadh',
    weekStart: 'sunday' as const,
    nowMs: Date.UTC(2024, 0, 1),
    ranges: [],
  };
  const spec = parse(QuerySpec, { from: { dataset: 'natives' }, ...body });
  const compiled = compileSpec(spec, raw('natives'), scope);
  return engine.rows(render(compiled.statement, engine.dialect), compiled.columns);
}

async function create(engine: Engine, natives: readonly Native[], before: readonly string[]) {
  const { quote } = engine.dialect;
  const rows = Array.from(
    { length: natives[0]!.values.length },
    (_, i) => `(${[String(i + 1), ...natives.map(({ values }) => values[i]!)].join(', ')})`,
  );
  const columns = natives.map(({ name, declared }) => `${quote(name)} ${declared}`);
  await engine.load([
    ...before,
    `CREATE TABLE natives (n INTEGER, ${columns.join(', ')})`,
    `INSERT INTO natives VALUES ${rows.join(', ')}`,
  ]);
}

/** A preview shows every value as a query with the same columns does, in UTC, and not more rows than it was asked for. */
async function expectPreview(engine: Engine, natives: readonly Native[]) {
  const columns = columnsOf(engine, natives);
  const preview = (limit: number) =>
    engine.rows(render(firstRows(columns, raw('natives'), engine.dialect, limit), engine.dialect), columns);
  const asked = await ask(engine, natives, { dimensions: columns.map(({ name }) => name), timezone: 'UTC' });
  const byNumber = (rows: readonly Cell[][]) => rows.toSorted((a, b) => Number(a[0]) - Number(b[0]));
  expect(byNumber(await preview(100))).toEqual(byNumber(asked));
  expect(asked.length).toBe(natives[0]!.values.length);
  expect((await preview(2)).length).toBe(2);
}

const rowsWhere = async (engine: Engine, natives: readonly Native[], where: Filter) =>
  (await ask(engine, natives, { dimensions: ['n'], where })).map(([n]) => Number(n));

describe('PostgreSQL', () => {
  const NATIVES: Native[] = [
    { name: 'mood', type: 'text', declared: 'mood', values: ["'sad'", "'Ok'", "'ok'", 'NULL'] },
    { name: 'blurred', type: 'text', declared: 'text COLLATE blurred', values: ["'é'", "'E'", "'e'", "'É'"] },
    { name: 'padded', type: 'text', declared: 'char(4)', values: ["'a'", "'b'", "'a  '", 'NULL'] },
    { name: 'real', type: 'float', declared: 'real', values: ['0.1', "'NaN'", "'Infinity'", "'-Infinity'"] },
    { name: 'any', type: 'decimal', declared: 'numeric', values: ['1.50', '2', '-0.25', 'NULL'] },
    {
      name: 'wide',
      type: 'decimal',
      declared: 'numeric(38,10)',
      values: ['9999999999999999999999999999.0000000001', '1', '2', 'NULL'],
    },
    { name: 'price', type: 'decimal', declared: 'money', values: ["'1.50'", "'-2.25'", "'0'", 'NULL'] },
    { name: 'small', type: 'integer', declared: 'smallint', values: ['32767', '32767', '1', 'NULL'] },
    { name: 'doc', type: 'json', declared: 'json', values: [`'{"a":1}'`, `'{"a": 1}'`, `'{"a":1}'`, 'NULL'] },
    { name: 'bytes', type: 'binary', declared: 'bytea', values: ["'\\x00'", "'\\x0000'", "'\\x00'", 'NULL'] },
  ];
  let engine: Engine;
  beforeAll(async () => {
    engine = await openPostgresEngine();
    await create(engine, NATIVES, [
      "CREATE TYPE mood AS ENUM ('sad', 'Ok', 'ok')",
      "CREATE COLLATION blurred (provider = icu, locale = 'und-u-ks-level1', deterministic = false)",
    ]);
  }, 60_000);
  afterAll(() => engine[Symbol.asyncDispose]());

  test.each([
    [{ field: 'mood', op: 'eq', value: 'ok' }, [3]],
    [{ field: 'mood', op: 'eq', value: 'nothing' }, []],
    [{ field: 'mood', op: 'startsWith', value: 'O' }, [2, 3]],
    [{ field: 'mood', op: 'lt', value: 'a' }, [2]],
    [{ field: 'blurred', op: 'eq', value: 'e' }, [3]],
    [{ field: 'blurred', op: 'in', values: ['e', 'É'] }, [3, 4]],
    [{ field: 'blurred', op: 'ne', value: 'e' }, [1, 2, 4]],
    [{ field: 'blurred', op: 'contains', value: 'É' }, [1, 4]],
    [{ field: 'blurred', op: 'matches', value: '^é$' }, [1, 4]],
    [{ field: 'padded', op: 'eq', value: 'a' }, [1, 3]],
    [{ field: 'real', op: 'gt', value: 'Infinity' }, [2]],
    [{ field: 'real', op: 'eq', value: 'NaN' }, [2]],
    [{ field: 'real', op: 'lt', value: 0.2 }, [1, 4]],
    [{ field: 'wide', op: 'gt', value: 1.5 }, [1, 3]],
    [{ field: 'price', op: 'lt', value: 0.5 }, [2, 3]],
    [{ field: 'price', op: 'eq', value: 1.5 }, [1]],
    [{ field: 'small', op: 'eq', value: 100_000 }, []],
    [{ field: 'doc', op: 'eq', value: '{"a":1}' }, [1, 3]],
  ] satisfies [Filter, number[]][])('%j keeps %j', async (where, rows) => {
    expect(await rowsWhere(engine, NATIVES, where)).toEqual(rows);
  });

  test.each([
    [
      'mood',
      [
        ['Ok', '1'],
        ['ok', '1'],
        ['sad', '1'],
        [null, '1'],
      ],
    ],
    [
      'blurred',
      [
        ['E', '1'],
        ['e', '1'],
        ['É', '1'],
        ['é', '1'],
      ],
    ],
    [
      'padded',
      [
        ['a', '2'],
        ['b', '1'],
        [null, '1'],
      ],
    ],
    [
      'real',
      [
        [-Infinity, '1'],
        [Math.fround(0.1), '1'],
        [Infinity, '1'],
        [NaN, '1'],
      ],
    ],
    [
      'doc',
      [
        ['{"a": 1}', '1'],
        ['{"a":1}', '2'],
        [null, '1'],
      ],
    ],
    [
      'bytes',
      [
        ['1 bytes', '2'],
        ['2 bytes', '1'],
        [null, '1'],
      ],
    ],
    [
      'price',
      [
        ['-2.25', '1'],
        ['0.00', '1'],
        ['1.50', '1'],
        [null, '1'],
      ],
    ],
  ])('%s is grouped exactly', async (field, rows) => {
    expect(await ask(engine, NATIVES, { dimensions: [field], measures: [{ agg: 'count' }] })).toEqual(rows);
  });

  test.each([
    ["replace(blurred, 'e', 'x')", ['E', 'x', 'É', 'é']],
    ["CAST(position('e' IN blurred) AS text)", ['0', '1']],
    ["split_part(blurred, 'e', 1)", ['', 'E', 'É', 'é']],
    ['upper(blurred)', ['E', 'É']],
  ])('%s tells apart what a collation does not', async (expr, texts) => {
    const rows = await ask(engine, NATIVES, { dimensions: [{ expr, as: 'v' }] });
    expect(rows.map(([text]) => text)).toEqual(texts);
  });
  test('a preview shows what a query shows', () => expectPreview(engine, NATIVES));

  test('sums keep every digit and do not overflow', async () => {
    const sums = ['any', 'wide', 'price', 'small'].map((field) => ({ agg: 'sum' as const, field }));
    expect(await ask(engine, NATIVES, { measures: sums })).toEqual([
      ['3.25', '10000000000000000000000000002.0000000001', '-0.75', '65535'],
    ]);
  });
});

describe('MariaDB', () => {
  const latin = 'varchar(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci';
  const NATIVES: Native[] = [
    { name: 'latin', type: 'text', declared: latin, values: ["'é'", "'E'", "'e '", "'e'"] },
    {
      name: 'three',
      type: 'text',
      declared: 'varchar(20) CHARACTER SET utf8mb3',
      values: ["'ع'", "'E'", "'e '", "'e'"],
    },
    {
      name: 'long',
      type: 'text',
      declared: 'text CHARACTER SET utf8mb4',
      values: [
        "concat(repeat('x',3000),'b')",
        "concat(repeat('x',3000),'a')",
        "concat(repeat('x',3000),'a')",
        'NULL',
      ],
    },
    {
      name: 'mood',
      type: 'text',
      declared: "enum('sad','Ok','good')",
      values: ["'sad'", "'Ok'", "'good'", 'NULL'],
    },
    {
      name: 'huge',
      type: 'integer',
      declared: 'bigint unsigned',
      values: ['18446744073709551615', '18446744073709551615', '1', 'NULL'],
    },
    { name: 'bit', type: 'boolean', declared: 'bit(1)', values: ["b'1'", "b'0'", "b'1'", 'NULL'] },
    { name: 'tiny', type: 'boolean', declared: 'tinyint(1)', values: ['1', '0', '2', 'NULL'] },
    { name: 'real', type: 'float', declared: 'float', values: ['0.1', '0.1', '1e30', 'NULL'] },
    { name: 'year', type: 'integer', declared: 'year', values: ['2024', '1999', '2024', 'NULL'] },
    {
      name: 'id',
      type: 'uuid',
      declared: 'uuid',
      values: [
        "'F47AC10B-58CC-4372-A567-0E02B2C3D479'",
        "'00000000-0000-1000-8000-ffffffffffff'",
        "'1b4e28ba-2fa1-11d2-883f-0016d3cca427'",
        'NULL',
      ],
    },
    {
      name: 'wide',
      type: 'decimal',
      declared: 'decimal(38,10)',
      values: ['9999999999999999999999999999.0000000001', '1', '2', 'NULL'],
    },
    {
      name: 'lasted',
      type: 'time',
      declared: 'time(3)',
      values: ["'100:00:00.5'", "'-01:30:00'", "'00:00:00'", 'NULL'],
    },
    {
      name: 'bytes',
      type: 'binary',
      declared: 'varbinary(9)',
      values: ["x'00'", "x'0000'", "x'00'", 'NULL'],
    },
  ];
  let engine: Engine;
  beforeAll(async () => {
    engine = await openMariadbEngine();
    await create(engine, NATIVES, []);
  }, 60_000);
  afterAll(() => engine[Symbol.asyncDispose]());

  test.each([
    [{ field: 'latin', op: 'eq', value: 'e' }, [4]],
    [{ field: 'latin', op: 'eq', value: 'é' }, [1]],
    [{ field: 'latin', op: 'eq', value: '😀' }, []],
    [{ field: 'latin', op: 'in', values: ['ع', 'e '] }, [3]],
    [{ field: 'latin', op: 'contains', value: 'É' }, [1]],
    [{ field: 'latin', op: 'contains', value: 'ع' }, []],
    [{ field: 'latin', op: 'gt', value: 'ع' }, []],
    [{ field: 'three', op: 'eq', value: '😀' }, []],
    [{ field: 'three', op: 'eq', value: 'ع' }, [1]],
    [{ field: 'three', op: 'matches', value: '^[eE]$' }, [2, 4]],
    [{ field: 'mood', op: 'eq', value: 'ok' }, []],
    [{ field: 'mood', op: 'eq', value: 'Ok' }, [2]],
    [{ field: 'mood', op: 'gt', value: 'a' }, [1, 3]],
    [{ field: 'huge', op: 'eq', value: '18446744073709551615' }, [1, 2]],
    [{ field: 'bit', op: 'eq', value: true }, [1, 3]],
    [{ field: 'tiny', op: 'eq', value: true }, [1, 3]],
    [{ field: 'tiny', op: 'ne', value: true }, [2, 4]],
    [{ field: 'id', op: 'eq', value: 'f47ac10b-58cc-4372-a567-0e02b2c3d479' }, [1]],
    [{ field: 'id', op: 'gt', value: '1B4E28BA-2FA1-11D2-883F-0016D3CCA427' }, [1]],
    [{ field: 'wide', op: 'gt', value: 1.5 }, [1, 3]],
  ] satisfies [Filter, number[]][])('%j keeps %j', async (where, rows) => {
    expect(await rowsWhere(engine, NATIVES, where)).toEqual(rows);
  });

  test.each([
    [
      'latin',
      [
        ['E', '1'],
        ['e', '1'],
        ['e ', '1'],
        ['é', '1'],
      ],
    ],
    [
      'mood',
      [
        ['Ok', '1'],
        ['good', '1'],
        ['sad', '1'],
        [null, '1'],
      ],
    ],
    [
      'huge',
      [
        ['1', '1'],
        ['18446744073709551615', '2'],
        [null, '1'],
      ],
    ],
    [
      'bit',
      [
        [false, '1'],
        [true, '2'],
        [null, '1'],
      ],
    ],
    [
      'tiny',
      [
        [false, '1'],
        [true, '2'],
        [null, '1'],
      ],
    ],
    [
      'real',
      [
        [Math.fround(0.1), '2'],
        [Math.fround(1e30), '1'],
        [null, '1'],
      ],
    ],
    [
      'year',
      [
        ['1999', '1'],
        ['2024', '2'],
        [null, '1'],
      ],
    ],
    [
      'id',
      [
        ['00000000-0000-1000-8000-ffffffffffff', '1'],
        ['1b4e28ba-2fa1-11d2-883f-0016d3cca427', '1'],
        ['f47ac10b-58cc-4372-a567-0e02b2c3d479', '1'],
        [null, '1'],
      ],
    ],
    [
      'lasted',
      [
        ['-01:30:00', '1'],
        ['00:00:00', '1'],
        ['100:00:00.5', '1'],
        [null, '1'],
      ],
    ],
    [
      'bytes',
      [
        ['1 bytes', '2'],
        ['2 bytes', '1'],
        [null, '1'],
      ],
    ],
  ])('%s is grouped exactly', async (field, rows) => {
    expect(await ask(engine, NATIVES, { dimensions: [field], measures: [{ agg: 'count' }] })).toEqual(rows);
  });

  test('texts that differ past their first thousand characters are grouped and ordered', async () => {
    const rows = await ask(engine, NATIVES, { dimensions: ['long'], measures: [{ agg: 'count' }] });
    expect(rows.map(([text, count]) => [String(text).slice(-1), count])).toEqual([
      ['a', '2'],
      ['b', '1'],
      ['l', '1'],
    ]);
  });

  test('a preview shows what a query shows', () => expectPreview(engine, NATIVES));

  test('sums keep every digit and do not overflow', async () => {
    const sums = ['huge', 'wide', 'year'].map((field) => ({ agg: 'sum' as const, field }));
    expect(await ask(engine, NATIVES, { measures: sums })).toEqual([
      ['36893488147419103231', '10000000000000000000000000002.0000000001', '6047'],
    ]);
  });
});

const MSSQL_URL = Bun.env.TEST_MSSQL_URL;
if (MSSQL_URL)
  describe('SQL Server', () => {
    const NATIVES: Native[] = [
      { name: 'padded', type: 'text', declared: 'char(4)', values: ["'a'", "'b'", "'a  '", 'NULL'] },
      { name: 'wide', type: 'text', declared: 'nchar(4)', values: ["N'é'", "N''", "N'ع'", 'NULL'] },
      {
        name: 'blurred',
        type: 'text',
        declared: 'nvarchar(9) COLLATE Latin1_General_CI_AI',
        values: ["N'é'", "N'E'", "N'e'", "N'É'"],
      },
      { name: 'old', type: 'text', declared: 'text', values: ["'a'", "'A'", "''", 'NULL'] },
      { name: 'older', type: 'text', declared: 'ntext', values: ["N'ع'", "N'a '", "N'a'", 'NULL'] },
      { name: 'doc', type: 'text', declared: 'xml', values: ["'<a>1</a>'", "'<a/>'", "'<a>1</a>'", 'NULL'] },
      { name: 'any', type: 'text', declared: 'sql_variant', values: ["N'a'", '1', "N'a'", 'NULL'] },
      { name: 'image', type: 'binary', declared: 'image', values: ['0x00', '0x0000', '0x00', 'NULL'] },
      {
        name: 'price',
        type: 'decimal',
        declared: 'money',
        values: ['922337203685477.5807', '922337203685477.5807', '-0.0001', 'NULL'],
      },
      { name: 'real', type: 'float', declared: 'real', values: ['0.1', '0.1', '1e30', 'NULL'] },
      {
        name: 'lasted',
        type: 'time',
        declared: 'time(7)',
        values: ["'23:59:59.9999999'", "'12:00:00.1234567'", "'00:00:00'", 'NULL'],
      },
      {
        name: 'tick',
        type: 'timestamp',
        declared: 'datetime',
        values: [
          "'2024-01-01T00:00:00.003'",
          "'2024-01-01T00:00:00.007'",
          "'9999-12-31T23:59:59.997'",
          'NULL',
        ],
      },
      {
        name: 'minute',
        type: 'timestamp',
        declared: 'smalldatetime',
        values: ["'2024-01-01T10:01:00'", "'1900-01-01T00:00:00'", "'2079-06-06T23:59:00'", 'NULL'],
      },
      {
        name: 'fine',
        type: 'timestamp',
        declared: 'datetime2(7)',
        values: [
          "'2024-01-01T00:00:00.1234567'",
          "'0001-01-01T00:00:00'",
          "'9999-12-31T23:59:59.9999999'",
          'NULL',
        ],
      },
      {
        name: 'instant',
        type: 'timestamptz',
        declared: 'datetimeoffset(7)',
        values: [
          "'2024-01-01T05:30:00.1234567+05:30'",
          "'0001-01-01T00:00:00Z'",
          "'9999-12-31T23:59:59.9999999Z'",
          'NULL',
        ],
      },
    ];
    let engine: Engine;
    beforeAll(async () => {
      engine = await openMssqlEngine(MSSQL_URL);
      await create(engine, NATIVES, []);
    }, 60_000);
    afterAll(() => engine[Symbol.asyncDispose]());

    const fine = '2024-01-01T00:00:00.123456';
    test.each([
      [{ field: 'padded', op: 'eq', value: 'a' }, [1, 3]],
      [{ field: 'padded', op: 'in', values: ['a', 'c'] }, [1, 3]],
      [{ field: 'padded', op: 'endsWith', value: 'a' }, [1, 3]],
      [{ field: 'wide', op: 'eq', value: 'ع' }, [3]],
      [{ field: 'wide', op: 'isEmpty' }, [2, 4]],
      [{ field: 'blurred', op: 'eq', value: 'e' }, [3]],
      [{ field: 'blurred', op: 'in', values: ['e', 'É'] }, [3, 4]],
      [{ field: 'old', op: 'eq', value: 'a' }, [1]],
      [{ field: 'old', op: 'contains', value: 'a' }, [1, 2]],
      [{ field: 'older', op: 'in', values: ['a', 'ع'] }, [1, 3]],
      [{ field: 'doc', op: 'eq', value: '<a>1</a>' }, [1, 3]],
      [{ field: 'any', op: 'eq', value: 'a' }, [1, 3]],
      [{ field: 'image', op: 'isNull' }, [4]],
      [{ field: 'price', op: 'lt', value: 0 }, [3]],
      [{ field: 'tick', op: 'eq', value: '2024-01-01T00:00:00.003' }, [1]],
      [{ field: 'tick', op: 'in', values: ['2024-01-01T00:00:00.003', '2024-01-01T00:00:00.004'] }, [1]],
      [{ field: 'tick', op: 'lte', value: '2024-01-01T00:00:00.003' }, [1]],
      [{ field: 'tick', op: 'gt', value: '2024-01-01T00:00:00.003' }, [2, 3]],
      [{ field: 'tick', op: 'eq', value: '9999-12-31' }, [3]],
      [{ field: 'minute', op: 'lt', value: '2090-01-01' }, [1, 2, 3]],
      [{ field: 'minute', op: 'eq', value: '2024-01-01T10:01' }, [1]],
      [{ field: 'fine', op: 'eq', value: fine }, [1]],
      [{ field: 'fine', op: 'in', values: [fine] }, [1]],
      [{ field: 'fine', op: 'between', values: [fine, fine] }, [1]],
      [{ field: 'fine', op: 'eq', value: '9999-12-31' }, [3]],
      [{ field: 'instant', op: 'eq', value: `${fine}Z` }, [1]],
      [{ field: 'instant', op: 'gte', value: '9999-12-31' }, [3]],
    ] satisfies [Filter, number[]][])('%j keeps %j', async (where, rows) => {
      expect(await rowsWhere(engine, NATIVES, where)).toEqual(rows);
    });

    test.each([
      ['padded', ['a', 'a', 'b', null]],
      ['tick', ['2024-01-01T00:00:00.003', '2024-01-01T00:00:00.007', '9999-12-31T23:59:59.997', null]],
      ['minute', ['1900-01-01T00:00:00', '2024-01-01T10:01:00', '2079-06-06T23:59:00', null]],
      ['fine', ['0001-01-01T00:00:00', fine, '9999-12-31T23:59:59.999999', null]],
      ['lasted', ['00:00:00', '12:00:00.123456', '23:59:59.999999', null]],
      [
        'instant',
        [
          '0001-01-01T03:06:52+03:06',
          '2024-01-01T03:00:00.123456+03:00',
          '9999-12-31T23:59:59.999999+00:00',
          null,
        ],
      ],
    ])('%s is shown as the filter takes it', async (field, shown) => {
      const rows = await ask(engine, NATIVES, { dimensions: [field, 'n'] });
      expect(rows.map(([value]) => value)).toEqual(shown as Cell[]);
    });

    test('every column is counted', async () => {
      const measures = NATIVES.flatMap(({ name }) =>
        (['count', 'countDistinct'] as const).map((agg) => ({ agg, field: name })),
      );
      const [row] = await ask(engine, NATIVES, { measures });
      expect(row!.filter((_, i) => i % 2 === 0)).toEqual(
        NATIVES.map(({ values }) => String(values.filter((value) => value !== 'NULL').length)),
      );
    });

    test('a preview shows what a query shows', () => expectPreview(engine, NATIVES));

    test('a sum of money is a decimal of 38 digits', async () => {
      expect(await ask(engine, NATIVES, { measures: [{ agg: 'sum', field: 'price' }] })).toEqual([
        ['1844674407370955.1613'],
      ]);
    });
  });
