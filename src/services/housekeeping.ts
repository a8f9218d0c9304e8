import { type Clock, iso } from '../base/clock.ts';
import { AppError, describe } from '../base/errors.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Runs } from './runs.ts';

/** Work that all processes together do once when it is due. */
export interface Chore {
  name: string;
  /** The first instant after another one (ms) at which it is due. */
  dueAfter(ms: number): number;
  /** Fit to be done again after it was cut off anywhere. */
  run(): Promise<Record<string, unknown>>;
}

export interface HousekeepingDeps {
  store: Store;
  runs: Runs;
  chores: readonly Chore[];
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** Whether some process works on runs; otherwise whoever comes first does the work itself. */
  hasScheduler(): boolean;
}

/** The kind of the runs that it queues. */
export const HOUSEKEEPING = 'housekeeping';
/** After a failure, or when a process died at it, the work is tried again so much later. */
const AGAIN_MS = 60 * 60 * 1000;

/** When it was last done, and until when a process has it for itself. */
interface State {
  done: string;
  takenUntil: string;
}

const textOf = ({ done, takenUntil }: State) => `${done} ${takenUntil}`;

function stateOf(text: string): State {
  const [done = '', takenUntil = done] = text.split(' ');
  return { done, takenUntil };
}

/** Sees to it that chores are done once, however many processes there are; as runs where there is a scheduler. */
export class Housekeeping {
  constructor(readonly deps: HousekeepingDeps) {}

  /** Does or queues what is due; to be called now and then in every process. */
  async tick(): Promise<void> {
    for (const chore of this.deps.chores) await this.#look(chore);
  }

  /** Does the chore of a queued run. Throws AppError `request.invalid` for one that this version does not know. */
  async run(input: unknown): Promise<Record<string, unknown>> {
    const { chore: name } = input as { chore?: unknown };
    const chore = this.deps.chores.find((each) => each.name === name);
    if (!chore) throw new AppError('request.invalid', `There is no chore ${JSON.stringify(name)}`);
    return this.#do(chore);
  }

  async #look(chore: Chore): Promise<void> {
    const { store, runs, clock, log } = this.deps;
    const key = `housekeeping.${chore.name}`;
    const nowMs = clock.now();
    const now = iso(nowMs);
    const text = (await store.facts.get(key)) ?? (await store.facts.setOnce(key, now));
    const { done, takenUntil } = stateOf(text);
    if (chore.dueAfter(Date.parse(done)) > nowMs || takenUntil > now) return;
    if (this.deps.hasScheduler()) {
      const run = { kind: HOUSEKEEPING, subjectId: key, input: { chore: chore.name }, createdBy: null };
      await store.transaction(async (nouns) => {
        if (await nouns.facts.change(key, text, now))
          await runs.enqueue({ ...run, trigger: 'housekeeping' }, nouns);
      });
      return;
    }
    const taken = textOf({ done, takenUntil: iso(nowMs + AGAIN_MS) });
    if (!(await store.facts.change(key, text, taken))) return;
    try {
      await this.#do(chore);
      await store.facts.change(key, taken, now);
    } catch (error) {
      log.error('housekeeping.failed', { job: chore.name, cause: describe(error) });
    }
  }

  async #do({ name, run }: Chore): Promise<Record<string, unknown>> {
    const { log, metrics } = this.deps;
    try {
      const result = await run();
      metrics.housekeeping.inc({ chore: name, outcome: 'ok' });
      log.info('housekeeping.done', { job: name });
      return result;
    } catch (error) {
      metrics.housekeeping.inc({ chore: name, outcome: 'error' });
      throw error;
    }
  }
}
