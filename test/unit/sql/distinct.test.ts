import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Column } from '../../../src/domain/column.ts';
import type { DistinctSpec } from '../../../src/domain/query-spec.ts';
import { compileDistinct } from '../../../src/sql/distinct.ts';
import { openDatabase, scopeOf, type TestDatabase, table } from './duckdb.ts';

const COLUMNS: Column[] = [
  { name: 'city', type: 'text' },
  { name: 'n', type: 'integer' },
  { name: 'at', type: 'timestamptz' },
];

let db: TestDatabase;
beforeAll(async () => {
  db = await openDatabase();
  await db.run(`CREATE TABLE t AS SELECT * FROM (VALUES
    ('Zürich', 10::BIGINT, TIMESTAMPTZ '2024-05-31 22:30:00Z'), ('Rome', 1, NULL), ('Rome', 21, NULL), ('100%', NULL, NULL),
    (NULL, 1, NULL), (NULL, 1, NULL), (NULL, 1, NULL), ('', 2, NULL)) v(city, n, "at")`);
});
afterAll(() => db[Symbol.asyncDispose]());

const valuesOf = (spec: Omit<DistinctSpec, 'from'>) =>
  db.rows(
    compileDistinct(
      { from: { dataset: 't' }, ...spec },
      table('t'),
      scopeOf(COLUMNS, { timezone: 'Europe/Rome' }),
    ).statement,
  );

test('values with their counts, null among them', async () => {
  expect(await valuesOf({ field: 'city' })).toEqual([
    ['', '1'],
    ['100%', '1'],
    ['Rome', '2'],
    ['Zürich', '1'],
    [null, '3'],
  ]);
});

test('by count, ties by value', async () => {
  expect(await valuesOf({ field: 'city', orderBy: 'count', limit: 3 })).toEqual([
    [null, '3'],
    ['Rome', '2'],
    ['', '1'],
  ]);
});

test('search ignores case and takes signs as they are', async () => {
  expect(await valuesOf({ field: 'city', search: 'ZÜ' })).toEqual([['Zürich', '1']]);
  expect(await valuesOf({ field: 'city', search: '%' })).toEqual([['100%', '1']]);
  expect(await valuesOf({ field: 'n', search: '1' })).toEqual([
    ['1', '4'],
    ['10', '1'],
    ['21', '1'],
  ]);
  expect(await valuesOf({ field: 'at', search: '2024-06-01t00:30' })).toEqual([
    ['2024-06-01T00:30:00+02:00', '1'],
  ]);
  expect(await valuesOf({ field: { field: 'at', grain: 'month' }, search: '06-01' })).toEqual([
    ['2024-06-01', '1'],
  ]);
});

test('where and page', async () => {
  expect(
    await valuesOf({ field: 'city', where: { field: 'n', op: 'lt', value: 10 }, limit: 1, offset: 1 }),
  ).toEqual([['Rome', '1']]);
});
