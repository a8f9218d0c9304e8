import { type Clock, iso } from '../base/clock.ts';
import { AppError, type Code, describe } from '../base/errors.ts';
import type { FaultPoints } from '../base/fault-point.ts';
import { newId } from '../base/ids.ts';
import { leaveBlackout } from '../domain/instants.ts';
import type { NewRun } from '../domain/run.ts';
import type { Runs } from '../services/runs.ts';
import { placeAt, planOf, timingOf } from '../services/schedule-plan.ts';
import type { Schedules } from '../services/schedules.ts';
import type { Held } from '../store/leases.ts';
import type { ScheduleRecord } from '../store/schedules.ts';
import type { Nouns, Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type Due, type DueRule, dueInstants } from './missed.ts';

export interface FireDeps {
  store: Store;
  runs: Runs;
  schedules: Pick<Schedules, 'workOf'>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  rule: Omit<DueRule, 'catchUp'>;
  faults: FaultPoints;
}

const MOST_AT_ONCE = 50;

/** What no other schedule could be fired with either. */
const NOT_OF_A_SCHEDULE: ReadonlySet<Code> = new Set<Code>(['run.fenced', 'storage.unreachable']);

type Work = Omit<NewRun, 'trigger' | 'createdBy'> | { refused: string };

interface Firing {
  record: ScheduleRecord;
  due: Due;
  work: Work;
  /** A fire that is late, or that chance put off, may come into a blackout window: its run starts where that ends. */
  startMs: number;
  held: Held;
}

/** How many instants became a run, and how many none. */
interface Fired {
  run: number;
  skipped: number;
}

/** Fires what is due: for each instant one row, its run, and the schedule's next place, in one transaction under the leader's token. */
export class FireSchedules {
  /** Schedules that failed here, and until when they are left alone. */
  readonly #failedUntilMs = new Map<string, number>();

  constructor(readonly deps: FireDeps) {}

  async fire(held: Held): Promise<void> {
    const { store, clock, log } = this.deps;
    const now = clock.now();
    // Those that fail stay due: they must not stand before the others for ever.
    for (const record of await store.schedules.due(iso(now), MOST_AT_ONCE + this.#failedUntilMs.size)) {
      if ((this.#failedUntilMs.get(record.id) ?? 0) > performance.now()) continue;
      try {
        await this.#fireOne(record, now, held);
        this.#failedUntilMs.delete(record.id);
      } catch (error) {
        if (error instanceof AppError && NOT_OF_A_SCHEDULE.has(error.code)) throw error;
        this.#failedUntilMs.set(record.id, performance.now() + 10_000);
        log.error('schedule.notFired', { schedule: record.id, cause: describe(error) });
      }
    }
  }

  async #fireOne(record: ScheduleRecord, now: number, held: Held): Promise<void> {
    const { store, rule, faults } = this.deps;
    const { definition } = record;
    const timing = timingOf(definition);
    const next = await planOf(timing, store);
    const startMs = leaveBlackout(timing, now) ?? now;
    const due = dueInstants(next, Date.parse(record.nextInstant!), now, {
      ...rule,
      catchUp: definition.catchUp,
    });
    const firing = { record, due, work: await this.#work(record), startMs, held };
    await faults.reach('fire.before');
    const fired = await store.transaction(async (nouns) => {
      const written = await this.#write(firing, nouns);
      await faults.reach('fire.within');
      return written;
    });
    await faults.reach('fire.after');
    if (fired) this.#count(firing, fired, now);
  }

  async #work(record: ScheduleRecord): Promise<Work> {
    try {
      return await this.deps.schedules.workOf(record);
    } catch (error) {
      const { code, message } = error as AppError;
      if (error instanceof AppError && (code === 'resource.notFound' || code === 'request.invalid'))
        return { refused: message };
      throw error;
    }
  }

  /** Undefined when the schedule was changed since it was read: then it is looked at anew. */
  async #write(firing: Firing, nouns: Nouns): Promise<Fired | undefined> {
    const { record, due, work, held } = firing;
    await nouns.leases.hold(held);
    const { id, definition } = record;
    const last = due.run.at(-1) ?? due.lastSkipped ?? Date.parse(record.nextInstant!);
    const place = placeAt(id, definition, due.next);
    if (!(await nouns.schedules.advance(record, { ...place, lastInstant: iso(last) }))) return undefined;
    const fired: Fired = { run: 0, skipped: due.skipped };
    const fire = (instant: number, reason: string | null, count: number, runId: string | null) =>
      nouns.schedules.addFire({
        ...{ id: newId('fir'), scheduleId: id, instant: iso(instant), reason, count, runId },
        ...{ outcome: runId === null ? 'skipped' : 'run', firedAt: iso(this.deps.clock.now()) },
        token: held.token,
      });
    if (due.lastSkipped !== null)
      await fire(due.lastSkipped, due.isCapped ? 'missed, past CATCH_UP_MAX' : 'missed', due.skipped, null);
    for (const instant of due.run) {
      const isWaiting = definition.catchUp !== 'all' && (await nouns.schedules.hasWaitingRun(id));
      if ('refused' in work) await fire(instant, work.refused, 1, null);
      else if (isWaiting) await fire(instant, 'the run before still waits', 1, null);
      else await this.#start(firing, instant, work, nouns);
      fired['refused' in work || isWaiting ? 'skipped' : 'run']++;
    }
    return fired;
  }

  async #start(
    { record: { id }, startMs, held }: Firing,
    instant: number,
    work: Exclude<Work, { refused: string }>,
    nouns: Nouns,
  ): Promise<void> {
    const fireId = newId('fir');
    const at = iso(instant);
    const input = { ...work.input, scheduledFor: at };
    const run = { ...work, input, trigger: 'schedule' as const, createdBy: null, fireId };
    const runId = newId('run');
    const now = this.deps.clock.now();
    const isNew = await nouns.schedules.addFire({
      ...{ id: fireId, scheduleId: id, instant: at, outcome: 'run', reason: null, count: 1, runId },
      ...{ firedAt: iso(this.deps.clock.now()), token: held.token },
    });
    const later = startMs > now ? { availableAt: iso(startMs) } : {};
    if (isNew) await nouns.runs.insert(runId, { ...run, ...later }, iso(now));
  }

  #count({ record, due }: Firing, { run, skipped }: Fired, now: number): void {
    const { metrics, log, runs } = this.deps;
    metrics.fires.inc({ outcome: 'run' }, run);
    metrics.fires.inc({ outcome: 'skipped' }, skipped);
    if (due.isCapped) metrics.limitsHit.inc({ limit: 'CATCH_UP_MAX' });
    metrics.scheduleLag.set(Math.max(0, now - Date.parse(record.nextAt!)) / 1000);
    if (skipped > 0) log.warning('schedule.skipped', { schedule: record.id, count: skipped });
    runs.wake();
  }
}
