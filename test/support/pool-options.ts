import type { PoolOptions } from '../../src/workers/pool.ts';

/** Options of a pool of test threads. */
export function poolOptions(url: string, more: Partial<PoolOptions> = {}): PoolOptions {
  return {
    url,
    size: 1,
    options: { greeting: 'hello' },
    ...more,
  };
}
