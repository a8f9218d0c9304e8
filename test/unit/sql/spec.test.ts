import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { AppError } from '../../../src/base/errors.ts';
import type { Column } from '../../../src/domain/column.ts';
import type { QuerySpec } from '../../../src/domain/query-spec.ts';
import { render } from '../../../src/sql/ast.ts';
import { duckdb } from '../../../src/sql/dialects/duckdb.ts';
import { compileSpec } from '../../../src/sql/spec.ts';
import { openDatabase, scopeOf, type TestDatabase, table } from './duckdb.ts';

const COLUMNS: Column[] = [
  { name: 'region', type: 'text' },
  { name: 'product', type: 'text' },
  { name: 'amount', type: 'decimal' },
  { name: 'at', type: 'timestamptz' },
];

let db: TestDatabase;
beforeAll(async () => {
  db = await openDatabase();
  await db.run(`CREATE TABLE t AS SELECT * FROM (VALUES
    ('EU', 'A', 1.50::DECIMAL(18,2), TIMESTAMPTZ '2024-10-27 00:30:00Z'),
    ('EU', 'B', 2.50, TIMESTAMPTZ '2024-10-27 01:30:00Z'),
    ('eu', 'A', 1.50, NULL),
    ('Äb', 'A', 4.00, TIMESTAMPTZ '2024-01-01 12:00:00Z'),
    ('', NULL, NULL, NULL),
    (NULL, 'A', 1.50, NULL)) v(region, product, amount, "at")`);
});
afterAll(() => db[Symbol.asyncDispose]());

const compiled = (spec: Omit<QuerySpec, 'from'>, timezone = 'UTC') =>
  compileSpec({ from: { dataset: 't' }, ...spec }, table('t'), scopeOf(COLUMNS, { timezone }));
const rowsOf = (spec: Omit<QuerySpec, 'from'>, timezone?: string) =>
  db.rows(compiled(spec, timezone).statement);

const SUM = { agg: 'sum', field: 'amount', as: 'revenue' } as const;

test('headers come by code point, nulls last, an empty text is no null', async () => {
  expect(await rowsOf({ dimensions: ['region'], measures: [SUM, { agg: 'count' }] })).toEqual([
    ['', null, '1'],
    ['EU', '4.00', '2'],
    ['eu', '1.50', '1'],
    ['Äb', '4.00', '1'],
    [null, '1.50', '1'],
  ]);
});

test('dimensions alone give their distinct combinations', async () => {
  expect(await rowsOf({ dimensions: ['product'] })).toEqual([['A'], ['B'], [null]]);
});

test('measures alone give one row, of no rows too', async () => {
  expect(await rowsOf({ measures: [SUM, { agg: 'count' }] })).toEqual([['11.00', '6']]);
  const nothing = { field: 'region', op: 'eq', value: 'nowhere' } as const;
  expect(await rowsOf({ measures: [SUM, { agg: 'count' }], where: nothing })).toEqual([[null, '0']]);
  expect(await rowsOf({ dimensions: ['region'], measures: [SUM], where: nothing })).toEqual([]);
});

describe('order', () => {
  const by = async (order: QuerySpec['order']) =>
    (await rowsOf({ dimensions: ['region'], measures: [SUM], ...(order ? { order } : {}) })).map(
      ([region]) => region,
    );

  test('nulls stay last in both directions, ties come by the dimensions', async () => {
    expect(await by([{ by: 'revenue', dir: 'desc' }])).toEqual(['EU', 'Äb', 'eu', null, '']);
    expect(await by([{ by: 'revenue' }])).toEqual(['eu', null, 'EU', 'Äb', '']);
  });

  test('nulls come first where asked', async () => {
    expect(await by([{ by: 'revenue', dir: 'desc', nulls: 'first' }])).toEqual(['', 'EU', 'Äb', 'eu', null]);
    expect(await by([{ by: 'region', dir: 'desc', nulls: 'first' }])).toEqual([null, 'Äb', 'eu', 'EU', '']);
  });

  test('pages put together are the whole', async () => {
    const spec = {
      dimensions: ['region', 'product'],
      measures: [SUM],
      order: [{ by: 'revenue', dir: 'desc' as const }],
    };
    const whole = await rowsOf(spec);
    const pages = [];
    for (let offset = 0; offset < 8; offset++) pages.push(...(await rowsOf({ ...spec, offset, limit: 1 })));
    expect(pages).toEqual(whole);
  });
});

