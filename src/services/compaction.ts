import { type Clock, iso } from '../base/clock.ts';
import { describe } from '../base/errors.ts';
import type { FaultPoints } from '../base/fault-point.ts';
import { type DatasetFiles, during } from '../lake/bucket/files.ts';
import type { Folders } from '../lake/folders.ts';
import type { IngestRunner } from '../lake/jobs.ts';
import { NewFiles } from '../lake/sync/new-files.ts';
import { pickMerge } from '../lake/sync/pick-merge.ts';
import type { DatasetStore } from '../store/datasets.ts';
import type { Merged } from '../store/sync-publication.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface CompactionDeps {
  datasets: DatasetStore;
  mergeFiles(datasetId: string, merged: Merged, at: string): Promise<boolean>;
  ingest: IngestRunner;
  folders: Folders;
  files: DatasetFiles;
  clock: Clock;
  metrics: Metrics;
  log: Log;
  faults: FaultPoints;
  /** Files of one size that are made one. */
  atLeast: number;
  onReplaced(): void;
}

/** Increments that rewrite the files that are being merged may do so again and again. */
const ATTEMPTS = 3;

/**
 * Makes few files of many small ones. The rows are the same, so the generation keeps its number: what was computed from it stays valid, and
 * those who read the files of before can, until the grace time is over. Generations may be published meanwhile.
 */
export class Compaction {
  constructor(readonly deps: CompactionDeps) {}

  /** Merges as long as there is something to merge; gives the number of files that went. Gives up where others rewrite them again and again. */
  async compact(datasetId: string, signal: AbortSignal): Promise<number> {
    let merged = 0;
    for (let attempt = 1; attempt <= ATTEMPTS; ) {
      const files = await this.#once(datasetId, signal);
      if (files === 0) return merged;
      if (files === undefined) attempt++;
      else {
        merged += files;
        this.deps.metrics.filesCompacted.inc(files);
      }
    }
    this.deps.metrics.compactionsLeft.inc();
    return merged;
  }

  async isNeeded(datasetId: string): Promise<boolean> {
    return (await this.#look(datasetId)).picked.length > 0;
  }

  /** Datasets whose files should be merged; one that cannot be looked at is left out, and logged. */
  async needed(): Promise<string[]> {
    const { datasets, atLeast, log } = this.deps;
    const found: string[] = [];
    for (const { id, files } of await datasets.placed()) {
      if (files.length < atLeast) continue;
      try {
        if (await this.isNeeded(id)) found.push(id);
      } catch (error) {
        log.warning('compaction.notLooked', { dataset: id, cause: describe(error) });
      }
    }
    return found;
  }

  async #look(datasetId: string) {
    const { datasets, atLeast } = this.deps;
    const { generation } = await datasets.find(datasetId);
    const files = await datasets.filesOf(datasetId, generation);
    const paths = files.map((file) => datasets.pathOf(datasetId, file));
    const sizes = await this.deps.files.sizesOf(paths);
    return { generation, files, paths, sizes, picked: pickMerge(sizes, atLeast) };
  }

  /** The number of files that went; undefined where others were faster. */
  async #once(datasetId: string, signal: AbortSignal): Promise<number | undefined> {
    const { folders, ingest, clock, faults } = this.deps;
    const { generation, files, paths, sizes, picked } = await this.#look(datasetId);
    if (picked.length === 0) return 0;
    const made = await NewFiles.open(folders, datasetId);
    try {
      await faults.reach('compact.before');
      const target = made.path();
      const inputs = picked.map((index) => paths[index]!);
      const job = { kind: 'compact' as const, files: inputs, target };
      const run = () => ingest.run<'compact'>(job, { signal });
      const written = await during(this.deps.files, inputs, signal, run);
      const [name] = (await made.name([target], generation)) as [string];
      await faults.reach('compact.named');
      await this.deps.files.share(datasetId, [name], signal);
      const gone = picked.reduce((sum, index) => sum + sizes[index]!, 0);
      const from = picked.map((index) => files[index]!);
      const merged = { from, to: name, bytes: written.bytes - gone };
      if (!(await this.deps.mergeFiles(datasetId, merged, iso(clock.now())))) {
        await made.unname([name]);
        return undefined;
      }
      await faults.reach('compact.after');
      this.deps.onReplaced();
      return picked.length;
    } finally {
      await made.close();
    }
  }
}
