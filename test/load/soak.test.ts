import { expect, test } from 'bun:test';
import { type SoakResult, soak } from './soak.ts';

/** What pools that fill late may add to a short run; a leak of one a request is far past it. */
const LATE = 3;

const most = (use: SoakResult['before'], of: (each: SoakResult['before'][number]) => number) =>
  Math.max(...use.map(of));

test('mixed requests at two processes leave nothing behind', async () => {
  const result = await soak({ processes: 2, warmUp: 500, requests: 1500, clients: 8 });
  expect(result.failures).toEqual([]);
  expect(Object.keys(result.byKind)).toHaveLength(12);
  expect(result.replaced).toBe(0);
  expect(result.connections).toEqual({ established: 0, closeWait: 0 });
  expect(result.filesLeft).toEqual([]);
  const descriptors = most(result.before, (use) => use.descriptors.length);
  expect(most(result.after, (use) => use.descriptors.length)).toBeLessThanOrEqual(descriptors + LATE);
  const threads = most(result.before, (use) => use.threads);
  expect(most(result.after, (use) => use.threads)).toBeLessThanOrEqual(threads + LATE);
  // The long form bounds the ratio; so early, the collector has not found its pace, and 64 KiB kept a request would be +47 MiB.
  for (const [i, last] of result.rssMiB.lastQuarter.entries())
    expect(last - result.rssMiB.secondQuarter[i]!).toBeLessThan(64);
});
