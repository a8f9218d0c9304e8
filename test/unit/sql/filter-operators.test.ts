import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Column } from '../../../src/domain/column.ts';
import type { Condition, Filter } from '../../../src/domain/filter.ts';
import { raw, sql } from '../../../src/sql/ast.ts';
import { compileFilter } from '../../../src/sql/filter.ts';
import { openDatabase, scopeOf, type TestDatabase, table } from './duckdb.ts';

const COLUMNS: Column[] = [
  { name: 'id', type: 'integer' },
  { name: 't', type: 'text' },
  { name: 'i', type: 'integer' },
  { name: 'd', type: 'decimal' },
  { name: 'f', type: 'float' },
  { name: 'b', type: 'boolean' },
  { name: 'dt', type: 'date' },
  { name: 'tm', type: 'time' },
  { name: 'ts', type: 'timestamp' },
  { name: 'tz', type: 'timestamptz' },
  { name: 'u', type: 'uuid' },
  { name: 'j', type: 'json' },
  { name: 'bin', type: 'binary' },
];

let db: TestDatabase;
beforeAll(async () => {
  db = await openDatabase();
  await db.run(`CREATE TABLE t (id BIGINT, t VARCHAR, i BIGINT, d DECIMAL(18,2), f DOUBLE, b BOOLEAN, dt DATE, tm TIME,
    ts TIMESTAMP, tz TIMESTAMPTZ, u UUID, j JSON, bin BLOB)`);
  // Europe/Rome is UTC+1 in January 2024: instants 1 to 4 are 30 Dec 23:30, 31 Dec 00:00, 31 Dec 23:59:59, 1 Jan 00:00 local.
  await db.run(`INSERT INTO t VALUES
    (1, 'Élan', -1, -1.50, -0.5, true, '2023-12-30', '08:00:00', '2023-12-30 23:30:00', '2023-12-30 22:30:00Z', '00000000-0000-0000-0000-000000000001', '{"a":1}', 'a'),
    (2, 'élan ', 0, 0.00, 0.0, false, '2023-12-31', '08:00:01', '2023-12-31 00:00:00', '2023-12-30 23:00:00Z', '00000000-0000-0000-0000-00000000abcd', '[]', 'b'),
    (3, '100%_\\', 9007199254740993, 10.01, 'NaN', true, '2024-01-01', '23:59:59.5', '2023-12-31 23:59:59.999999', '2023-12-31 22:59:59Z', NULL, NULL, ''),
    (4, '', 7, 9999999999999999.99, 'Infinity', false, '2024-02-29', '00:00:00', '2024-01-01 00:00:00', '2023-12-31 23:00:00Z', NULL, NULL, NULL),
    (5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`);
});
afterAll(() => db[Symbol.asyncDispose]());

async function idsOf(filter: Filter, timezone = 'Europe/Rome'): Promise<number[]> {
  const condition = compileFilter(filter, scopeOf(COLUMNS, { timezone }), '/where');
  const rows = await db.rows(sql`SELECT id FROM ${table('t')} WHERE ${condition} ORDER BY id`);
  return rows.map(([id]) => Number(id));
}

type Case = [test: Omit<Condition, 'field'>, ids: number[]];

