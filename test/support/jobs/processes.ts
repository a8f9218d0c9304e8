import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { steadyClock, systemClock } from '../../../src/base/clock.ts';
import { createJobs, type JobConfig } from '../../../src/compose/jobs.ts';
import { readConfig } from '../../../src/config.ts';
import type { Job } from '../../../src/jobs/job.ts';
import { Audit } from '../../../src/services/audit.ts';
import { Runs } from '../../../src/services/runs.ts';
import type { ScheduleTarget } from '../../../src/services/schedules.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { createStore } from '../../../src/store/store.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';

/** A folder with metadata that several processes share. */
export async function openMetadata() {
  const folder = await mkdtemp(join(tmpdir(), 'jobs-'));
  const path = join(folder, 'meta.sqlite');
  const db = await openDatabase(path);
  const log = createLog('critical', () => undefined);
  await migrate(db, path, log);
  const store = createStore(db);
  return {
    path,
    db,
    store,
    async [Symbol.asyncDispose]() {
      await db.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What `serve` has of jobs, over metadata that is there, as a process of its own would have it. */
export async function openJobs(
  path: string,
  jobs: readonly Job[],
  env: Partial<Record<keyof JobConfig, string>> = {},
  targets: readonly ScheduleTarget[] = [],
  heard: (line: string) => void = () => undefined,
) {
  const db = await openDatabase(path);
  const store = createStore(db);
  const metrics = createMetrics();
  const logged: Record<string, unknown>[] = [];
  const log = createLog('debug', (line) => {
    logged.push(JSON.parse(line));
    heard(line);
  });
  const clock = systemClock;
  const runs = new Runs({ store, audit: new Audit(store, clock), clock });
  const config = readConfig({ RUN_SCHEDULER: '1', LEASE_SECONDS: '2', ...env });
  const audit = new Audit(store, clock);
  const steady = steadyClock;
  const parts = createJobs({ config, clock, steady, log, metrics, store, runs, audit, jobs, targets });
  parts.start();
  return {
    ...{ store, runs, metrics, logged, parts },
    async [Symbol.asyncDispose]() {
      await parts.stop(0);
      await db.destroy();
    },
  };
}

export const NOBODY = { actor: null, address: null, requestId: null };

export const aRun = (kind: string, more: Record<string, unknown> = {}) => ({
  kind,
  subjectId: null,
  trigger: 'manual' as const,
  input: {},
  createdBy: null,
  ...more,
});
