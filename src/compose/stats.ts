import { statfs } from 'node:fs/promises';
import { version as duckdbVersion } from '@duckdb/node-bindings/package.json';
import { iso, steadyClock } from '../base/clock.ts';
import { memoryLimitBytes } from '../base/memory.ts';
import type { Engine } from '../engine/engine.ts';
import type { SourceRunner } from '../engine/source-runner.ts';
import type { DatasetStore } from '../store/datasets.ts';
import { LIMITS } from '../telemetry/metrics.ts';
import type { Engines } from './engines.ts';
import type { Parts } from './parts.ts';

export interface StatsDeps {
  version: string;
  engine: Engine;
  pools: Engines;
  access: Pick<SourceRunner, 'pools'>;
  datasets: DatasetStore;
  /** Numbers of other parts, by their names in the answer. */
  more: Readonly<Record<string, () => object | Promise<object>>>;
}

async function limitsHit({ metrics }: Parts): Promise<Record<string, number>> {
  const { values } = await metrics.limitsHit.get();
  const counts = new Map(values.map(({ labels, value }) => [labels.limit, value]));
  return Object.fromEntries(
    LIMITS.flatMap((limit) => (counts.get(limit) ? [[limit, counts.get(limit)!]] : [])),
  );
}

/** The numbers of the process for an administrator. Times are ISO texts, sizes bytes, ages seconds. */
export function createStats(parts: Parts, { version, engine, pools, access, datasets, more }: StatsDeps) {
  const { clock, folders } = parts;
  const startedAtMs = clock.now();
  const steadyStartMs = steadyClock.now();

  return async () => {
    const now = clock.now();
    const { bavail, bsize, blocks } = await statfs(folders.datasets);
    const running = engine.running().map(({ startedAtMs: atMs, ...query }) => ({
      ...query,
      startedAt: iso(atMs),
      ageS: Math.max(0, Math.round((now - atMs) / 1000)),
    }));
    const { engines, ...lanes } = pools;
    const workers = Object.fromEntries(Object.entries(lanes).map(([name, lane]) => [name, lane.stats()]));
    const others = await Promise.all(
      Object.entries(more).map(async ([name, ask]) => [name, await ask()] as const),
    );
    return {
      version,
      versions: {
        service: version,
        bun: Bun.version,
        duckdb: `v${duckdbVersion.split('-')[0]}`,
      },
      process: {
        pid: process.pid,
        startedAt: iso(startedAtMs),
        uptimeS: Math.floor((steadyClock.now() - steadyStartMs) / 1000),
      },
      memory: { ...process.memoryUsage(), limit: memoryLimitBytes() },
      workers,
      engines: { processes: engines.list(), dangerous: engines.dangerous() },
      queries: { ...engine.stats(), running, slow: engine.slow.list() },
      datasources: { pools: await access.pools() },
      datasets: await datasets.totals(),
      disk: { free: bavail * bsize, total: blocks * bsize },
      limitsHit: await limitsHit(parts),
      ...Object.fromEntries(others),
    };
  };
}