const CASES: Record<string, Case[]> = {
  t: [
    [{ op: 'eq', value: 'Élan' }, [1]],
    [{ op: 'eq', value: 'élan' }, []],
    [{ op: 'eq', value: 'élan ' }, [2]],
    [{ op: 'eq', value: '' }, [4]],
    [{ op: 'ne', value: 'Élan' }, [2, 3, 4, 5]],
    [{ op: 'in', values: ['Élan', ''] }, [1, 4]],
    [{ op: 'in', values: ['Élan', null] }, [1, 5]],
    [{ op: 'in', values: [null] }, [5]],
    [{ op: 'in', values: [] }, []],
    [{ op: 'notIn', values: ['Élan', ''] }, [2, 3, 5]],
    [{ op: 'notIn', values: ['Élan', null] }, [2, 3, 4]],
    [{ op: 'notIn', values: [null] }, [1, 2, 3, 4]],
    [{ op: 'notIn', values: [] }, [1, 2, 3, 4, 5]],
    [{ op: 'lt', value: 'a' }, [3, 4]],
    [{ op: 'lte', value: '' }, [4]],
    [{ op: 'gt', value: 'Élan' }, [2]],
    [{ op: 'gte', value: 'Élan' }, [1, 2]],
    [{ op: 'between', values: ['', 'Élan'] }, [1, 3, 4]],
    [{ op: 'contains', value: 'LAN' }, [1, 2]],
    [{ op: 'contains', value: 'LAN', caseSensitive: true }, []],
    [{ op: 'contains', value: 'É' }, [1, 2]],
    [{ op: 'contains', value: 'É', caseSensitive: true }, [1]],
    [{ op: 'contains', value: '%' }, [3]],
    [{ op: 'contains', value: '_' }, [3]],
    [{ op: 'contains', value: '\\' }, [3]],
    [{ op: 'contains', value: '' }, [1, 2, 3, 4]],
    [{ op: 'notContains', value: 'LAN' }, [3, 4, 5]],
    [{ op: 'notContains', value: 'É', caseSensitive: true }, [2, 3, 4, 5]],
    [{ op: 'startsWith', value: 'ÉL' }, [1, 2]],
    [{ op: 'startsWith', value: 'él', caseSensitive: true }, [2]],
    [{ op: 'startsWith', value: '1__' }, []],
    [{ op: 'endsWith', value: 'AN' }, [1]],
    [{ op: 'endsWith', value: 'AN', caseSensitive: true }, []],
    [{ op: 'endsWith', value: '%_\\' }, [3]],
    [{ op: 'like', value: '_LAN%' }, [1, 2]],
    [{ op: 'like', value: '_lan', caseSensitive: true }, [1]],
    [{ op: 'like', value: '%\\%\\_\\\\' }, [3]],
    [{ op: 'matches', value: '^É.*N$' }, [1]],
    [{ op: 'matches', value: '^é', caseSensitive: true }, [2]],
    [{ op: 'matches', value: '[%]' }, [3]],
    [{ op: 'isNull' }, [5]],
    [{ op: 'isNotNull' }, [1, 2, 3, 4]],
    [{ op: 'isEmpty' }, [4, 5]],
  ],
  i: [
    [{ op: 'eq', value: '9007199254740993' }, [3]],
    [{ op: 'eq', value: 0 }, [2]],
    [{ op: 'eq', value: '+7.00' }, [4]],
    [{ op: 'eq', value: 0.5 }, []],
    [{ op: 'gt', value: 6.5 }, [3, 4]],
    [{ op: 'ne', value: 0 }, [1, 3, 4, 5]],
    [{ op: 'lt', value: 0 }, [1]],
    [{ op: 'lte', value: 0 }, [1, 2]],
    [{ op: 'gte', value: '9007199254740993' }, [3]],
    [{ op: 'lt', value: '99999999999999999999999999999999999999' }, [1, 2, 3, 4]],
    [{ op: 'between', values: [-1, 7] }, [1, 2, 4]],
    [{ op: 'between', values: [7, -1] }, []],
    [{ op: 'in', values: [0, '7', null] }, [2, 4, 5]],
    [{ op: 'notIn', values: [0, '7'] }, [1, 3, 5]],
    [{ op: 'isEmpty' }, [5]],
  ],
  d: [
    [{ op: 'eq', value: 10.01 }, [3]],
    [{ op: 'eq', value: '9999999999999999.99' }, [4]],
    [{ op: 'eq', value: '1001e-2' }, [3]],
    [{ op: 'gt', value: '10.009' }, [3, 4]],
    [{ op: 'between', values: [-1.5, 0] }, [1, 2]],
    [{ op: 'ne', value: 0 }, [1, 3, 4, 5]],
    [{ op: 'in', values: ['0', '-1.5'] }, [1, 2]],
  ],
  f: [
    [{ op: 'eq', value: -0.5 }, [1]],
    [{ op: 'eq', value: '-0' }, [2]],
    [{ op: 'eq', value: 'NaN' }, [3]],
    [{ op: 'gt', value: 0 }, [3, 4]],
    [{ op: 'lt', value: 'Infinity' }, [1, 2]],
    [{ op: 'in', values: [0, 'NaN'] }, [2, 3]],
  ],
  b: [
    [{ op: 'eq', value: true }, [1, 3]],
    [{ op: 'eq', value: 'false' }, [2, 4]],
    [{ op: 'ne', value: true }, [2, 4, 5]],
    [{ op: 'in', values: [true, null] }, [1, 3, 5]],
    [{ op: 'isNull' }, [5]],
  ],
  dt: [
    [{ op: 'eq', value: '2023-12-31' }, [2]],
    [{ op: 'ne', value: '2023-12-31' }, [1, 3, 4, 5]],
    [{ op: 'gt', value: '2023-12-31' }, [3, 4]],
    [{ op: 'gt', value: '2023-12-31T00:00:01' }, [3, 4]],
    [{ op: 'lte', value: '2023-12-31T00:00' }, [1, 2]],
    [{ op: 'between', values: ['2023-12-31', '2024-02-29'] }, [2, 3, 4]],
    [{ op: 'before', value: '2023-12-31' }, [1]],
    [{ op: 'after', value: '2023-12-31' }, [3, 4]],
    [{ op: 'in', values: ['2024-02-29', null] }, [4, 5]],
    [{ op: 'during', range: { from: '2023-12-31', to: '2024-01-01' } }, [2]],
    [{ op: 'during', range: { to: '2024-01-01' } }, [1, 2]],
  ],
  tm: [
    [{ op: 'eq', value: '08:00' }, [1]],
    [{ op: 'gt', value: '08:00:00.5' }, [2, 3]],
    [{ op: 'between', values: ['00:00:00', '08:00:00'] }, [1, 4]],
    [{ op: 'ne', value: '08:00' }, [2, 3, 4, 5]],
  ],
  ts: [
    [{ op: 'eq', value: '2023-12-31' }, [2, 3]],
    [{ op: 'eq', value: '2023-12-31T00:00:00' }, [2]],
    [{ op: 'eq', value: '2023-12-31 23:59:59.999999' }, [3]],
    [{ op: 'ne', value: '2023-12-31' }, [1, 4, 5]],
    [{ op: 'lt', value: '2023-12-31' }, [1]],
    [{ op: 'lte', value: '2023-12-31' }, [1, 2, 3]],
    [{ op: 'gt', value: '2023-12-31' }, [4]],
    [{ op: 'gte', value: '2023-12-31' }, [2, 3, 4]],
    [{ op: 'between', values: ['2023-12-31', '2023-12-31'] }, [2, 3]],
    [{ op: 'between', values: ['2023-12-30', '2023-12-31T00:00:00'] }, [1, 2]],
    [{ op: 'in', values: ['2023-12-31', '2024-01-01T00:00:00', null] }, [2, 3, 4, 5]],
    [{ op: 'notIn', values: ['2023-12-31', '2024-01-01T00:00:00'] }, [1, 5]],
    [{ op: 'before', value: '2023-12-31' }, [1]],
    [{ op: 'after', value: '2023-12-31' }, [4]],
    [{ op: 'during', range: { from: '2023-12-31', to: '2024-01-01' } }, [2, 3]],
  ],
  tz: [
    [{ op: 'eq', value: '2023-12-31' }, [2, 3]],
    [{ op: 'eq', value: '2023-12-31T00:00:00' }, [2]],
    [{ op: 'eq', value: '2023-12-31T00:00:00+01:00' }, [2]],
    [{ op: 'eq', value: '2023-12-30T23:00:00Z' }, [2]],
    [{ op: 'ne', value: '2023-12-31' }, [1, 4, 5]],
    [{ op: 'lte', value: '2023-12-31' }, [1, 2, 3]],
    [{ op: 'gt', value: '2023-12-31' }, [4]],
    [{ op: 'between', values: ['2023-12-31', '2023-12-31'] }, [2, 3]],
    [{ op: 'before', value: '2023-12-31' }, [1]],
    [{ op: 'after', value: '2023-12-31' }, [4]],
    [{ op: 'during', range: { from: '2023-12-31', to: '2024-01-01' } }, [2, 3]],
    [{ op: 'during', range: { from: '2023-12-31T00:00:00Z', to: '2024-01-01T00:00:00Z' } }, [3, 4]],
  ],
  u: [
    [{ op: 'eq', value: '00000000-0000-0000-0000-00000000ABCD' }, [2]],
    [{ op: 'contains', value: 'ABCD' }, [2]],
    [{ op: 'ne', value: '00000000-0000-0000-0000-00000000abcd' }, [1, 3, 4, 5]],
  ],
  j: [
    [{ op: 'eq', value: '{"a":1}' }, [1]],
    [{ op: 'contains', value: '"A"' }, [1]],
    [{ op: 'isNull' }, [3, 4, 5]],
  ],
  bin: [
    [{ op: 'isNull' }, [4, 5]],
    [{ op: 'isNotNull' }, [1, 2, 3]],
  ],
};

