import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { FireSchedules } from './fire-schedules.ts';
import type { Leadership } from './leadership.ts';
import type { LostRuns } from './lost-runs.ts';
import { Pulse } from './pulse.ts';

export interface SchedulerDeps {
  store: Store;
  leadership: Leadership;
  fires: FireSchedules;
  lost: LostRuns;
  clock: Clock;
  log: Log;
  leaseMs: number;
  keepDays: number;
}

const DUTY_MS = 500;
const SWEEP_MS = 600_000;
const SWEEP_BATCH = 500;
const DAY_MS = 86_400_000;
/** Looks at the lease in a lease time. */
const LOOKS = 5;

/** Watches the lease in every process; in the one that leads, fires schedules and finds lost runs. Where no process may lead, each finds lost runs. */
export class Scheduler {
  readonly #pulses: Pulse[];

  constructor(readonly deps: SchedulerDeps) {
    const { leadership, lost, leaseMs, log } = deps;
    this.#pulses = [
      new Pulse('lease', leaseMs / LOOKS, () => leadership.tick(), log),
      new Pulse(
        'duty',
        DUTY_MS,
        () => (leadership.isExpected ? this.#lead(() => this.#duty()) : lost.requeue(undefined)),
        log,
      ),
      new Pulse('sweep', SWEEP_MS, () => this.#lead(() => this.#sweep()), log),
    ];
  }

  start(): void {
    for (const pulse of this.#pulses) pulse.start();
  }

  /** Ends the work of a leader and gives the lease back, so that another leads at once. */
  async stop(): Promise<void> {
    for (const pulse of this.#pulses) await pulse.stop();
    await this.deps.leadership.release();
  }

  async #lead(work: () => Promise<void>): Promise<void> {
    const { leadership, lost } = this.deps;
    if (!leadership.held) {
      lost.forget();
      return;
    }
    try {
      await work();
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'run.fenced')) throw error;
      leadership.stepDown();
    }
  }

  async #duty(): Promise<void> {
    const { leadership, fires, lost } = this.deps;
    if (leadership.held) await lost.requeue(leadership.held);
    if (leadership.held) await fires.fire(leadership.held);
  }

  async #sweep(): Promise<void> {
    const { store, clock, keepDays, leadership } = this.deps;
    const before = iso(clock.now() - keepDays * DAY_MS);
    for (let removed = SWEEP_BATCH; removed === SWEEP_BATCH; ) {
      const { held } = leadership;
      if (!held) return;
      removed = await store.transaction(async (nouns) => {
        await nouns.leases.hold(held);
        await nouns.schedules.removeFires(before);
        return nouns.runs.removeEnded(before, SWEEP_BATCH);
      });
    }
  }
}
