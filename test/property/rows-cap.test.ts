import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { QuerySpec } from '../../src/domain/query-spec.ts';
import { oracleSpec } from '../support/oracle/spec.ts';
import { tableOf } from './directed.ts';
import { CAPS, Harness, SETTINGS } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
});
afterAll(() => harness[Symbol.asyncDispose]());

const SIZE = 5000;
const table = tableOf(
  [{ name: 'id', type: 'integer' }],
  Array.from({ length: SIZE }, (_, i) => [BigInt(i)]),
);
const spec: QuerySpec = { from: { dataset: 'test' }, dimensions: ['id'], totalRows: true };

async function askWithin(rows: number, asked: QuerySpec = spec) {
  const source = await harness.publish(table);
  const caps = { ...CAPS, rows };
  const { answer, summary } = await harness.ask({ kind: 'spec', spec: asked }, source, {
    inWorker: true,
    caps,
  });
  return { answer: answer as { rows: unknown[][] }, summary };
}

for (const rows of [1, 2047, 2048, 2049, 4096, SIZE - 1])
  test(`a cap of ${rows} rows gives the first ${rows}, says that it cut, and counts them all`, async () => {
    const { answer, summary } = await askWithin(rows);
    expect(answer.rows).toEqual(oracleSpec(table, { ...spec, limit: rows }, SETTINGS).rows);
    expect(summary).toMatchObject({ rowCount: rows, cutBy: ['QUERY_MAX_ROWS'], totalRows: SIZE });
  });

for (const rows of [SIZE, SIZE + 1])
  test(`a cap of ${rows} rows does not cut ${SIZE}`, async () => {
    const { answer, summary } = await askWithin(rows);
    expect(answer.rows).toHaveLength(SIZE);
    expect(summary.cutBy).toEqual([]);
  });

test('a limit at the cap is a page, no cut', async () => {
  const { answer, summary } = await askWithin(100, { ...spec, limit: 100, offset: 7 });
  expect(answer.rows.at(0)).toEqual([7]);
  expect(answer.rows).toHaveLength(100);
  expect(summary.cutBy).toEqual([]);
});