for (const [field, cases] of Object.entries(CASES))
  describe(`field ${field}`, () => {
    test.each(cases)('%j keeps rows %j', async (condition, ids) => {
      expect(await idsOf({ field, ...condition })).toEqual(ids);
    });
    test.each(cases)('not %j keeps exactly the other rows', async (condition, ids) => {
      const others = [1, 2, 3, 4, 5].filter((id) => !ids.includes(id));
      expect(await idsOf({ not: { field, ...condition } })).toEqual(others);
    });
  });

describe('the tree', () => {
  const positive: Filter = { field: 'i', op: 'gt', value: 0 };
  const even: Filter = { field: 'b', op: 'eq', value: false };

  test.each<[Filter, number[]]>([
    [{ and: [] }, [1, 2, 3, 4, 5]],
    [{ or: [] }, []],
    [{ not: { and: [] } }, []],
    [{ and: [positive, even] }, [4]],
    [{ or: [positive, even] }, [2, 3, 4]],
    [{ not: { or: [positive, even] } }, [1, 5]],
    [{ and: [{ or: [positive, { field: 'i', op: 'isNull' }] }, { not: even }] }, [3, 5]],
    [{ not: { not: positive } }, [3, 4]],
  ])('%j keeps %j', async (filter, ids) => {
    expect(await idsOf(filter)).toEqual(ids);
  });

  test('ten thousand values are compared', async () => {
    const values = Array.from({ length: 10_000 }, (_, index) => index + 1);
    expect(await idsOf({ field: 'i', op: 'in', values })).toEqual([4]);
  });

  test('a filter of 100 levels runs', async () => {
    let filter: Filter = positive;
    for (let level = 1; level < 100; level++) filter = level % 2 ? { not: filter } : { and: [filter] };
    expect(await idsOf(filter)).toEqual([3, 4]);
  });
});

