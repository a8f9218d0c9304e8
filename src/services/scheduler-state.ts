import { type Clock, iso } from '../base/clock.ts';
import type { Run } from '../domain/run.ts';
import type { Lease } from '../store/leases.ts';
import type { Store } from '../store/store.ts';
import type { Schedules } from './schedules.ts';

/** What a process knows of who leads; jobs/leadership.ts. */
export interface LeaderWatch {
  role: 'leader' | 'standby' | 'web';
  isAnyAlive: boolean;
  seen: { lease: Lease | undefined; stillMs: number };
}

export interface SchedulerStateDeps {
  store: Store;
  schedules: Schedules;
  clock: Clock;
  leader: LeaderWatch;
  /** Job kinds that this version can run. */
  kinds: readonly string[];
}

/** Of each list. */
const SHOWN = 100;
/** Due for so long and not started: too little room, or nobody who knows the kind. */
const STUCK_MS = 300_000;

function shortly({
  id,
  kind,
  subjectId,
  state,
  attempt,
  availableAt,
  startedAt,
  endedAt,
  claimedBy,
  fault,
}: Run) {
  return { id, kind, subjectId, state, attempt, availableAt, startedAt, endedAt, claimedBy, fault };
}

/** The scheduler as an operator wants to see it. */
export class SchedulerState {
  constructor(readonly deps: SchedulerStateDeps) {}

  async jobs() {
    const { store, schedules, clock, leader, kinds } = this.deps;
    const stuckSince = iso(clock.now() - STUCK_MS);
    const [all, running, queued, failed] = await Promise.all([
      schedules.list(SHOWN + 1),
      store.runs.list({ state: 'running' }, SHOWN + 1),
      store.runs.waitingSince(stuckSince, SHOWN + 1),
      store.runs.list({ state: 'failed' }, SHOWN + 1),
    ]);
    const lists = { schedules: all, running, stuck: queued, failed };
    const { lease, stillMs } = leader.seen;
    return {
      leader: lease?.holder ?? null,
      isAlive: leader.isAnyAlive,
      role: leader.role,
      token: lease?.token ?? null,
      leaseAgeS: lease ? Math.round(stillMs / 100) / 10 : null,
      leaderSince: lease?.holder ? lease.changedAt : null,
      kinds,
      schedules: await Promise.all(
        all.slice(0, SHOWN).map(async ({ id, name, enabled, job, nextAt, next, lastInstant }) => ({
          ...{ id, name, enabled, job, nextAt, next, lastInstant },
          lastFire: (await store.schedules.fires(id, 1))[0] ?? null,
        })),
      ),
      running: running.slice(0, SHOWN).map(shortly),
      stuck: queued.slice(0, SHOWN).map(shortly),
      failed: failed.slice(0, SHOWN).map(shortly),
      /** The lists that have more than is shown. */
      truncated: Object.entries(lists).flatMap(([name, { length }]) => (length > SHOWN ? [name] : [])),
    };
  }
}
