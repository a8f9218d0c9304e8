import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { PivotSpec } from '../../src/domain/pivot-spec.ts';
import { oraclePivotLong } from '../support/oracle/pivot.ts';
import type { OracleColumn } from '../support/oracle/values.ts';
import { pivotIn, tableOf } from './directed.ts';
import { Harness, SETTINGS } from './harness.ts';

/** What random requests found, each by its behaviour. */
let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
});
afterAll(() => harness[Symbol.asyncDispose]());

const COLUMNS: readonly OracleColumn[] = [
  { name: 'kind', type: 'text' },
  { name: 'rate', type: 'float' },
  { name: 'price', type: 'decimal', scale: 2 },
  { name: 'n', type: 'integer' },
];
const table = tableOf(COLUMNS, [
  ['a', 1, 150n, 1n],
  ['b', 1, 150n, 5n],
  ['a', 2.5, 275n, 9n],
  ['b', 2.5, 275n, 2n],
  ['c', 2.5, 275n, null],
]);

test('a page does not take away the one header of an axis without dimensions', async () => {
  const { answer } = await pivotIn(harness, table, {
    rows: ['kind'],
    measures: [{ agg: 'sum', field: 'n' }],
    page: { columns: { offset: 1, limit: 0 } },
  });
  expect(answer.columns.members).toEqual([[]]);
  expect(answer.cells).toEqual([[10], [7], [null]]);
});

test('rows sort by the column of a whole float member', async () => {
  const { answer } = await pivotIn(harness, table, {
    rows: ['kind'],
    columns: ['rate'],
    measures: [{ agg: 'sum', field: 'n' }],
    sort: [{ axis: 'rows', level: 'kind', by: 'sum_n', column: [1], dir: 'desc' }],
  });
  expect(answer.rows.members).toEqual([['b'], ['a'], ['c']]);
});

test('rows sort by the column of a decimal member given as a number', async () => {
  const { answer } = await pivotIn(harness, table, {
    rows: ['kind'],
    columns: ['price'],
    measures: [{ agg: 'sum', field: 'n' }],
    sort: [{ axis: 'rows', level: 'kind', by: 'sum_n', column: [1.5], dir: 'desc' }],
  });
  expect(answer.rows.members).toEqual([['b'], ['a'], ['c']]);
});

test('counts that are filled with zero sort as zero', async () => {
  const { answer } = await pivotIn(harness, table, {
    rows: ['kind'],
    columns: ['rate'],
    measures: [{ agg: 'count', as: 'n' }],
    fill: 'zero',
    sort: [{ axis: 'rows', level: 'kind', by: 'n', column: [1] }],
  });
  expect(answer.rows.members).toEqual([['c'], ['a'], ['b']]);
});

test('the long shape keeps a group whose measures are all null, as the grid does', async () => {
  const spec: PivotSpec = {
    from: { dataset: 'test' },
    rows: ['kind'],
    measures: [{ agg: 'sum', field: 'n' }],
  };
  const source = await harness.publish(table);
  const { answer } = await harness.ask({ kind: 'pivot', spec, format: 'long' }, source);
  expect(answer).toEqual(oraclePivotLong(table, spec, SETTINGS));
  expect((answer as { rows: unknown[] }).rows).toContainEqual(['c', 1, 0, null]);
});

test('a float that is -0 equals 0, in whatever file it is stored', async () => {
  const zeros = tableOf(COLUMNS, [['a', -0, 0n, 1n], ...Array.from({ length: 9 }, () => ['b', 1.5, 0n, 1n])]);
  for (const where of [
    { field: 'rate', op: 'eq' as const, value: 0 },
    { field: 'rate', op: 'in' as const, values: ['0.0'] },
    { field: 'rate', op: 'in' as const, values: [0, 7] },
    { not: { field: 'rate', op: 'ne' as const, value: 0 } },
  ]) {
    const { answer } = await pivotIn(harness, zeros, { measures: [{ agg: 'count', as: 'n' }], where });
    expect(answer.cells).toEqual([[1]]);
  }
});
