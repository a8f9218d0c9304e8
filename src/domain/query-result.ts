/** `json` is rows as arrays; `objects` rows as objects; `columns` an array a column. */
export type RowFormat = 'json' | 'objects' | 'columns' | 'csv';

/** `json` is a grid of cells with its headers; `long` and `csv` one row a cell. */
export type PivotFormat = 'json' | 'long' | 'csv';

/** Whether decimals and large integers travel as strings, or as the nearest float. */
export type Numbers = 'exact' | 'float';

/** A range of the request as it was resolved; local wall-clock ISO texts, half open. */
export interface ReportedRange {
  pointer: string;
  from?: string;
  to?: string;
}

/** How many details of an axis an answer has. */
export interface AxisDetail {
  returned: number;
  total: number;
  truncated: boolean;
}

/** What is known when the last byte of an answer's body was made. */
export interface QuerySummary {
  rowCount: number;
  /** The names of the limits that cut the answer. */
  cutBy: ('QUERY_MAX_ROWS' | 'QUERY_MAX_BYTES' | 'PIVOT_MAX_CELLS')[];
  totalRows?: number;
  detail?: { rows: AxisDetail; columns: AxisDetail };
  resultHash: string;
  bytes: number;
  /** Milliseconds in the worker. */
  elapsedMs: number;
}
