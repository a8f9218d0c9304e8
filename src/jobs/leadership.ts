import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { FaultPoints } from '../base/fault-point.ts';
import type { Held, Lease } from '../store/leases.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { WatchedTime } from './watched-time.ts';

export interface LeadershipDeps {
  store: Pick<Store, 'leases'>;
  clock: Clock;
  /** Time that nobody sets: by it alone is told how long the leader has been still. */
  steady: Clock;
  log: Log;
  metrics: Metrics;
  processName: string;
  leaseMs: number;
  /** Whether the process may lead; one that may not only watches. */
  isCandidate: boolean;
  faults: FaultPoints;
}

export type SchedulerRole = 'leader' | 'standby' | 'web';

const NAME = 'scheduler';

/** Who leads the scheduler, as this process knows it: itself, another, or nobody. */
export class Leadership {
  #held: Held | undefined;
  #heldAtMs = 0;
  #seen: Lease | undefined;
  #seenAtMs = 0;
  #hasLooked = false;
  readonly #watched: WatchedTime;
  /** When the lease was seen first as it is, in watched time. */
  #sinceMs = 0;

  constructor(readonly deps: LeadershipDeps) {
    this.#watched = new WatchedTime(deps.steady, deps.leaseMs);
  }

  /** The lease while this process may be sure to have it: renewed within the lease time. */
  get held(): Held | undefined {
    const isFresh = this.deps.steady.now() - this.#heldAtMs < this.deps.leaseMs;
    return isFresh ? this.#held : undefined;
  }

  get role(): SchedulerRole {
    if (!this.deps.isCandidate) return 'web';
    return this.held ? 'leader' : 'standby';
  }

  /** Whether some process leads: a candidate that lives takes the lease before long. */
  get isAnyAlive(): boolean {
    if (this.held) return true;
    const stillMs = this.deps.steady.now() - this.#seenAtMs;
    return this.#seen !== undefined && this.#seen.holder !== null && stillMs < this.deps.leaseMs * 1.5;
  }

  /** Whether some process starts what is due, or will soon, as far as this one knows. */
  get isExpected(): boolean {
    return this.deps.isCandidate || !this.#hasLooked || this.isAnyAlive;
  }

  /** The lease as last seen, and for how long it has not changed. */
  get seen(): { lease: Lease | undefined; stillMs: number } {
    return { lease: this.#seen, stillMs: Math.max(0, this.deps.steady.now() - this.#seenAtMs) };
  }

  /** Renews, watches or takes the lease; to be called several times in a lease time. */
  async tick(): Promise<void> {
    const { store, steady } = this.deps;
    if (this.#held) await this.#renew(this.#held);
    const lease = await store.leases.get(NAME);
    const watchedMs = this.#watched.look();
    this.#hasLooked = true;
    const seen = this.#seen;
    if (
      !seen ||
      !lease ||
      seen.token !== lease.token ||
      seen.beat !== lease.beat ||
      seen.holder !== lease.holder
    ) {
      this.#seen = lease;
      this.#seenAtMs = steady.now();
      this.#sinceMs = watchedMs;
    }
    if (this.#held || !this.deps.isCandidate) return;
    const isFree = !lease || lease.holder === null;
    if (isFree || watchedMs - this.#sinceMs >= this.deps.leaseMs) await this.#take(lease);
  }

  /** To be called when the store refused a write of this leader. */
  stepDown(): void {
    const { log, metrics, processName } = this.deps;
    if (!this.#held) return;
    log.warning('scheduler.lost', { process: processName, token: this.#held.token });
    this.#held = undefined;
    metrics.isLeader.set(0);
    metrics.leaseChanges.inc({ change: 'lost' });
  }

  /** Gives the lease back at once. */
  async release(): Promise<void> {
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    await this.deps.store.leases.release(held, iso(this.deps.clock.now()));
    this.deps.metrics.isLeader.set(0);
    this.deps.metrics.leaseChanges.inc({ change: 'released' });
  }

  async #renew(held: Held): Promise<void> {
    const { store, steady, faults } = this.deps;
    const fromMs = steady.now();
    try {
      await faults.reach('renew.before');
      await store.leases.hold(held);
      await faults.reach('renew.after');
      this.#heldAtMs = fromMs;
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'run.fenced')) throw error;
      this.stepDown();
    }
  }

  async #take(seen: Lease | undefined): Promise<void> {
    const { store, clock, steady, processName, log, metrics } = this.deps;
    const fromMs = steady.now();
    const held = await store.leases.take(NAME, processName, seen, iso(clock.now()));
    if (!held) return;
    await this.deps.faults.reach('lease.taken');
    this.#held = held;
    this.#heldAtMs = fromMs;
    log.info('scheduler.leads', { process: processName, token: held.token, before: seen?.holder ?? null });
    metrics.isLeader.set(1);
    metrics.leaseChanges.inc({ change: 'taken' });
  }
}
