import { describe } from '../base/errors.ts';
import { inSlices } from '../base/slices.ts';
import type { RunLogLine } from '../domain/run.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Runs, ShownRun } from './runs.ts';

/** Somebody who wants to hear what changes. */
export interface Watcher {
  /** Of which datasets. */
  datasets(): Iterable<string>;
  onRun(run: ShownRun): void;
  /** Told each time the store was asked, whether it changed or not. */
  onDataset(id: string, generation: number): void;
}

export interface LiveFeedDeps {
  store: Store;
  runs: Runs;
  log: Log;
  everyMs?: number;
}

const EVERY_MS = 400;
const PAGE = 200;

/** What any process changed, as seen in the store: asked a few times a second, only while somebody watches. */
export class LiveFeed {
  readonly #watchers = new Set<Watcher>();
  #revision = 0;
  #starting: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly deps: LiveFeedDeps) {}

  /** From when it resolves on, no change is missed. */
  async watch(watcher: Watcher): Promise<void> {
    this.#watchers.add(watcher);
    this.#starting ??= this.#start();
    await this.#starting;
  }

  leave(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size === 0) this.#stop();
  }

  get(runId: string): Promise<ShownRun> {
    return this.deps.runs.get(runId);
  }

  log(runId: string, after: number): Promise<RunLogLine[]> {
    return this.deps.store.runs.log(runId, PAGE, after);
  }

  async generation(datasetId: string): Promise<number | undefined> {
    return (await this.deps.store.currentGenerations.of([datasetId])).get(datasetId);
  }

  async #start(): Promise<void> {
    this.#revision = await this.deps.store.runs.revision();
    this.#schedule();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#starting = undefined;
  }

  #schedule(): void {
    this.#timer = setTimeout(async () => {
      const mine = this.#timer;
      try {
        await this.#look();
      } catch (error) {
        this.deps.log.error('live.notRead', { cause: describe(error) });
      }
      if (this.#timer === mine && this.#watchers.size > 0) this.#schedule();
    }, this.deps.everyMs ?? EVERY_MS);
  }

  async #look(): Promise<void> {
    const { store, runs } = this.deps;
    for (let found = PAGE; found === PAGE; ) {
      const changes = await store.runs.changedSince(this.#revision, PAGE);
      found = changes.length;
      for (const { run, revision } of changes) {
        this.#revision = revision;
        const shown = runs.shown(run);
        await inSlices(this.#watchers, (watcher) => watcher.onRun(shown));
      }
    }
    const ids = new Set<string>();
    await inSlices(this.#watchers, (watcher) => {
      for (const id of watcher.datasets()) ids.add(id);
    });
    for (const [id, generation] of await store.currentGenerations.of([...ids]))
      await inSlices(this.#watchers, (watcher) => watcher.onDataset(id, generation));
  }
}
