import { readFile, rm } from 'node:fs/promises';
import { AppError } from '../../base/errors.ts';
import type { DatasourceConnection, SourceEngine, TableColumn } from '../../domain/datasource.ts';
import type { SyncedColumn } from '../../domain/sync-task.ts';

import { copyStatement, hasZeroDates, scaleStatement } from '../../engine/copy-rows.ts';
import type { CopyRequest, CsvFile } from '../../engine/source-runner.ts';
import type { Sources } from '../../engine/sources.ts';
import type { Subject } from '../../engine/subject.ts';
import type { Folders } from '../../lake/folders.ts';
import type { IngestRunner } from '../../lake/jobs.ts';
import type {
  OpenSource,
  ReadRequest,
  SourceColumn,
  SourceShape,
  StagedBatch,
  SyncSource,
} from '../sync-source.ts';
import { Channel } from './channel.ts';
import { isExact } from './plan-columns.ts';

export interface DatabaseSourceDeps {
  resolveDatasource(nameOrId: string, pointer?: string): Promise<DatasourceConnection>;
  /** Asks the database anew each time. */
  sources: Sources;
  access: {
    copy(
      connection: DatasourceConnection,
      copy: CopyRequest,
      onFile: (file: CsvFile) => Promise<void>,
      signal: AbortSignal,
    ): Promise<void>;
    sample(
      subject: Subject,
      columns: readonly SyncedColumn[],
      limit: number,
      signal: AbortSignal,
    ): Promise<unknown[][]>;
  };
  estimateRows(connection: DatasourceConnection, table: string, signal: AbortSignal): Promise<number | null>;
  ingest: IngestRunner;
  folders: Folders;
}

const FILE_BYTES = 32 << 20;
const ONE_FILE = Number.MAX_SAFE_INTEGER;

/** Makes pointers of a query those of a task. */
async function pointed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message, params, retryAfterS, cause, pointer = '' } = error;
    const at = pointer.startsWith('/source') ? pointer : `/source${pointer.replace(/^\/from/, '')}`;
    throw new AppError(code, message.replace(/^\/from/, '/source'), {
      pointer: at,
      params,
      retryAfterS,
      cause,
    });
  }
}

export function openTable(deps: DatabaseSourceDeps): OpenSource<'table'> {
  return (spec, signal) =>
    pointed(async () => {
      const connection = await deps.resolveDatasource(spec.datasource, '/source/datasource');
      const subject = await deps.sources.table(connection, spec.table, signal);
      return new DatabaseSource(deps, subject, spec.table);
    });
}

export function openSql(deps: DatabaseSourceDeps): OpenSource<'sql'> {
  return (spec, signal) =>
    pointed(async () => {
      const connection = await deps.resolveDatasource(spec.datasource, '/source/datasource');
      const subject = await deps.sources.select(connection, spec.sql, spec.params ?? {}, signal);
      return new DatabaseSource(deps, subject, undefined);
    });
}

function sourceColumn(
  { name, type, nativeType, nullable, precision, scale }: TableColumn,
  engine: SourceEngine,
): SourceColumn {
  const base = { name, nullable: nullable || hasZeroDates(engine, type), nativeType };
  // Does not fit eight bytes with a sign.
  if (/^bigint.* unsigned/.test(nativeType)) return { ...base, type: 'decimal', precision: 20, scale: 0 };
  return {
    ...base,
    type,
    ...(precision === undefined ? {} : { precision }),
    ...(scale === undefined ? {} : { scale }),
  };
}

/** A table, a view or a SELECT of a database. */
class DatabaseSource implements SyncSource {
  readonly readsRanges = true;
  readonly label: string;
  readonly concurrencyKey: string;
  readonly #columns: readonly TableColumn[];
  readonly #shape: readonly SourceColumn[];

  constructor(
    readonly deps: DatabaseSourceDeps,
    readonly subject: Subject,
    readonly table: string | undefined,
  ) {
    // What a subject of a database was made of.
    this.#columns = subject.columns as readonly TableColumn[];
    this.#shape = this.#columns.map((column) => sourceColumn(column, subject.connection!.engine));
    this.label = `${subject.origin.name}${table === undefined ? '' : ` ${table}`}`;
    this.concurrencyKey = subject.origin.id;
  }

  async shape(signal: AbortSignal): Promise<SourceShape> {
    const { deps, subject, table } = this;
    const estimatedRows =
      table === undefined ? null : await deps.estimateRows(subject.connection!, table, signal);
    return { columns: this.#shape, estimatedRows };
  }

  async scales(columns: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<number[]> {
    const statement = scaleStatement(this.subject, columns);
    let line = '';
    const take = async ({ path }: CsvFile) => {
      line = (await readFile(path, 'utf8')).trim();
      await rm(path, { force: true });
    };
    await this.#copy({ ...statement, timeoutMs, fileRows: 1 }, take, signal);
    return line.split(',').map(Number);
  }

  async preview(columns: readonly SyncedColumn[], limit: number, signal: AbortSignal) {
    const rows = await this.deps.access.sample(this.subject, columns, limit, signal);
    return { columns: columns.map(({ name, type }) => ({ name, type })), rows };
  }

  async *read(request: ReadRequest): AsyncGenerator<StagedBatch, void, undefined> {
    const { columns, range, timeoutMs, batchRows } = request;
    const left = new AbortController();
    const onAbort = () => left.abort(request.signal.reason);
    if (request.signal.aborted) onAbort();
    request.signal.addEventListener('abort', onAbort);
    const batches = new Channel<StagedBatch>();
    const statement = copyStatement(this.subject, this.#columns, columns, range);
    let inTurn: Promise<void> = Promise.resolve();
    // A file is read while the one before it is staged; what comes after waits.
    const take = (file: CsvFile) => {
      const before = inTurn;
      inTurn = before.then(async () => batches.put(await this.#stage(file, request, left.signal)));
      inTurn.catch((error) => {
        batches.fail(error);
        left.abort(error);
      });
      return before;
    };
    const copying = this.#copy({ ...statement, timeoutMs, fileRows: batchRows }, take, left.signal);
    copying
      .then(() => inTurn)
      .then(
        () => batches.end(),
        (error) => batches.fail(error),
      );
    try {
      yield* batches;
    } finally {
      left.abort(new AppError('query.cancelled', 'No more rows are wanted'));
      request.signal.removeEventListener('abort', onAbort);
      await Promise.allSettled([copying, inTurn]);
    }
  }

  #copy(
    copy: Omit<CopyRequest, 'folder' | 'fileBytes'>,
    take: (file: CsvFile) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const { access, folders } = this.deps;
    const request = {
      ...copy,
      folder: folders.uploads,
      fileBytes: copy.fileRows === 1 ? ONE_FILE : FILE_BYTES,
    };
    return access.copy(this.subject.connection!, request, take, signal);
  }

  async #stage(file: CsvFile, request: ReadRequest, signal: AbortSignal): Promise<StagedBatch> {
    try {
      signal.throwIfAborted();
      const target = await request.newFile();
      const columns = request.columns.map((column) => ({
        ...column,
        isExact: isExact(this.#shape.find(({ name }) => name === column.source)!, column),
      }));
      const rows = { format: 'csv' as const, paths: [file.path], longest: file.longest, hasEra: file.hasEra };
      const job = { kind: 'stage' as const, rows, columns, target };
      const { rowCount } = await this.deps.ingest.run<'stage'>(job, { signal });
      request.onBytes(file.bytes);
      return { path: target, rowCount };
    } finally {
      await rm(file.path, { force: true });
    }
  }
}
