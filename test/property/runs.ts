/** How much a plain test run compares. `bun test/property/soak.ts` does as much as one likes. */
export const SEED = 20_240_331;
export const PIVOT_TABLES = 700;
export const SPEC_TABLES = 350;
export const DISTINCT_TABLES = 150;
/** Tables are asked three times each. */
export const TIMEOUT_MS = 600_000;
