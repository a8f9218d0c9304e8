import type { SourceColumn } from '../domain/column.ts';
import type { Numbers, PivotFormat, RowFormat } from '../domain/query-result.ts';
import type { FenceTargets } from '../drivers/duckdb/fence.ts';
import type { Statement } from '../sql/ast.ts';
import type { PivotProgram } from '../sql/pivot.ts';

/** How far an answer may go. */
export interface Caps {
  rows: number;
  bytes: number;
  cells: number;
}

interface Common {
  numbers: Numbers;
  caps: Caps;
}

/** One statement whose rows are the answer. */
export interface RowsJob extends Common {
  kind: 'rows';
  statement: Statement;
  columns: SourceColumn[];
  /** Counts all rows that the statement would give without its page. */
  countStatement: Statement | undefined;
  format: RowFormat;
}

export interface PivotJob extends Common {
  kind: 'pivot';
  program: PivotProgram;
  /** Of a pivot over a database: for values that DuckDB has no room for. */
  inTexts?: PivotProgram;
  format: PivotFormat;
}

/** A caller's own checked statement over datasets, which it names as tables. */
export interface SqlJob extends Common {
  kind: 'sql';
  statement: Statement;
  tables: { name: string; source: string }[];
  format: RowFormat;
  timezone: string;
}

export type QueryJob = RowsJob | PivotJob | SqlJob;

/** Tries to break out of the worker's own DuckDB; gives a line for each way that was not refused. */
export interface AttestJob {
  kind: 'attest';
  targets: FenceTargets;
}

export interface QueryWorkerOptions {
  datasetsFolder: string;
  tempFolder: string;
  memoryLimitBytes: number;
  tempMaxBytes: number;
  threads: number;
}