test('the total of rows is not touched by the page, and is after having', async () => {
  const spec = {
    dimensions: ['region'],
    measures: [SUM],
    having: { field: 'revenue', op: 'gte', value: '1.5' },
    limit: 1,
    totalRows: true,
  } as const;
  const { statement, countStatement } = compiled({ ...spec, dimensions: ['region'], measures: [SUM] });
  expect(await db.rows(statement)).toEqual([['EU', '4.00']]);
  expect(await db.rows(countStatement!)).toEqual([['4']]);
  expect(compiled({ dimensions: ['region'] }).countStatement).toBeUndefined();
});

test('having sees dimensions and measures by their names in the answer', async () => {
  const rows = await rowsOf({
    dimensions: [{ field: 'region', as: 'where' }],
    measures: [{ agg: 'avg', field: 'amount', as: 'mean' }],
    having: {
      and: [
        { field: 'mean', op: 'lt', value: 3 },
        { field: 'where', op: 'startsWith', value: 'e' },
      ],
    },
  });
  expect(rows).toEqual([
    ['EU', 2],
    ['eu', 1.5],
  ]);
});

test('instants are shown with the offset they had, so the hour that comes twice can be told apart', async () => {
  const rows = await rowsOf(
    {
      dimensions: [{ field: 'at', grain: 'hour' }],
      where: { field: 'at', op: 'after', value: '2024-10-01' },
    },
    'Europe/Rome',
  );
  expect(rows).toEqual([['2024-10-27T02:00:00+02:00'], ['2024-10-27T02:00:00+01:00']]);
});

test('columns of the answer', () => {
  const { columns } = compiled({
    dimensions: ['region', { field: 'at', grain: 'month', as: 'month' }],
    measures: [SUM, { agg: 'avg', field: 'amount' }],
  });
  expect(columns).toEqual([
    { name: 'region', type: 'text' },
    { name: 'month', type: 'date' },
    { name: 'revenue', type: 'decimal' },
    { name: 'avg_amount', type: 'float' },
  ]);
});

test('a page given by the caller goes before that of the spec', () => {
  const { statement } = compileSpec(
    { from: { dataset: 't' }, dimensions: ['region'] },
    table('t'),
    scopeOf(COLUMNS),
    { limit: 50_001, offset: 0 },
  );
  expect(render(statement, duckdb).text).toEndWith('LIMIT 50001');
});

test('ranges are reported once for each place that has one', () => {
  const scope = scopeOf(COLUMNS);
  const during = { field: 'at', op: 'during', range: { preset: 'lastMonth' } } as const;
  compileSpec(
    { from: { dataset: 't' }, measures: [{ ...SUM, where: during }], where: { and: [during] } },
    table('t'),
    scope,
  );
  expect(scope.ranges).toEqual([
    { pointer: '/measures/0/where/range', from: '2024-02-01', to: '2024-03-01' },
    { pointer: '/where/and/0/range', from: '2024-02-01', to: '2024-03-01' },
  ]);
});

test.each<[Omit<QuerySpec, 'from'>, string, string]>([
  [{}, 'request.invalid', ''],
  [{ dimensions: [], measures: [] }, 'request.invalid', ''],
  [{ dimensions: ['region', 'region'] }, 'query.ambiguous', '/dimensions/1'],
  [{ dimensions: ['region'], measures: [{ agg: 'count', as: 'region' }] }, 'query.ambiguous', '/measures/0'],
  [{ measures: [SUM, SUM] }, 'query.ambiguous', '/measures/1'],
  [{ dimensions: ['regoin'] }, 'query.field', '/dimensions/0'],
  [{ dimensions: ['region'], order: [{ by: 'amount' }] }, 'query.field', '/order/0/by'],
  [
    { dimensions: ['region'], having: { field: 'amount', op: 'gt', value: 0 } },
    'query.field',
    '/having/field',
  ],
  [{ measures: [SUM], having: { field: 'revenue', op: 'gt', value: 'x' } }, 'query.type', '/having/value'],
  [{ dimensions: [{ field: 'region', as: 'a\u0000' }] }, 'request.invalid', '/dimensions/0'],
])('%j is refused', (spec, code, pointer) => {
  let fault: unknown;
  try {
    compiled(spec);
  } catch (error) {
    fault = error;
  }
  expect(fault).toBeInstanceOf(AppError);
  expect(fault).toMatchObject({ code, pointer });
});
