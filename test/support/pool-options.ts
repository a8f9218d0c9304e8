import { silentLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import type { PoolOptions } from '../../src/workers/pool.ts';

/** Options of a pool of test threads. */
export function poolOptions(url: string, more: Partial<PoolOptions> = {}): PoolOptions {
  return {
    name: 'test',
    url,
    size: 1,
    options: { greeting: 'hello' },
    metrics: createMetrics(),
    log: silentLog,
    ...more,
  };
}
