import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { ReadOptions } from '../../domain/http-source.ts';
import type { SyncedColumn } from '../../domain/sync-task.ts';
import { type Folders, temporaryName } from '../../lake/folders.ts';
import type { IngestRunner } from '../../lake/jobs.ts';
import { isExact } from '../sync/plan-columns.ts';
import type { PrepareRequest, ReadRequest, SourceColumn, StagedBatch, SyncSource } from '../sync-source.ts';
import type { CollectedFile, Collecting, FileReader } from './collected.ts';
import { asHeld, heldColumns, mergedColumns, sourceColumn } from './column-types.ts';

export interface FileSourceDeps {
  ingest: IngestRunner;
  folders: Folders;
  clock: Clock;
  /** Counts the limit that a failure tells of. */
  countLimit(error: unknown): void;
}

export interface FileSourceOptions {
  label: string;
  concurrencyKey: string | null;
  timezone: string;
  options: ReadOptions | undefined;
  /** What `{{cursor}}` stands for: what the source remembered itself, or the cursor of the task. */
  cursorIsMark: boolean;
}

/** A file's rows in Parquet, as an upload would have them. */
interface LoadedFile {
  path: string;
  columns: SourceColumn[];
  rowCount: number;
}

/** A source that gives files: they are loaded as uploads are, so that types and bad rows come out alike, and then taken as a task wants them. */
export class FileSource implements SyncSource {
  readonly readsRanges = false;
  readonly label: string;
  readonly concurrencyKey: string | null;
  readonly #temporary = new Set<string>();
  #loaded: LoadedFile[] | undefined;
  #columns: SourceColumn[] = [];
  #leftOut = 0;
  #mark: unknown;

  constructor(
    readonly reader: FileReader,
    readonly given: FileSourceOptions,
    readonly deps: FileSourceDeps,
  ) {
    this.label = given.label;
    this.concurrencyKey = given.concurrencyKey;
  }

  get hasLeftOut(): boolean {
    return this.#leftOut > 0;
  }

