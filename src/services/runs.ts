import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Caller } from '../domain/audit.ts';
import type { NewRun, Run, RunFilter, RunLogLine } from '../domain/run.ts';
import type { Nouns, Store } from '../store/store.ts';
import type { Audit } from './audit.ts';

export interface RunsDeps {
  store: Store;
  audit: Audit;
  clock: Clock;
  /** Whether some process starts scheduled work. */
  isScheduled?: (() => boolean) | undefined;
}

/** A run as callers see it: when it may end, where that can be said. */
export interface ShownRun extends Run {
  estimatedEndAt: string | null;
  /** Why it may not start. */
  warnings: string[];
}

type News = { kind: 'queued' } | { kind: 'abort'; runId: string };

/** Said of what waits for a scheduler. */
export const UNSCHEDULED =
  'No process runs scheduled work, so this does not start; set RUN_SCHEDULER=1 for at least one process';

const missing = (id: string) =>
  new AppError('resource.notFound', `There is no run ${JSON.stringify(id)}`, { params: { run: id } });

/** At the pace of the attempt so far; an attempt that goes on where another ended is as fast or faster. */
function estimatedEnd({ state, startedAt, progress }: Run, nowMs: number): string | null {
  const { rows, expectedRows } = progress;
  if (state !== 'running' || startedAt === null || !rows || expectedRows === null) return null;
  const elapsedMs = Math.max(0, nowMs - Date.parse(startedAt));
  return iso(nowMs + Math.max(0, (elapsedMs * (expectedRows - rows)) / rows));
}

/** Runs for whoever asks: to start, see and end them. Who may do what is decided before. */
export class Runs {
  readonly #listeners = new Set<(news: News) => void>();

  constructor(readonly deps: RunsDeps) {}

  /** The runner of this process hears of what was done here at once; of other processes it learns by looking. */
  onNews(listener: (news: News) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Queues work; gives the run's id. With `nouns`, in that transaction: the run is there exactly when the rest is.
   */
  async enqueue(run: NewRun, nouns: Pick<Nouns, 'runs'> = this.deps.store): Promise<string> {
    const now = this.deps.clock.now();
    const id = newId('run', now);
    await nouns.runs.insert(id, run, iso(now));
    this.#tell({ kind: 'queued' });
    return id;
  }

  /** Tells the runner of this process that there may be work. */
  wake(): void {
    this.#tell({ kind: 'queued' });
  }

  /** Throws `resource.notFound`. */
  async get(id: string): Promise<ShownRun> {
    const run = await this.deps.store.runs.byId(id);
    if (!run) throw missing(id);
    return this.shown(run);
  }

  /** The newest first, those older than the id `before`. */
  async list(filter: RunFilter, limit: number, before?: string): Promise<ShownRun[]> {
    const runs = await this.deps.store.runs.list(filter, limit, before);
    return runs.map((run) => this.shown(run));
  }

  /** Lines past the line `after`. Throws `resource.notFound`. */
  async log(id: string, limit: number, after?: number): Promise<RunLogLine[]> {
    await this.get(id);
    return this.deps.store.runs.log(id, limit, after);
  }

  /**
   * Ends a run: one that waits at once, one that runs within a second; asking again is no error. Throws `resource.notFound`, and
   * `resource.conflict` when it has ended.
   */
  async abort(id: string, caller: Caller): Promise<ShownRun> {
    const { store, audit, clock } = this.deps;
    await store.transaction(async (nouns) => {
      const outcome = await nouns.runs.abort(id, iso(clock.now()));
      if (outcome === undefined) throw await this.#cannotEnd(id, nouns);
      await audit.within(nouns).record({ action: 'run.abort', target: id, detail: { outcome } }, caller);
    });
    this.#tell({ kind: 'abort', runId: id });
    return this.get(id);
  }

  async #cannotEnd(id: string, nouns: Pick<Nouns, 'runs'>): Promise<AppError> {
    const run = await nouns.runs.byId(id);
    if (!run) return missing(id);
    return new AppError('resource.conflict', `The run has ended already: it is ${run.state}`, {
      params: { state: run.state },
    });
  }

  /** As callers see it. */
  shown(run: Run): ShownRun {
    const isWaiting = run.state === 'queued' && run.trigger === 'schedule';
    const isStuck = isWaiting && this.deps.isScheduled?.() === false;
    const warnings = isStuck ? [UNSCHEDULED] : [];
    return { ...run, estimatedEndAt: estimatedEnd(run, this.deps.clock.now()), warnings };
  }

  #tell(news: News): void {
    for (const listener of this.#listeners) listener(news);
  }
}
