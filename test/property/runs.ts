import type { CheckName } from './check.ts';

export const SEED = 20_240_331;

/** How many tables a plain test run asks, so that it ends within a minute. `soak.ts` does as much as one likes. */
export const TABLES: Readonly<Record<CheckName, number>> = {
  pivots: 700,
  specs: 300,
  conditions: 150,
  distinct: 100,
};
export const TIMEOUT_MS = 600_000;
