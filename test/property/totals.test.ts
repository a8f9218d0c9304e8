import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Measure } from '../../src/domain/query-spec.ts';
import type { OracleColumn } from '../support/oracle/values.ts';
import { pivotIn, rowOf, tableOf } from './directed.ts';
import { Harness } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
});
afterAll(() => harness[Symbol.asyncDispose]());

const ALL = { rows: 'all', columns: 'all' } as const;
const SALES: readonly OracleColumn[] = [
  { name: 'region', type: 'text' },
  { name: 'product', type: 'text' },
  { name: 'channel', type: 'text' },
  { name: 'customer', type: 'integer' },
  { name: 'amount', type: 'decimal', scale: 2 },
];
const sales = tableOf(SALES, [
  ['EU', 'A', 'web', 1n, 100n],
  ['EU', 'A', 'shop', 2n, 200n],
  ['EU', 'A', 'web', 1n, 600n],
  ['EU', 'B', 'web', 1n, 1000n],
  ['US', 'A', 'web', 2n, 5000n],
  ['US', 'C', 'shop', 3n, 10n],
]);
const sum: Measure = { agg: 'sum', field: 'amount', as: 'v' };

test('an average at a total is that of the rows, not of the shown averages', async () => {
  const asked = await pivotIn(harness, sales, {
    rows: ['region', 'product'],
    measures: [{ agg: 'avg', field: 'amount' }],
    totals: ALL,
  });
  expect(rowOf(asked, ['EU', 'A'])).toEqual([3]);
  expect(rowOf(asked, ['EU', 'B'])).toEqual([10]);
  expect(rowOf(asked, ['EU'])).toEqual([4.75]);
  expect((rowOf(asked, [])[0] as number) * 6).toBeCloseTo(69.1, 9);
});

test('a distinct count at a total counts a customer once, however many groups have it', async () => {
  const asked = await pivotIn(harness, sales, {
    rows: ['region', 'product'],
    columns: ['channel'],
    measures: [{ agg: 'countDistinct', field: 'customer' }],
    totals: ALL,
  });
  expect(rowOf(asked, ['EU', 'A'])).toEqual([1, 1, 2]);
  expect(rowOf(asked, ['EU'])).toEqual([1, 1, 2]);
  expect(rowOf(asked, [])).toEqual([2, 2, 3]);
});

test('a median at a total is that of the rows', async () => {
  const asked = await pivotIn(harness, sales, {
    rows: ['region'],
    measures: [{ agg: 'median', field: 'amount' }],
    totals: ALL,
  });
  expect(asked.answer.cells).toEqual([[4], [25.05], [4]]);
});

test('one detail shown leaves every total complete', async () => {
  const asked = await pivotIn(harness, sales, {
    rows: ['region', 'product'],
    columns: ['channel'],
    measures: [sum],
    totals: ALL,
    page: { rows: { limit: 1 }, columns: { limit: 1 } },
  });
  expect(asked.answer.rows.members).toEqual([['EU', 'A'], ['EU'], ['US'], []]);
  expect(asked.answer.cells.map((row) => row.at(-1))).toEqual(['9.00', '19.00', '50.10', '69.10']);
  expect(asked.answer.detail.rows).toEqual({ returned: 1, total: 4, truncated: true });
  expect(asked.answer.totals).toBe('complete');
});

test('an offset past the end leaves the totals alone', async () => {
  const asked = await pivotIn(harness, sales, {
    rows: ['region', 'product'],
    columns: ['channel'],
    measures: [sum],
    totals: ALL,
    page: { rows: { offset: 99, limit: 10 }, columns: { offset: 99 } },
  });
  expect(asked.answer.rows.members).toEqual([['EU'], ['US'], []]);
  expect(asked.answer.columns.members).toEqual([[]]);
  expect(asked.answer.cells).toEqual([['19.00'], ['50.10'], ['69.10']]);
});

test('totals of both axes are there past 500 members', async () => {
  const many = tableOf(
    SALES,
    Array.from({ length: 1503 }, (_, i) => ['R', `p${i % 501}`, `c${i % 3}`, BigInt(i), 1n]),
  );
  const { answer } = await pivotIn(harness, many, {
    rows: ['channel'],
    columns: ['product'],
    measures: [sum],
    totals: ALL,
  });
  expect(answer.columns.members).toHaveLength(502);
  expect(answer.rows.members).toHaveLength(4);
  expect(answer.cells[3]![501]).toBe('15.03');
  expect(answer.cells.slice(0, 3).map((row) => row[501])).toEqual(['5.01', '5.01', '5.01']);
});

