import { expect, test } from 'bun:test';
import { overload } from './overload.ts';

/**
 * What the long form demands; where other work shares the cores, a server that does nothing else takes as long or longer for its slowest answers, and
 * health may take so many times as long. A front that begins all it was asked for before it looks again took 7 to 20 times as long.
 */
const HEALTH_P99_MS = 50;
const TIMES_BARE = 4;
const RECOVERY_MS = 20_000;

test('five times as many heavy pivots as may run and wait: health answers, refusals say when to come again', async () => {
  const result = await overload({ rows: 100_000, answered: 15, samples: 200 });
  expect(result.failures).toEqual([]);
  expect(Object.keys(result.refused).sort()).toEqual(['429 limit.user', '503 overloaded']);
  expect(result.health.samples).toBeGreaterThanOrEqual(200);
  const { busyP99Ms, bareP99Ms } = result.health;
  expect(busyP99Ms).toBeLessThan(Math.max(HEALTH_P99_MS, TIMES_BARE * bareP99Ms));
  expect(result.recoveryMs).toBeLessThan(RECOVERY_MS);
});
