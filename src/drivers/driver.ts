import type { Column, SourceColumn } from '../domain/column.ts';
import type { ColumnData } from '../domain/column-data.ts';
import type {
  DatasourceSettings,
  ServerFacts,
  SourceEngine,
  TableColumn,
  TableInfo,
} from '../domain/datasource.ts';
import type { Statement } from '../domain/statement.ts';
import type { PoolStats, PoolTimes } from './connection-pool.ts';
import type { CopyOptions } from './run-copy.ts';

export type { PoolStats } from './connection-pool.ts';

/** Rows of a result, in columns. The buffers are the driver's and are filled anew for the next batch. */
export interface Batch {
  columns: readonly ColumnData[];
  count: number;
}

export interface RunOptions {
  signal: AbortSignal;
  /** After which the server itself ends the statement. */
  timeoutMs: number;
  /** Types of the answer's columns where the caller knows them (statements that we compiled); else the driver says them. */
  types?: readonly SourceColumn[];
  /** Rows of a batch. */
  batchRows?: number;
}

/** A running statement. Leaving the loop early, or an abort, ends the statement on the server and gives the connection back clean or closes it. */
export interface Rows extends AsyncIterable<Batch> {
  /** Known before the first batch. */
  columns(): Promise<readonly Column[]>;
}

/**
 * What every engine does. Statements run in read-only sessions with the statement timeout set in the session; parameters are always
 * bound. Errors are AppErrors: `datasource.unreachable | login | database | tls | rights | timeout`, `query.timeout`,
 * `query.cancelled`, `query.failed`, each without SQL text or parameters in its detail.
 */
export interface Driver extends AsyncDisposable {
  readonly engine: SourceEngine;
  /** Connects and asks who is there. */
  facts(signal: AbortSignal): Promise<ServerFacts>;
  run(statement: Statement, options: RunOptions): Rows;
  /**
   * The rows of a SELECT without parameters as CSV, without a look at their values; where the engine has a fast way. `query.unsupported`
   * or `query.syntax` where this server has not.
   */
  copy?(text: string, options: CopyOptions): Promise<void>;
  schemas(signal: AbortSignal): Promise<string[]>;
  tables(schema: string | undefined, signal: AbortSignal): Promise<TableInfo[]>;
  /** AppError `resource.notFound` when there is no such table, or it may not be seen. */
  columns(table: { schema?: string | undefined; name: string }, signal: AbortSignal): Promise<TableColumn[]>;
  /** Names and types of the columns that a SELECT yields, without running it. */
  describe(statement: Statement, signal: AbortSignal): Promise<TableColumn[]>;
  stats(): PoolStats;
}

/** What a driver needs besides its settings. */
export interface DriverContext {
  /** Shown to the server as the client's name, where it has a place for it. */
  applicationName: string;
  onPoolEvent(event: 'created' | 'failed' | 'closed'): void;
  /** When connections are asked whether they live, and when they are closed, where it is not as usual. */
  poolTimes?: Partial<PoolTimes>;
}

export type OpenDriver = (settings: DatasourceSettings, context: DriverContext) => Driver;

export type { EngineSettings } from '../domain/engine-settings.ts';