test('a null member, an empty one and one named Total are not the total', async () => {
  const odd = tableOf(SALES, [
    [null, 'x', 'web', 1n, 1n],
    ['', 'x', 'web', 1n, 20n],
    ['Total', null, 'web', 1n, 300n],
    ['Total', '', 'web', 1n, 4000n],
    [null, null, null, 1n, 50_000n],
  ]);
  const { answer } = await pivotIn(harness, odd, {
    rows: ['region', 'product'],
    measures: [sum],
    totals: ALL,
  });
  expect(answer.rows.members).toEqual([
    ['', 'x'],
    [''],
    ['Total', ''],
    ['Total', null],
    ['Total'],
    [null, 'x'],
    [null, null],
    [null],
    [],
  ]);
  expect(answer.rows.level).toEqual([2, 1, 2, 2, 1, 2, 2, 1, 0]);
  expect(answer.cells.flat()).toEqual([
    '0.20',
    '0.20',
    '40.00',
    '3.00',
    '43.00',
    '0.01',
    '500.00',
    '500.01',
    '543.21',
  ]);
});

test('a group with one child has its subtotal too', async () => {
  const { answer } = await pivotIn(harness, tableOf(SALES, [['EU', 'A', 'web', 1n, 7n]]), {
    rows: ['region', 'product'],
    measures: [sum],
    totals: ALL,
  });
  expect(answer.rows.members).toEqual([['EU', 'A'], ['EU'], []]);
  expect(answer.cells).toEqual([['0.07'], ['0.07'], ['0.07']]);
});

test('decimals are added to the cent where floats would drift', async () => {
  const cents = tableOf(
    SALES,
    Array.from({ length: 1000 }, (_, i) => [
      'EU',
      `p${i % 7}`,
      'web',
      1n,
      i === 0 ? 900_719_925_474_099_301n : 10n,
    ]),
  );
  const asked = await pivotIn(harness, cents, { rows: ['product'], measures: [sum], totals: ALL });
  expect(rowOf(asked, [])).toEqual(['9007199254741092.91']);
});

test('integers past 2^53 are added exactly and travel as text', async () => {
  const big = tableOf(SALES, [
    ['EU', 'A', 'web', 9_223_372_036_854_775_807n, 0n],
    ['EU', 'B', 'web', 9_223_372_036_854_775_807n, 0n],
    ['EU', 'B', 'web', 3n, 0n],
  ]);
  const asked = await pivotIn(harness, big, {
    rows: ['region', 'product'],
    measures: [{ agg: 'sum', field: 'customer' }],
    totals: ALL,
  });
  expect(rowOf(asked, ['EU'])).toEqual(['18446744073709551617']);
});

const FIVE = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name): OracleColumn => ({ name, type: 'text' }));
const wide = tableOf(
  [...FIVE, { name: 'n', type: 'integer' }],
  Array.from({ length: 96 }, (_, i) => [
    ...FIVE.map((_, k) => ['x', 'y', null][Math.floor(i / (k + 1)) % (k % 2 === 0 ? 2 : 3)]!),
    BigInt(i),
  ]),
);
const MEASURES: Measure[] = [
  { agg: 'sum', field: 'n' },
  { agg: 'median', field: 'n' },
  { agg: 'countDistinct', field: 'a' },
];

for (const rows of [0, 1, 2, 5])
  for (const columns of [0, 1, 2])
    test(`${rows} row and ${columns} column dimensions with all totals add up from rows`, async () => {
      const asked = await pivotIn(harness, wide, {
        rows: FIVE.slice(0, rows).map(({ name }) => name),
        columns: FIVE.slice(5, 5 + columns).map(({ name }) => name),
        measures: MEASURES,
        totals: ALL,
      });
      expect(asked.answer.rows.members.at(-1)).toEqual([]);
      expect(asked.answer.cells.at(-1)!.slice(-3)).toEqual([4560, 47.5, 2]);
    });

test('no rows at all leave the grand total without a value', async () => {
  const { answer } = await pivotIn(harness, tableOf(SALES, []), {
    rows: ['region'],
    columns: ['channel'],
    measures: [sum, { agg: 'count', as: 'n' }],
    totals: ALL,
  });
  expect(answer.rows.members).toEqual([[]]);
  expect(answer.cells).toEqual([[null, null]]);
});

test('without a wish for totals there are none', async () => {
  const { answer } = await pivotIn(harness, sales, { rows: ['region', 'product'], measures: [sum] });
  expect(answer.rows.level).toEqual([2, 2, 2, 2]);
});
