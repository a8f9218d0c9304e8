import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { PivotSpec } from '../../src/domain/pivot-spec.ts';
import { difference } from '../support/oracle/differences.ts';
import { oraclePivot, type PivotAnswer } from '../support/oracle/pivot.ts';
import { tableOf } from './directed.ts';
import { CAPS, Harness, SETTINGS } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
});
afterAll(() => harness[Symbol.asyncDispose]());

const table = tableOf(
  [
    { name: 'group', type: 'text' },
    { name: 'item', type: 'integer' },
    { name: 'channel', type: 'integer' },
    { name: 'n', type: 'integer' },
  ],
  Array.from({ length: 900 }, (_, i) => [`g${i % 5}`, BigInt(i % 150), BigInt(i % 12), BigInt(i)]),
);

const spec: PivotSpec = {
  from: { dataset: 'test' },
  rows: ['group', 'item'],
  columns: ['channel'],
  measures: [
    { agg: 'sum', field: 'n' },
    { agg: 'median', field: 'n' },
  ],
  totals: { rows: 'all', columns: 'all' },
};

async function askWithin(cells: number, asked: PivotSpec = spec) {
  const source = await harness.publish(table);
  const request = { kind: 'pivot', spec: asked } as const;
  const { answer, summary } = await harness.ask(request, source, {
    inWorker: true,
    caps: { ...CAPS, cells },
  });
  return { answer: answer as PivotAnswer, summary };
}

for (const cells of [400, 1000, 2500, 4000])
  test(`a cap of ${cells} cells cuts details, says so, and leaves the totals complete`, async () => {
    const { answer, summary } = await askWithin(cells);
    expect(summary.cutBy).toEqual(['PIVOT_MAX_CELLS']);
    expect(answer.cells.length * answer.cells[0]!.length).toBeLessThanOrEqual(cells);
    const { rows, columns } = answer.detail;
    expect(rows.total).toBe(150);
    expect(columns.total).toBe(12);
    expect(rows.truncated || columns.truncated).toBe(true);
    const page = { rows: { limit: rows.returned }, columns: { limit: columns.returned } };
    expect(difference(answer, oraclePivot(table, { ...spec, page }, SETTINGS))).toBeUndefined();
    expect(answer.rows.level.filter((level) => level < 2)).toHaveLength(6);
  });

test('a cap that takes everything cuts nothing', async () => {
  const { answer, summary } = await askWithin(156 * 13 * 2);
  expect(summary.cutBy).toEqual([]);
  expect(difference(answer, oraclePivot(table, spec, SETTINGS))).toBeUndefined();
});

test('a page within the cap is not called cut', async () => {
  const { answer, summary } = await askWithin(1000, {
    ...spec,
    page: { rows: { limit: 10 }, columns: { limit: 3 } },
  });
  expect(summary.cutBy).toEqual([]);
  expect(answer.detail.rows).toEqual({ returned: 10, total: 150, truncated: true });
});

test('totals that alone pass the cap are refused, not cut', async () => {
  await expect(askWithin(20)).rejects.toMatchObject({ code: 'limit.cells' });
});

test('few cells that still hold a detail beside the totals are used for it', async () => {
  const { answer } = await askWithin(50);
  expect(answer.detail.rows.returned).toBeGreaterThan(0);
  expect(answer.detail.columns.returned).toBeGreaterThan(0);
  expect(answer.cells.length * answer.cells[0]!.length).toBeLessThanOrEqual(50);
});

test('a file, which could not say that it was cut, is refused past the cap', async () => {
  const source = await harness.publish(table);
  const within = (cells: number) =>
    harness.ask({ kind: 'pivot', spec, format: 'csv' }, source, { inWorker: true, caps: { ...CAPS, cells } });
  await expect(within(1000)).rejects.toMatchObject({ code: 'limit.cells' });
  expect((await within(156 * 13 * 2)).summary.cutBy).toEqual([]);
});
