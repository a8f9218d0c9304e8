import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Config } from '../config.ts';
import { type Job, jobRegistry } from '../jobs/job.ts';
import { Runner } from '../jobs/runner.ts';
import type { Identity } from '../services/identity.ts';
import { Runs } from '../services/runs.ts';
import type { Store } from '../store/store.ts';
import type { Parts } from './parts.ts';

export type JobConfig = Pick<
  Config,
  | 'JOB_CONCURRENCY'
  | 'JOB_MAX_ATTEMPTS'
  | 'JOB_RETRY_SECONDS'
  | 'JOB_TIMEOUT_SECONDS'
  | 'LEASE_SECONDS'
  | 'RUN_LOG_MAX_LINES'
  | 'RUN_SCHEDULER'
>;

/** The door for what queues runs; made before the services that do. */
export function createRuns(
  { clock }: Pick<Parts, 'clock'>,
  store: Store,
  { audit }: Pick<Identity, 'audit'>,
): Runs {
  return new Runs({ store, audit, clock });
}

export type JobParts = Pick<Parts, 'clock' | 'log' | 'metrics'> & { config: JobConfig };

/** What runs queued runs in this process, and its stop; does nothing unless RUN_SCHEDULER says so. */
export function createJobs(
  { config, clock, log, metrics }: JobParts,
  store: Store,
  runs: Runs,
  jobs: readonly Job[],
) {
  const processName = `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const runner = new Runner({
    ...{ store, runs, clock, log, metrics, processName },
    registry: jobRegistry(jobs),
    options: {
      concurrency: config.JOB_CONCURRENCY,
      timeoutS: config.JOB_TIMEOUT_SECONDS,
      leaseS: config.LEASE_SECONDS,
      maxLogLines: config.RUN_LOG_MAX_LINES,
      retry: {
        maxAttempts: config.JOB_MAX_ATTEMPTS,
        delayMs: config.JOB_RETRY_SECONDS * 1000,
        random: Math.random,
      },
    },
  });
  return {
    runner,
    start() {
      if (config.RUN_SCHEDULER) runner.start();
    },
    async stop(graceMs: number) {
      if (config.RUN_SCHEDULER) await runner.stop(graceMs);
    },
  };
}
