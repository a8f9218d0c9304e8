import { afterAll, beforeAll, expect, test } from 'bun:test';
import { CHECKS, type CheckName } from './check.ts';
import { Harness } from './harness.ts';
import { SEED, TABLES, TIMEOUT_MS } from './runs.ts';

let harness: Harness;
beforeAll(async () => {
  process.stdout.write(`seed ${SEED}\n`);
  harness = await Harness.open();
});
afterAll(() => harness[Symbol.asyncDispose]());

const CLAIMS: Readonly<Record<CheckName, string>> = {
  pivots: 'random pivots are, cell by cell and total by total, what brute force says',
  specs: 'random specs give the rows that brute force gives, in its order',
  conditions: 'random conditions keep as many rows as brute force keeps',
  distinct: 'random distinct values are those of brute force, with their counts',
};

for (const [name, claim] of Object.entries(CLAIMS) as [CheckName, string][])
  test(
    claim,
    async () => {
      const compared = await CHECKS[name](harness, { seed: SEED, tables: TABLES[name] });
      // Three a table and more; a few drafts of a spec have nothing to ask for.
      expect(compared).toBeGreaterThan(2 * TABLES[name]);
    },
    TIMEOUT_MS,
  );