test('a day that daylight saving shortens or lengthens is still that whole day', async () => {
  await db.run(`CREATE OR REPLACE TABLE dst AS SELECT id, instant AS tz FROM (VALUES
    (1, TIMESTAMPTZ '2024-03-30 23:00:00Z'), (2, TIMESTAMPTZ '2024-03-31 21:59:59Z'), (3, TIMESTAMPTZ '2024-03-31 22:00:00Z'),
    (4, TIMESTAMPTZ '2024-10-26 22:00:00Z'), (5, TIMESTAMPTZ '2024-10-27 22:59:59Z'), (6, TIMESTAMPTZ '2024-10-27 23:00:00Z')) v(id, instant)`);
  const scope = scopeOf(COLUMNS, { timezone: 'Europe/Rome' });
  const ids = async (value: string) => {
    const condition = compileFilter({ field: 'tz', op: 'eq', value }, scope, '/where');
    return (await db.rows(sql`SELECT id FROM dst WHERE ${condition} ORDER BY id`)).flat();
  };
  expect(await ids('2024-03-31')).toEqual([1, 2]);
  expect(await ids('2024-10-27')).toEqual([4, 5]);
});

test.each([
  ['Europe/Rome', '2024-10-27T02:30:00', '2024-10-27 00:30:00Z', 'comes twice: the first of the two'],
  ['Europe/Rome', '2024-03-31T02:30:00', '2024-03-31 01:30:00Z', 'is skipped: as much later'],
  ['Asia/Beirut', '2024-03-31', '2024-03-30 22:00:00Z', 'is a day whose midnight is skipped'],
  ['America/Havana', '2024-11-03', '2024-11-03 04:00:00Z', 'is a day whose midnight comes twice'],
])('in %s %s begins at %s (%s)', async (timezone, value, instant) => {
  const condition = compileFilter({ field: 'tz', op: 'lt', value }, scopeOf(COLUMNS, { timezone }), '/where');
  const rows = await db.rows(sql`SELECT ${condition}
    FROM (VALUES (TIMESTAMPTZ ${raw(`'${instant}'`)} - INTERVAL 1 SECOND), (TIMESTAMPTZ ${raw(`'${instant}'`)})) v(tz)`);
  expect(rows).toEqual([[true], [false]]);
});
