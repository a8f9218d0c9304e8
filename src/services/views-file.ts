import { stat } from 'node:fs/promises';
import { type Clock, steadyClock } from '../base/clock.ts';
import { describe } from '../base/errors.ts';
import { hasCode } from '../base/system-error.ts';
import type { DatasetFiles } from '../lake/bucket/files.ts';
import type { Folders } from '../lake/folders.ts';
import type { IngestRunner, Views } from '../lake/jobs.ts';
import type { DatasetStore } from '../store/datasets.ts';
import type { Log } from '../telemetry/log.ts';

export interface ViewsFileDeps {
  store: Pick<DatasetStore, 'placed' | 'lastChangeAt'>;
  folders: Folders;
  files: Pick<DatasetFiles, 'areHere' | 'isShared'>;
  ingest: IngestRunner;
  clock: Clock;
  log: Log;
}

/** After a rewrite nothing is written for this long, or for this many times as long as it took. */
const PAUSE_MS = 1000;
const PAUSE_TIMES = 4;
/** Longer than a transaction may take to become visible after the time that it bears. */
const COMMIT_MS = 60_000;

type PlacedViews = Views['views'];

/** Keeps the DuckDB file of views up to date. A failure is logged and touches nothing else. */
export class ViewsFile {
  #running: Promise<void> | undefined;
  #isStale = false;
  /** When the next rewrite may begin, by the steady clock. */
  #pausedUntilMs = 0;
  #endPause: (() => void) | undefined;
  /** Callers that wait for the file. */
  #waiting = 0;
  /** What the file was last known to show; undefined where nobody has looked yet. */
  #shown: PlacedViews | undefined;
  #hasFailed = false;

  constructor(readonly deps: ViewsFileDeps) {}

  /** Rewrites the file soon: at once after a quiet time, else after a pause, one time for all calls until then. */
  refresh(): void {
    this.#isStale = true;
    this.#running ??= this.#run();
  }

  /** Rewrites the file if something was published after it was written, as by a process that died in between. */
  async refreshIfStale(): Promise<void> {
    const changedAt = await this.deps.store.lastChangeAt();
    if (changedAt === undefined) return;
    const writtenMs = await this.#writtenMs();
    if (writtenMs === undefined || Date.parse(changedAt) + COMMIT_MS > writtenMs) this.refresh();
  }

  /**
   * Rewrites the file where the last time failed, or where files came to this host or left it: others publish, what is read is fetched, and what
   * is not read is dropped. To be called now and then.
   */
  async catchUp(): Promise<void> {
    const { isShared } = this.deps.files;
    if (this.#hasFailed || (isShared && !areSame(await this.#views(), this.#shown ?? []))) this.refresh();
  }

  /** Resolves when the file shows all that was published before; waits for no pause. */
  async settled(): Promise<void> {
    this.#waiting++;
    this.#endPause?.();
    await this.#running;
    this.#waiting--;
  }

  async #writtenMs(): Promise<number | undefined> {
    try {
      return (await stat(this.deps.folders.viewsFile)).mtimeMs;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  async #run(): Promise<void> {
    while (this.#isStale) {
      await this.#pause();
      this.#isStale = false;
      const startedMs = steadyClock.now();
      try {
        this.#shown = await this.#write();
        this.#hasFailed = false;
      } catch (error) {
        this.#hasFailed = true;
        this.deps.log.error('datasets.viewsFailed', { cause: describe(error) });
      }
      const endedMs = steadyClock.now();
      this.#pausedUntilMs = endedMs + Math.max(PAUSE_MS, PAUSE_TIMES * (endedMs - startedMs));
    }
    this.#running = undefined;
  }

  async #pause(): Promise<void> {
    const leftMs = this.#pausedUntilMs - steadyClock.now();
    if (leftMs <= 0 || this.#waiting > 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#endPause = resolve;
    const timer = setTimeout(resolve, leftMs);
    await promise;
    clearTimeout(timer);
    this.#endPause = undefined;
  }

  /** Gives what the file shows. */
  async #write(): Promise<PlacedViews> {
    const { folders, ingest, clock, log } = this.deps;
    const asOfMs = clock.now();
    const views = await this.#views();
    const job = { kind: 'views' as const, viewsFile: folders.viewsFile, views, asOfMs };
    const { isWritten, leftOut } = await ingest.run<'views'>(job, { signal: new AbortController().signal });
    for (const { name, cause } of leftOut) log.warning('datasets.viewLeftOut', { dataset: name, cause });
    // Another process may have published meanwhile, and ours may have taken the place of its newer file.
    if (isWritten && !areSame(views, await this.#views())) this.#isStale = true;
    return views;
  }

  /** Of the datasets whose files are on this host. */
  async #views(): Promise<PlacedViews> {
    const views: { name: string; files: readonly string[] }[] = [];
    for (const { name, files } of await this.deps.store.placed())
      if (await this.deps.files.areHere(files)) views.push({ name, files });
    return views;
  }
}

function areSame(some: PlacedViews, others: PlacedViews): boolean {
  const textOf = ({ name, files }: PlacedViews[number]) => [name, ...files].join('\n');
  return some.length === others.length && some.every((view, i) => textOf(view) === textOf(others[i]!));
}
