import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Clock } from '../base/clock.ts';
import { iso } from '../base/clock.ts';
import { type FaultPoints, NO_FAULTS } from '../base/fault-point.ts';
import type { Config } from '../config.ts';
import { RUN_TRIGGERS } from '../domain/run.ts';
import { FireSchedules } from '../jobs/fire-schedules.ts';
import { type Job, jobRegistry } from '../jobs/job.ts';
import { Leadership } from '../jobs/leadership.ts';
import { LostRuns } from '../jobs/lost-runs.ts';
import { Runner } from '../jobs/runner.ts';
import { Scheduler } from '../jobs/scheduler.ts';
import { Calendars } from '../services/calendars.ts';
import type { Identity } from '../services/identity.ts';
import { Runs } from '../services/runs.ts';
import { SchedulerState } from '../services/scheduler-state.ts';
import { Schedules, type ScheduleTarget } from '../services/schedules.ts';
import type { Store } from '../store/store.ts';
import type { Parts } from './parts.ts';

export type JobConfig = Pick<
  Config,
  | 'CATCH_UP_MAX'
  | 'JOB_CONCURRENCY'
  | 'JOB_MAX_ATTEMPTS'
  | 'JOB_MAX_LOSSES'
  | 'JOB_RETRY_SECONDS'
  | 'JOB_TIMEOUT_SECONDS'
  | 'LEASE_SECONDS'
  | 'RUN_DAYS'
  | 'RUN_LOG_MAX_LINES'
  | 'RUN_SCHEDULER'
  | 'TIMEZONE'
>;

/** An instant that is later than this follows the schedule's `catchUp`: longer than a hand-over takes. */
const MISSED_AFTER_LEASES = 6;

/** The door for what queues runs; made before the services that do. */
export function createRuns(
  { clock }: Pick<Parts, 'clock'>,
  store: Store,
  { audit }: Pick<Identity, 'audit'>,
  isScheduled?: () => boolean,
): Runs {
  return new Runs({ store, audit, clock, isScheduled });
}

export interface JobsDeps extends Pick<Parts, 'clock' | 'log' | 'metrics'> {
  config: JobConfig;
  steady: Clock;
  store: Store;
  runs: Runs;
  audit: Identity['audit'];
  /** What this process can run, and what of it a schedule may start. */
  jobs: readonly Job[];
  targets: readonly ScheduleTarget[];
  /** Tests that kill processes name the places. */
  faults?: FaultPoints | undefined;
}

/** What runs while no process is a candidate for the scheduler: all but what schedules queued. */
const UNSCHEDULED = RUN_TRIGGERS.filter((trigger) => trigger !== 'schedule');

function createRunner(deps: JobsDeps, processName: string, leadership: Leadership): Runner {
  const { config, store, runs, clock, log, metrics, jobs, faults = NO_FAULTS } = deps;
  return new Runner({
    ...{ store, runs, clock, log, metrics, processName, faults },
    registry: jobRegistry(jobs),
    triggers: () => (config.RUN_SCHEDULER ? undefined : leadership.isExpected ? [] : UNSCHEDULED),
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
}

function createScheduler(deps: JobsDeps, schedules: Schedules, processName: string) {
  const { config, store, runs, clock, steady, log, metrics, faults = NO_FAULTS } = deps;
  const leaseMs = config.LEASE_SECONDS * 1000;
  const isCandidate = config.RUN_SCHEDULER;
  const leadership = new Leadership({
    store,
    clock,
    steady,
    log,
    metrics,
    processName,
    leaseMs,
    isCandidate,
    faults,
  });
  const rule = { missedAfterMs: leaseMs * MISSED_AFTER_LEASES, most: config.CATCH_UP_MAX };
  const fires = new FireSchedules({ store, runs, schedules, clock, log, metrics, rule, faults });
  const lost = new LostRuns({
    store,
    clock,
    steady,
    log,
    metrics,
    leaseMs,
    maxLosses: config.JOB_MAX_LOSSES,
    faults,
  });
  const keepDays = config.RUN_DAYS;
  const scheduler = new Scheduler({ store, leadership, fires, lost, clock, log, leaseMs, keepDays });
  return { leadership, scheduler };
}

/**
 * Schedules, calendars, and what runs in this process: as a candidate it leads or stands by, and works on runs; else it watches, and works on runs
 * that were asked for by hand while no process leads.
 */
export function createJobs(deps: JobsDeps) {
  const { config, store, runs, clock, audit, targets, metrics, jobs } = deps;
  const processName = `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const isScheduled = (): boolean => leadership.isExpected;
  const defaultTimezone = config.TIMEZONE;
  const schedules: Schedules = new Schedules({
    store,
    audit,
    clock,
    runs,
    targets,
    defaultTimezone,
    isScheduled,
  });
  const calendars = new Calendars({ store, audit, clock, schedules });
  const { leadership, scheduler } = createScheduler(deps, schedules, processName);
  const runner = createRunner(deps, processName, leadership);
  const kinds = jobs.map(({ kind }) => kind);
  const state = new SchedulerState({ store, schedules, clock, leader: leadership, kinds });
  metrics.beforeScrape.push(async () => {
    const oldest = await store.runs.oldestDue(iso(clock.now()));
    metrics.runQueueAge.set(oldest ? Math.max(0, clock.now() - Date.parse(oldest)) / 1000 : 0);
  });
  return {
    ...{ schedules, calendars, state, runner, leadership, processName },
    start() {
      scheduler.start();
      runner.start();
    },
    /** Gives the lease back at once, running runs `graceMs` to end. */
    async stop(graceMs: number) {
      await Promise.all([scheduler.stop(), runner.stop(graceMs)]);
    },
    stats: async () => ({ ...(await store.runs.counts()), inThisProcess: runner.running }),
  };
}