  async prepare(request: PrepareRequest): Promise<boolean> {
    const { mark, from, to, isAnew, held, signal, onBytes, log } = request;
    const cursor = this.given.cursorIsMark ? (typeof mark === 'string' ? mark : null) : from;
    this.#mark = mark;
    const isChanged = await this.#collect({
      ...this.#collecting({ from, to, cursor }, signal),
      mark,
      onBytes,
      log,
    });
    if (!isChanged) return false;
    // Files without rows are news where rows are to go, or the files are to be put away.
    if (this.#rowCount() === 0 && !(held && (isAnew || this.#mark !== mark))) return false;
    this.#columns = await this.#planned(request);
    return true;
  }

  async published(): Promise<void> {
    await this.reader.published?.(this.#mark);
  }

  async close(): Promise<void> {
    for (const path of this.#temporary) await rm(path, { force: true });
    this.#temporary.clear();
  }

  async shape(signal: AbortSignal) {
    if (!this.#loaded) {
      await this.#collect({
        ...this.#collecting({ from: null, to: null, cursor: null }, signal),
        isProbe: true,
      });
      this.#columns = mergedColumns((this.#loaded ?? []).map(({ columns }) => columns));
      if (this.#columns.length === 0) return { columns: [], estimatedRows: null, isUnknown: true as const };
      return { columns: this.#columns, estimatedRows: null };
    }
    return { columns: this.#columns, estimatedRows: this.#rowCount() };
  }

  async preview(columns: readonly SyncedColumn[], limit: number, signal: AbortSignal) {
    const files = (this.#loaded ?? []).map(({ path }) => path);
    const wanted = columns.map(({ source, type, scale }) => ({
      name: source,
      type,
      ...(scale === undefined ? {} : { scale }),
    }));
    const job = { kind: 'preview' as const, files, columns: wanted, limit, offset: 0 };
    const rows = files.length === 0 ? [] : await this.deps.ingest.run<'preview'>(job, { signal });
    return { columns: columns.map(({ name, type }) => ({ name, type })), rows };
  }

  /** All rows that `prepare` fetched, as one batch: they are published together, or that there are none in what was read. */
  async *read({ columns, newFile, signal, mark }: ReadRequest): AsyncGenerator<StagedBatch> {
    const files = (this.#loaded ?? []).filter(({ rowCount }) => rowCount > 0);
    if (files.length === 0) {
      if (this.#mark === mark) return;
      const job = { kind: 'empty' as const, columns, target: await newFile() };
      const { path, rowCount } = await this.deps.ingest.run<'empty'>(job, { signal });
      yield { path, rowCount, mark: this.#mark };
      return;
    }
    const staged = columns.map((column) => ({ ...column, isExact: this.#isExact(column) }));
    const rows = { format: 'parquet' as const, paths: files.map(({ path }) => path) };
    const job = { kind: 'stage' as const, rows, columns: staged, target: await newFile() };
    const { path, rowCount } = await this.deps.ingest.run<'stage'>(job, { signal });
    yield { path, rowCount, mark: this.#mark };
  }

  /** Of every file: its own type may be narrower than that of all. */
  #isExact(column: SyncedColumn): boolean {
    return (this.#loaded ?? []).every(({ columns }) => {
      const found = columns.find(({ name }) => name.toLowerCase() === column.source.toLowerCase());
      return !found || isExact(found, column);
    });
  }

  #rowCount(): number {
    return (this.#loaded ?? []).reduce((sum, { rowCount }) => sum + rowCount, 0);
  }

  #newFile(): string {
    const path = join(this.deps.folders.uploads, temporaryName());
    this.#temporary.add(path);
    return path;
  }

  #collecting(
    range: { from: string | null; to: string | null; cursor: string | null },
    signal: AbortSignal,
  ): Collecting {
    return {
      values: { nowMs: this.deps.clock.now(), timezone: this.given.timezone, ...range },
      mark: undefined,
      newFile: async () => this.#newFile(),
      onBytes: () => undefined,
      log: () => undefined,
      signal,
    };
  }

  /** False where the source is as it was. */
  async #collect(run: Collecting): Promise<boolean> {
    const collected = await this.reader.collect(run);
    if (collected.isUnchanged) return false;
    const loaded: LoadedFile[] = [];
    for await (const file of collected.files) {
      loaded.push(await this.#load(file, run));
      this.#mark = file.mark;
      await rm(file.path, { force: true });
    }
    this.#loaded = loaded;
    return true;
  }

  async #load(
    { path: staged, name: sourceName, mediaType, format }: CollectedFile,
    run: Collecting,
  ): Promise<LoadedFile> {
    const [target, rejected] = [this.#newFile(), this.#newFile()];
    const options = { ...this.given.options, ...(format === undefined ? {} : { format }) };
    const job = { kind: 'load' as const, staged, sourceName, mediaType, options, target, rejected };
    try {
      const loaded = await this.deps.ingest.run<'load'>(job, { signal: run.signal });
      const { rowCount, columns, warnings, rejected: left } = loaded;
      this.#leftOut += left.count;
      if (left.count > 0)
        run.log('Rows did not fit and were left out', { file: sourceName, count: left.count });
      for (const warning of warnings) run.log(warning, { file: sourceName });
      return { path: target, rowCount, columns: columns.map(sourceColumn) };
    } catch (error) {
      this.deps.countLimit(error);
      throw this.#explained(error, sourceName);
    }
  }

  #explained(error: unknown, file: string): unknown {
    if (!(error instanceof AppError)) return error;
    const { code, message, params, cause, pointer } = error;
    const at = pointer === undefined || pointer === '/file' ? '/source' : `/source/options${pointer}`;
    return new AppError(code, message, { pointer: at, params: { ...params, file }, cause });
  }

  async #planned({ held, keepsTypes, signal }: PrepareRequest): Promise<SourceColumn[]> {
    const found = mergedColumns((this.#loaded ?? []).map(({ columns }) => columns));
    if (found.length === 0) return heldColumns(held ?? []);
    if (!held || !keepsTypes) return found;
    const planned: SourceColumn[] = [];
    for (const column of found) {
      const kept = held.find(({ source }) => source === column.name);
      const isEmpty =
        kept !== undefined && kept.type !== column.type && (await this.#isEmpty(column, signal));
      planned.push(asHeld(column, kept, isEmpty));
    }
    return planned;
  }

  async #isEmpty({ name, type }: SourceColumn, signal: AbortSignal): Promise<boolean> {
    if (type !== 'text') return false;
    const files = (this.#loaded ?? []).map(({ path }) => path);
    const column = { name, source: name, type };
    const job = { kind: 'bounds' as const, files, column, atLeast: null };
    const { rows, nulls } = await this.deps.ingest.run<'bounds'>(job, { signal });
    return rows === nulls;
  }
}
