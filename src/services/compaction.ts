import { type Clock, iso } from '../base/clock.ts';
import type { FaultPoints } from '../base/fault-point.ts';
import { type DatasetFiles, during } from '../lake/bucket/files.ts';
import type { Folders } from '../lake/folders.ts';
import type { IngestRunner } from '../lake/jobs.ts';
import { NewFiles } from '../lake/sync/new-files.ts';
import { pickMerge } from '../lake/sync/pick-merge.ts';
import type { DatasetStore } from '../store/datasets.ts';
import type { Base } from '../store/sync-publication.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface CompactionDeps {
  datasets: DatasetStore;
  replaceFiles(
    datasetId: string,
    base: Base,
    after: { files: readonly string[]; bytes: number },
    at: string,
  ): Promise<boolean>;
  ingest: IngestRunner;
  folders: Folders;
  files: DatasetFiles;
  clock: Clock;
  metrics: Metrics;
  faults: FaultPoints;
  onReplaced(): void;
}

/**
 * Makes few files of many small ones. The rows are the same, so the generation keeps its number: what was computed from it stays valid, and
 * those who read the files of before can, until the grace time is over.
 */
export class Compaction {
  constructor(readonly deps: CompactionDeps) {}

  /** Merges as long as there is something to merge; gives the number of files that went. Gives up where the dataset changes meanwhile. */
  async compact(datasetId: string, signal: AbortSignal): Promise<number> {
    let merged = 0;
    for (;;) {
      const files = await this.#once(datasetId, signal);
      if (files === 0) return merged;
      merged += files;
      this.deps.metrics.filesCompacted.inc(files);
    }
  }

  async isNeeded(datasetId: string): Promise<boolean> {
    return (await this.#look(datasetId)).picked.length > 0;
  }

  async #look(datasetId: string) {
    const { datasets } = this.deps;
    const { generation, bytes } = await datasets.find(datasetId);
    const files = await datasets.filesOf(datasetId, generation);
    const paths = files.map((file) => datasets.pathOf(datasetId, file));
    const sizes = await this.deps.files.sizesOf(paths);
    return { generation, bytes, files, paths, sizes, picked: pickMerge(sizes) };
  }

  async #once(datasetId: string, signal: AbortSignal): Promise<number> {
    const { folders, ingest, clock, faults } = this.deps;
    const { generation, bytes, files, paths, sizes, picked } = await this.#look(datasetId);
    if (picked.length === 0) return 0;
    const made = await NewFiles.open(folders, datasetId);
    try {
      await faults.reach('compact.before');
      const target = made.path();
      const merged = picked.map((index) => paths[index]!);
      const job = { kind: 'compact' as const, files: merged, target };
      const run = () => ingest.run<'compact'>(job, { signal });
      const written = await during(this.deps.files, merged, signal, run);
      const name = await made.nameWithin(target, generation);
      await faults.reach('compact.named');
      await this.deps.files.share(datasetId, [name], signal);
      const gone = picked.reduce((sum, index) => sum + sizes[index]!, 0);
      const after = files.flatMap((file, index) =>
        index === picked[0] ? [name] : picked.includes(index) ? [] : [file],
      );
      const base = { generation, files };
      const size = { files: after, bytes: bytes - gone + written.bytes };
      if (!(await this.deps.replaceFiles(datasetId, base, size, iso(clock.now())))) {
        await made.unname([name]);
        return 0;
      }
      await faults.reach('compact.after');
      this.deps.onReplaced();
      return picked.length;
    } finally {
      await made.close();
    }
  }
}
