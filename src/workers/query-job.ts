import type { Column } from '../domain/column.ts';
import type { AxisDetail } from '../render/pivot.ts';
import type { RowFormat } from '../render/rows.ts';
import type { Numbers } from '../render/values.ts';
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
  columns: Column[];
  /** Counts all rows that the statement would give without its page. */
  countStatement: Statement | undefined;
  format: RowFormat;
}

export interface PivotJob extends Common {
  kind: 'pivot';
  program: PivotProgram;
  format: 'json' | 'long' | 'csv';
}

export type QueryJob = RowsJob | PivotJob;

/** What is known when the last byte of the body was sent. */
export interface QuerySummary {
  rowCount: number;
  /** The names of the limits that cut the answer. */
  cutBy: ('QUERY_MAX_ROWS' | 'EXPORT_MAX_ROWS' | 'QUERY_MAX_BYTES' | 'PIVOT_MAX_CELLS')[];
  totalRows?: number;
  detail?: { rows: AxisDetail; columns: AxisDetail };
  resultHash: string;
  bytes: number;
  /** Milliseconds in the worker. */
  elapsedMs: number;
}

export interface QueryWorkerOptions {
  datasetsFolder: string;
  tempFolder: string;
  memoryLimitBytes: number;
  tempMaxBytes: number;
  threads: number;
}
