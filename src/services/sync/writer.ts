import { join } from 'node:path';
import { type Clock, iso } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { FaultPoints } from '../../base/fault-point.ts';
import { newId } from '../../base/ids.ts';
import type { Generation } from '../../domain/dataset.ts';
import type { RunContext } from '../../domain/run.ts';
import type { Checkpoint, SyncedColumn, SyncTask } from '../../domain/sync-task.ts';
import { type DatasetFiles, during } from '../../lake/bucket/files.ts';
import { toAppError } from '../../lake/engine-errors.ts';
import type { Folders } from '../../lake/folders.ts';
import type { IngestRunner } from '../../lake/jobs.ts';
import type { Applied, ApplyRule, Written } from '../../lake/sync/jobs.ts';
import { NewFiles } from '../../lake/sync/new-files.ts';
import { columnOf } from '../../lake/sync/types.ts';
import type { DatasetStore } from '../../store/datasets.ts';
import { isUnwritten } from '../../store/store-errors.ts';
import { type Base, BaseMoved, type Publication } from '../../store/sync-publication.ts';

export interface WriterDeps {
  datasets: DatasetStore;
  publish(publication: Publication): Promise<void>;
  ingest: IngestRunner;
  folders: Folders;
  shared: DatasetFiles;
  clock: Clock;
  faults: FaultPoints;
  /** Generations that are kept where the task says nothing. */
  keepGenerations: number;
  /** The dataset has a new generation, of so many files. */
  onPublished(datasetId: string, files: number): Promise<void>;
}

/** What a dataset is, as far as a task builds upon it. */
interface Built extends Base {
  rowCount: number;
  bytes: number;
  columns: readonly SyncedColumn[];
}

/** What is to be published beside its rows. */
export interface Publishing {
  schema: readonly SyncedColumn[];
  checkpoint: Omit<Checkpoint, 'generation' | 'schema'>;
  sourceName: string;
}

/** More than the rounds of a compaction. */
const ATTEMPTS = 12;

/** Writes the dataset of a task, generation by generation. */
export class DatasetWriter {
  #base: Built | undefined;
  #isAnew = false;
  /** Names of files that were made by this run. */
  readonly #own = new Set<string>();
  rowsAdded = 0;
  rowsRemoved = 0;
  published = 0;

  private constructor(
    readonly deps: WriterDeps,
    readonly task: SyncTask,
    readonly context: RunContext,
    readonly datasetId: string,
    readonly files: NewFiles,
  ) {}

  static async open(deps: WriterDeps, task: SyncTask, context: RunContext): Promise<DatasetWriter> {
    const datasetId = task.datasetId ?? newId('dst', deps.clock.now());
    const files = await NewFiles.open(deps.folders, datasetId);
    const writer = new DatasetWriter(deps, task, context, datasetId, files);
    if (task.datasetId !== null) await writer.#look();
    return writer;
  }

  get generation(): number {
    return this.#base?.generation ?? 0;
  }

  /** Nothing is published yet of what the dataset is to be. */
  get isUnmade(): boolean {
    return this.#base === undefined || this.#isAnew;
  }

  get rowCount(): number {
    return this.#base?.rowCount ?? 0;
  }

