import { describe } from '../base/errors.ts';
import type { Column } from '../domain/column.ts';
import type { DatasourceConnection, ServerFacts, TableColumn, TableInfo } from '../domain/datasource.ts';
import type { SyncedColumn } from '../domain/sync-task.ts';
import type { CsvFile } from '../drivers/csv-writer.ts';
import type { PoolStats } from '../drivers/driver.ts';
import { render, type Statement } from '../sql/ast.ts';
import type { Log } from '../telemetry/log.ts';
import type { RunOptions, WorkerPool } from '../workers/pool.ts';
import type {
  CopyJob,
  SourceJob,
  SourceQuery,
  SourceResultOf,
  SqlLimits,
  TableName,
} from '../workers/source-job.ts';

import { firstRows } from './first-rows.ts';
import { type Subject, tableSource, tableSubject, type Zones } from './subject.ts';

export type { CsvFile } from '../drivers/csv-writer.ts';
export type { CopyJob as CopyRequest, TableName } from '../workers/source-job.ts';

import type { Engine } from '../sql/dialect.ts';
import type { CheckedSelect } from '../sql/gate/check-select.ts';

/** A scrape must not wait for a thread that hangs. */
const POOLS_MS = 2000;

type Pool = WorkerPool<SourceJob, SourceResultOf[SourceJob['kind']]>;

/** The door to databases: everything is asked of the one thread that holds their connections. */
export class SourceRunner {
  constructor(
    readonly pool: Pool,
    readonly zones: Zones,
    readonly log: Log,
  ) {}

  async #ask<K extends SourceJob['kind']>(
    job: Extract<SourceJob, { kind: K }>,
    options: RunOptions,
  ): Promise<SourceResultOf[K]> {
    return (await this.pool.run(job, options)) as SourceResultOf[K];
  }

  query(connection: DatasourceConnection, query: SourceQuery, options: RunOptions) {
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
    await this.#ask<'copy'>({ kind: 'copy', connection, copy }, { signal, onChunk });
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
      { kind: 'preview', connection, statement, columns: listed, limit },
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

  /** The gate of raw SQL; its parser is large, so it lives in the thread. `tables` are the only ones allowed, where given. */
  check(
    text: string,
    engine: Engine,
    tables: readonly string[] | undefined,
    limits: SqlLimits,
    signal: AbortSignal,
  ): Promise<CheckedSelect> {
    return this.#ask<'check'>({ kind: 'check', text, engine, tables, limits }, { signal });
  }

  stats({ id }: Pick<DatasourceConnection, 'id'>): Promise<PoolStats> {
    return this.#ask<'stats'>({ kind: 'stats', id }, { signal: new AbortController().signal });
  }

  /** The pools of the datasources that were used; none before the first. */
  async pools() {
    if (this.pool.stats().started === 0) return [];
    return this.#ask<'pools'>({ kind: 'pools' }, { signal: AbortSignal.timeout(POOLS_MS) });
  }

  /** Closes the connections of a datasource, soon. */
  forget(id: string): void {
    // A thread that never started has nothing to forget.
    if (this.pool.stats().started === 0) return;
    this.#ask<'forget'>({ kind: 'forget', id }, { signal: new AbortController().signal }).catch((error) =>
      this.log.warning('datasource.notClosed', { id, cause: describe(error) }),
    );
  }
}
