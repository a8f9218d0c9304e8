import { afterAll, beforeAll, expect, test } from 'bun:test';
import { checkDistinct, checkPivots, checkSpecs } from './check.ts';
import { Harness } from './harness.ts';
import { DISTINCT_TABLES, PIVOT_TABLES, SEED, SPEC_TABLES, TIMEOUT_MS } from './runs.ts';

let harness: Harness;
beforeAll(async () => {
  process.stdout.write(`seed ${SEED}\n`);
  harness = await Harness.open();
});
afterAll(() => harness[Symbol.asyncDispose]());

test(
  'random pivots are, cell by cell and total by total, what brute force says',
  async () => {
    expect(await checkPivots(harness, { seed: SEED, tables: PIVOT_TABLES })).toBe(3 * PIVOT_TABLES);
  },
  TIMEOUT_MS,
);

test(
  'random specs give the rows that brute force gives, in its order',
  async () => {
    // A draft without dimensions and measures is no query.
    expect(await checkSpecs(harness, { seed: SEED, tables: SPEC_TABLES })).toBeGreaterThan(2 * SPEC_TABLES);
  },
  TIMEOUT_MS,
);

test(
  'random distinct values are those of brute force, with their counts',
  async () => {
    expect(await checkDistinct(harness, { seed: SEED, tables: DISTINCT_TABLES })).toBe(3 * DISTINCT_TABLES);
  },
  TIMEOUT_MS,
);
