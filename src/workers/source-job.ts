import type { ColumnType, SourceColumn } from '../domain/column.ts';
import type { DatasourceConnection, ServerFacts, TableColumn, TableInfo } from '../domain/datasource.ts';
import type { QuerySummary } from '../domain/query-result.ts';
import type { PoolStats } from '../drivers/driver.ts';
import type { CsvForm } from '../drivers/run-copy.ts';
import type { Statement } from '../sql/ast.ts';
import type { Engine } from '../sql/dialect.ts';
import type { CheckedSelect } from '../sql/gate/check-select.ts';
import type { PivotJob, RowsJob } from './query-job.ts';
import type { NamedPool } from './source-drivers.ts';

/** A table by its name, and by its schema where it is not in the default one. */
export interface TableName {
  schema?: string | undefined;
  name: string;
}

/** How long and how deeply nested a caller's statement may be. */
export interface SqlLimits {
  maxBytes: number;
  maxDepth: number;
}

/** Rows of a statement over a database; without `columns` the driver says what comes. */
export interface SourceRowsJob extends Omit<RowsJob, 'kind' | 'columns'> {
  kind: 'rows';
  columns: SourceColumn[] | undefined;
  /** After which the server itself ends the statement. */
  timeoutMs: number;
}

export interface SourcePivotJob extends PivotJob {
  timeoutMs: number;
}

export type SourceQuery = SourceRowsJob | SourcePivotJob;

/** A column of a statement whose rows are to become CSV. */
export interface CopiedColumn {
  type: ColumnType;
  scale?: number | undefined;
  form: CsvForm;
}

/** Rows of a statement into CSV files; a chunk of the answer is the JSON of a CsvFile, and it goes on when that was taken. */
export interface CopyJob {
  /** Without parameters, for engines that have a fast way. */
  text: string;
  statement: Statement;
  columns: readonly CopiedColumn[];
  /** Where the files go, under temporary names. */
  folder: string;
  fileBytes: number;
  fileRows: number;
  timeoutMs: number;
}

/** What the thread of databases is asked. `forget` closes a datasource's connections. */
export type SourceJob =
  | { kind: 'query'; connection: DatasourceConnection; query: SourceQuery }
  | { kind: 'copy'; connection: DatasourceConnection; copy: CopyJob }
  | { kind: 'facts'; connection: DatasourceConnection }
  | { kind: 'schemas'; connection: DatasourceConnection }
  | { kind: 'tables'; connection: DatasourceConnection; schema: string | undefined }
  | { kind: 'columns'; connection: DatasourceConnection; table: TableName }
  | { kind: 'describe'; connection: DatasourceConnection; statement: Statement }
  | {
      kind: 'preview';
      connection: DatasourceConnection;
      statement: Statement;
      columns: readonly SourceColumn[];
      limit: number;
    }
  | { kind: 'check'; text: string; engine: Engine; tables: readonly string[] | undefined; limits: SqlLimits }
  | { kind: 'pools' }
  | { kind: 'stats'; id: string }
  | { kind: 'forget'; id: string };

export interface SourceResultOf {
  query: QuerySummary;
  copy: null;
  facts: ServerFacts;
  schemas: string[];
  tables: TableInfo[];
  columns: TableColumn[];
  describe: TableColumn[];
  preview: unknown[][];
  check: CheckedSelect;
  pools: NamedPool[];
  stats: PoolStats;
  forget: null;
}

export interface SourceWorkerOptions {
  tempFolder: string;
  memoryLimitBytes: number;
  tempMaxBytes: number;
  threads: number;
}
