import { AppError, describe } from '../base/errors.ts';
import type { Column } from '../domain/column.ts';
import type { DatasourceConnection, ServerFacts, TableColumn, TableInfo } from '../domain/datasource.ts';
import type { SyncedColumn } from '../domain/sync-task.ts';
import type { CsvFile } from '../drivers/csv-writer.ts';
import type { PoolStats } from '../drivers/driver.ts';
import { render, type Statement } from '../sql/ast.ts';
import type { Log } from '../telemetry/log.ts';
import type { CheckJob } from '../workers/gate.worker.ts';
import type { JobOptions, JobPool } from '../workers/job-pool.ts';
import { type NamedPool, NO_POOL } from '../workers/source-drivers.ts';
import type { CopyJob, SourceJob, SourceQuery, SourceResultOf, TableName } from '../workers/source-job.ts';
import { firstRows } from './first-rows.ts';
import { type Subject, tableSource, tableSubject, type Zones } from './subject.ts';

export type { CsvFile } from '../drivers/csv-writer.ts';
export type { CopyJob as CopyRequest, TableName } from '../workers/source-job.ts';

import type { CheckedSelect } from '../sql/gate/check-select.ts';

/** A scrape must not wait for a thread that hangs. */
const POOLS_MS = 2000;
/** Far above what the parser takes for the longest statement allowed. */
const CHECK_MS = 30_000;

type Pool = JobPool<SourceJob, SourceResultOf[SourceJob['kind']]>;

/** The door to databases: everything is asked of the one thread that holds their connections, and the gate of another process. */
export class SourceRunner {
  constructor(
    readonly pool: Pool,
    readonly gate: JobPool<CheckJob, CheckedSelect>,
    readonly zones: Zones,
    readonly log: Log,
  ) {}

  async #ask<K extends SourceJob['kind']>(
    job: Extract<SourceJob, { kind: K }>,
    options: JobOptions,
  ): Promise<SourceResultOf[K]> {
    return (await this.pool.run(job, options)) as SourceResultOf[K];
  }

  query(connection: DatasourceConnection, query: SourceQuery, options: JobOptions) {
    return this.#ask<'query'>({ kind: 'query', connection, query }, options);
  }

  /** Rows of a statement as CSV files; `onFile` is waited for, so that no more come than are taken. The files are the taker's to remove. */
  async copy(
    connection: DatasourceConnection,
    copy: CopyJob,
    onFile: (file: CsvFile) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const decoder = new TextDecoder();
    const onChunk = async (bytes: Uint8Array<ArrayBuffer>) => {
      const text = decoder.decode(bytes).trim();
      if (text !== '') await onFile(JSON.parse(text) as CsvFile);
    };
    await this.#ask<'copy'>({ kind: 'copy', connection, copy }, { signal, onChunk, isOnce: true });
  }

  /** Some rows of a subject, in the values of a JSON answer. */
  sample(
    subject: Subject,
    columns: readonly SyncedColumn[],
    limit: number,
    signal: AbortSignal,
  ): Promise<unknown[][]> {
    const { dialect, source, connection } = subject;
    const sources = columns.map((column) => subject.columns.find(({ name }) => name === column.source)!);
    const typed = sources.map(({ type }, i) => ({ name: columns[i]!.name, type }));
    const statement = render(subject.finish(firstRows(sources, source, dialect, limit)), dialect);
    const job = { kind: 'preview' as const, connection: connection!, statement, columns: typed, limit };
    return this.#ask<'preview'>(job, { signal });
  }

  facts(connection: DatasourceConnection, signal: AbortSignal): Promise<ServerFacts> {
    return this.#ask<'facts'>({ kind: 'facts', connection }, { signal });
  }

  /** What the login may do beyond reading, by the names of the rights. */
  rights(connection: DatasourceConnection, signal: AbortSignal): Promise<string[]> {
    return this.#ask<'rights'>({ kind: 'rights', connection }, { signal });
  }

  schemas(connection: DatasourceConnection, signal: AbortSignal): Promise<string[]> {
    return this.#ask<'schemas'>({ kind: 'schemas', connection }, { signal });
  }

  tables(
    connection: DatasourceConnection,
    schema: string | undefined,
    signal: AbortSignal,
  ): Promise<TableInfo[]> {
    return this.#ask<'tables'>({ kind: 'tables', connection, schema }, { signal });
  }

  columns(connection: DatasourceConnection, table: TableName, signal: AbortSignal): Promise<TableColumn[]> {
    return this.#ask<'columns'>({ kind: 'columns', connection, table }, { signal });
  }

  /** The first rows of a table, in the values of a JSON answer. */
  async preview(
    connection: DatasourceConnection,
    { limit, ...table }: TableName & { limit: number },
    signal: AbortSignal,
  ) {
    const columns = await this.columns(connection, table, signal);
    const { dialect, source } = tableSubject(connection, tableSource(connection, table), columns, this.zones);
    const statement = render(firstRows(columns, source, dialect, limit), dialect);
    const listed: Column[] = columns.map(({ name, type }) => ({ name, type }));
    const rows = await this.#ask<'preview'>(
      { kind: 'preview', connection, statement, columns, limit },
      { signal },
    );
    return { columns: listed, rows };
  }

  /** Columns that a statement yields, without running it. */
  describe(
    connection: DatasourceConnection,
    statement: Statement,
    signal: AbortSignal,
  ): Promise<TableColumn[]> {
    return this.#ask<'describe'>({ kind: 'describe', connection, statement }, { signal });
  }

  /** The gate of raw SQL. Throws its refusal, or `query.timeout` for a statement that the parser does not get through. */
  async check(job: CheckJob, signal: AbortSignal): Promise<CheckedSelect> {
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(new AppError('query.timeout', `The statement was not parsed in ${CHECK_MS / 1000} s`)),
      CHECK_MS,
    );
    try {
      return await this.gate.run(job, { signal: AbortSignal.any([signal, late.signal]) });
    } finally {
      clearTimeout(timer);
    }
  }

  async stats({ id }: Pick<DatasourceConnection, 'id'>): Promise<PoolStats> {
    return (await this.#askIfStarted<'stats'>({ kind: 'stats', id })) ?? NO_POOL;
  }

  /** The pools of the datasources that were used; none before the first. */
  async pools(): Promise<NamedPool[]> {
    return (await this.#askIfStarted<'pools'>({ kind: 'pools' })) ?? [];
  }

  /** Closes the connections of a datasource, soon. */
  forget(id: string): void {
    this.#askIfStarted<'forget'>({ kind: 'forget', id }).catch((error) =>
      this.log.warning('datasource.notClosed', { id, cause: describe(error) }),
    );
  }

  async #askIfStarted<K extends 'stats' | 'pools' | 'forget'>(
    job: Extract<SourceJob, { kind: K }>,
  ): Promise<SourceResultOf[K] | undefined> {
    const found = await this.pool.runIfStarted(job, { signal: AbortSignal.timeout(POOLS_MS), isProbe: true });
    return found as SourceResultOf[K] | undefined;
  }
}
