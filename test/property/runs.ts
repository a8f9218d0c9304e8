import type { CheckName } from './check.ts';

export const SEED = 20_240_331;

/** How many tables a plain test run asks, so that it ends within a minute. `soak.ts` does as much as one likes. */
export const TABLES: Readonly<Record<CheckName, number>> = {
  pivots: 670,
  specs: 200,
  conditions: 100,
  distinct: 60,
};
export const TIMEOUT_MS = 600_000;
