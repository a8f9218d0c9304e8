import { stat } from 'node:fs/promises';
import { describe } from '../base/errors.ts';
import type { DatasetFiles } from '../lake/bucket/files.ts';
import type { Folders } from '../lake/folders.ts';
import type { IngestRunner } from '../lake/jobs.ts';
import type { DatasetStore } from '../store/datasets.ts';
import type { Log } from '../telemetry/log.ts';

/** Keeps the DuckDB file of views up to date. A failure is logged and touches nothing else. */
export class ViewsFile {
  #running: Promise<void> | undefined;
  #isStale = false;

  constructor(
    readonly deps: {
      store: DatasetStore;
      folders: Folders;
      files: Pick<DatasetFiles, 'areHere'>;
      ingest: IngestRunner;
      log: Log;
    },
  ) {}

  /** Rewrites the file soon; calls in the meantime need one more rewrite, not one each. */
  refresh(): void {
    this.#isStale = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Rewrites the file if something was published after it was written, as by a process that died in between. */
  async refreshIfStale(): Promise<void> {
    const sources = await this.deps.store.sources();
    const written = await stat(this.deps.folders.viewsFile).catch(() => undefined);
    if (sources.some(({ publishedAt }) => !written || Date.parse(publishedAt) > written.mtimeMs))
      this.refresh();
  }

  /** Resolves when the file shows all that was published before. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    const { store, folders, ingest, log } = this.deps;
    while (this.#isStale) {
      this.#isStale = false;
      try {
        const sources = await store.sources();
        const views: { name: string; files: readonly string[] }[] = [];
        for (const { name, files } of sources)
          if (await this.deps.files.areHere(files)) views.push({ name, files });
        const job = { kind: 'views' as const, viewsFile: folders.viewsFile, views };
        await ingest.run<'views'>(job, { signal: new AbortController().signal });
      } catch (error) {
        log.error('datasets.viewsFailed', { cause: describe(error) });
      }
    }
  }
}