  async #look(): Promise<void> {
    const { datasets } = this.deps;
    const { generation, rowCount, bytes } = await datasets.find(this.datasetId, '/dataset');
    const files = await datasets.filesOf(this.datasetId, generation);
    this.#base = { generation, rowCount, bytes, files, columns: this.task.checkpoint?.schema ?? [] };
  }

  close(): Promise<void> {
    return this.files.close();
  }

  /** From here on the dataset is made anew: what is in it stays until the next publication, and counts for nothing in it. */
  startAnew(): void {
    this.#isAnew = true;
  }

  /** The rows of these files, and no others. */
  async replaceAll(staged: readonly Written[], publishing: Publishing): Promise<void> {
    const files = staged.filter(({ rowCount }) => rowCount > 0);
    if (files.length === 0) files.push(await this.#empty(publishing.schema));
    const rowCount = files.reduce((sum, file) => sum + file.rowCount, 0);
    this.rowsAdded += rowCount;
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const made = { rowCount, bytes, paths: files.map(({ path }) => path), place: (names: string[]) => names };
    await this.#insist(() => this.#publish(publishing, made));
  }

  /** What a new generation is built upon. */
  #held(): Pick<Built, 'files' | 'rowCount' | 'bytes' | 'columns'> {
    return this.#base && !this.#isAnew ? this.#base : { files: [], rowCount: 0, bytes: 0, columns: [] };
  }

  /** Does it again where the dataset was changed meanwhile, as by a compaction. */
  async #insist(work: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await work();
        return;
      } catch (error) {
        if (!(error instanceof BaseMoved) && !(await this.#hasLostFiles(error))) throw error;
        if (attempt === ATTEMPTS)
          throw new AppError('resource.conflict', 'The dataset was changed by others again and again', {
            cause: error,
          });
        await this.#look();
      }
    }
  }

  /**
   * Whether work failed over files that are the dataset's no more: a run that finds nothing new publishes nothing, and a compaction may be so
   * long ago by then that the files of before are gone.
   */
  async #hasLostFiles(error: unknown): Promise<boolean> {
    const { datasetId, deps } = this;
    const base = this.#base;
    if (!base || (error instanceof AppError && error.code !== 'internal')) return false;
    const { generation } = await deps.datasets.find(datasetId, '/dataset');
    const files = await deps.datasets.filesOf(datasetId, generation);
    return JSON.stringify(files) !== JSON.stringify(base.files);
  }

  /** Puts staged rows in, again where the dataset was changed meanwhile. */
  async apply(
    rule: ApplyRule,
    staged: readonly string[],
    publishing: Publishing,
    { absent = [], carried = [] }: { absent?: readonly string[]; carried?: readonly string[] } = {},
  ): Promise<void> {
    await this.#insist(async () => {
      const applied = await this.#apply(rule, staged, carried, absent, publishing.schema);
      await this.#publishApplied(applied, publishing);
    });
  }

  /** All rows of a file, beside those that are there. */
  async add(file: Written, publishing: Publishing): Promise<void> {
    await this.#insist(async () => {
      if (file.rowCount === 0 && this.#base && !this.#isAnew) return this.#moveCheckpoint(publishing);
      const { files, rowCount, bytes } = this.#held();
      await this.#publish(publishing, {
        rowCount: rowCount + file.rowCount,
        bytes: bytes + file.bytes,
        paths: [file.path],
        place: (names) => [...files, ...names],
      });
    });
    this.rowsAdded += file.rowCount;
  }

  async #apply(
    rule: ApplyRule,
    staged: readonly string[],
    carried: readonly string[],
    absent: readonly string[],
    columns: readonly SyncedColumn[],
  ): Promise<Applied> {
    const { deps, context, datasetId } = this;
    await deps.faults.reach('rewrite.before');
    const names = this.#held().files;
    const pathOf = (file: string) => deps.datasets.pathOf(datasetId, file);
    const files = names.map(pathOf);
    const job = {
      kind: 'apply' as const,
      staged,
      carried,
      files,
      own: names.filter((file) => this.#own.has(file)).map(pathOf),
      present: this.#held().columns.map(({ name }) => name),
      columns,
      absent: rule.kind === 'retain' ? [] : absent,
      rule,
      folder: this.files.folder,
    };
    const { signal } = context;
    const applied = await during(deps.shared, files, signal, () => deps.ingest.run<'apply'>(job, { signal }));
    for (const { by } of applied.rewritten) if (by) this.files.add(by.path);
    if (applied.added) this.files.add(applied.added.path);
    await deps.faults.reach('rewrite.after');
    return applied;
  }

  async #publishApplied(applied: Applied, publishing: Publishing): Promise<void> {
    const { added, rewritten, rowsAdded, rowsRemoved } = applied;
    const base = this.#held();
    if (!added && rewritten.length === 0 && this.#base && !this.#isAnew)
      return this.#moveCheckpoint(publishing);
    const gone = new Map(rewritten.map(({ file, by }) => [file.split('/').at(-1)!, by]));
    const fresh = [...gone.values(), added].filter((file) => file !== null);
    const after = base.rowCount + rowsAdded - rowsRemoved;
    if (after === 0) {
      await this.replaceAll([], publishing);
      this.rowsAdded += rowsAdded;
      this.rowsRemoved += rowsRemoved;
      return;
    }
    let { bytes } = base;
    const paths = [...gone.keys()].map((name) => join(this.files.folder, name));
    for (const size of await this.deps.shared.sizesOf(paths)) bytes -= size;
    bytes += fresh.reduce((sum, file) => sum + file.bytes, 0);
    await this.#publish(publishing, {
      rowCount: after,
      bytes,
      paths: fresh.map(({ path }) => path),
      place(names) {
        const left = [...names];
        const kept = base.files.flatMap((name) => {
          if (!gone.has(name)) return [name];
          return gone.get(name) ? [left.shift()!] : [];
        });
        return [...kept, ...left];
      },
    });
    this.rowsAdded += rowsAdded;
    this.rowsRemoved += rowsRemoved;
  }

  async #empty(columns: readonly SyncedColumn[]): Promise<Written> {
    const job = { kind: 'empty' as const, columns, target: this.files.path() };
    return this.deps.ingest.run<'empty'>(job, { signal: this.context.signal });
  }

  async #moveCheckpoint({ schema, checkpoint }: Publishing): Promise<void> {
    const { generation } = this.#base!;
    await this.#commit({ ...checkpoint, generation, schema: [...schema] }, undefined);
  }

  /** `place` gives the names of all files from the names that the new ones got. */
  async #publish(
    { schema, checkpoint, sourceName }: Publishing,
    made: { rowCount: number; bytes: number; paths: readonly string[]; place(names: string[]): string[] },
  ): Promise<void> {
    const { deps, datasetId } = this;
    const generation = this.#base ? await deps.datasets.nextGeneration(datasetId) : 1;
    await deps.faults.reach('file.written');
    const names = await this.files.name(made.paths, generation).catch((error) => {
      throw toAppError(error);
    });
    const files = made.place(names);
    try {
      await deps.faults.reach('file.named');
      await deps.shared.share(datasetId, names, this.context.signal);
      const facts = { generation, rowCount: made.rowCount, bytes: made.bytes, files, sourceName };
      await this.#commit({ ...checkpoint, generation, schema: [...schema] }, facts);
    } catch (error) {
      if (error instanceof BaseMoved || isUnwritten(error)) await this.files.unname(names);
      throw error;
    }
    for (const name of names) this.#own.add(name);
    this.#base = { generation, rowCount: made.rowCount, bytes: made.bytes, files, columns: schema };
    this.#isAnew = false;
    this.published++;
    await deps.onPublished(datasetId, files.length);
  }

  async #commit(
    checkpoint: Checkpoint,
    made:
      | (Pick<Generation, 'generation' | 'rowCount' | 'bytes' | 'sourceName'> & { files: string[] })
      | undefined,
  ): Promise<void> {
    const { deps, task, context, datasetId } = this;
    const { dataset: name, createdBy } = task;
    await deps.faults.reach('publish.before');
    await deps.faults.reach('checkpoint.before');
    await deps.publish({
      claim: context.claim,
      task,
      dataset: { id: datasetId, name, description: '', createdBy },
      base: this.#base,
      generation: made && {
        ...made,
        columns: checkpoint.schema.map(columnOf),
        rejected: { count: 0 },
        warnings: [],
        createdBy,
      },
      checkpoint,
      keep: task.keep === undefined ? deps.keepGenerations : task.keep + 1,
      at: iso(deps.clock.now()),
    });
    await deps.faults.reach('checkpoint.after');
    await deps.faults.reach('publish.after');
  }
}
