import type { SyncedColumn } from '../../domain/sync-task.ts';

/** Rows as they came: CSV files as drivers/csv-writer.ts makes them, or a Parquet file whose columns have the names of the source. */
export type RawRows =
  | {
      format: 'csv';
      paths: readonly string[];
      /** Bytes of the longest row. */
      longest: number;
      hasEra: boolean;
    }
  | { format: 'parquet'; paths: readonly string[] };

/** A column to be staged. `isExact`: the source's own type fits into it, so that no value needs a look. */
export interface StagedColumn extends SyncedColumn {
  isExact?: boolean;
}

/** Makes a Parquet file of them, in the types of the dataset; `sync.value` where a value does not fit. */
export interface StageJob {
  kind: 'stage';
  rows: RawRows;
  columns: readonly StagedColumn[];
  target: string;
}

export interface Written {
  path: string;
  rowCount: number;
  bytes: number;
}

/** Least and greatest value of a column as DuckDB writes them, and how many rows there are, and how many without a value. */
export interface BoundsJob {
  kind: 'bounds';
  files: readonly string[];
  column: SyncedColumn;
  atLeast: string | null;
}

export interface Bounds {
  min: string | null;
  max: string | null;
  /** Where a cursor goes on from: of `atLeast` and the greatest finite value the greater one, in the form of checkpoints. */
  greatest: string | null;
  rows: number;
  nulls: number;
}

/** The rows of a window of the cursor, both ends inside (null: open), and those without a cursor where `nulls`. */
export interface Window {
  cursor: SyncedColumn;
  from: string | null;
  to: string | null;
  nulls: boolean;
}

/** The value of a column that marks a removed row; without one true, or anything but null. */
export interface RemovedMark {
  column: SyncedColumn;
  value?: string | number | boolean;
}

/**
 * How staged rows go into a dataset. `append`: those of the window that are there more often than in the dataset are added. `upsert`: they
 * take the place of rows with their key. `replace`: they take the place of the window's rows (and of rows with their key, where there are
 * keys). `retain`: rows whose key is not among the staged ones are taken away.
 */
export type ApplyRule =
  | {
      kind: 'append';
      window: Window;
      newColumns?: { cursor: string | null; names: readonly string[] } | undefined;
    }
  | {
      kind: 'upsert';
      keys: readonly string[];
      cursor: SyncedColumn | undefined;
      removed: RemovedMark | undefined;
    }
  | { kind: 'replace'; window: Window; keys: readonly string[] | undefined; removed: RemovedMark | undefined }
  | { kind: 'retain'; keys: readonly string[] };

export interface ApplyJob {
  kind: 'apply';
  staged: readonly string[];
  /** Of them, the ones whose rows were published by this run before: they only help to count rows that are alike. */
  carried: readonly string[];
  /** The dataset's files, as they stand. */
  files: readonly string[];
  /** Of them, those that this run made from other batches: no row of theirs is in this one. */
  own: readonly string[];
  /** Names of columns that the files have. */
  present: readonly string[];
  columns: readonly SyncedColumn[];
  /** Names of columns that the staged files lack: null in every row. */
  absent: readonly string[];
  rule: ApplyRule;
  /** Where new files go, under temporary names. */
  folder: string;
}

/** What became of it. A staged file that can serve as it is, is `added` itself. */
export interface Applied {
  added: Written | null;
  /** Files of the dataset with what is in their place; nothing where no row was left. */
  rewritten: { file: string; by: Written | null }[];
  rowsAdded: number;
  rowsRemoved: number;
}

/** Makes one file of several, rows in their order. */
export interface CompactJob {
  kind: 'compact';
  files: readonly string[];
  target: string;
}

/** A file without rows. */
export interface EmptyJob {
  kind: 'empty';
  columns: readonly SyncedColumn[];
  target: string;
}

export type SyncJob = StageJob | BoundsJob | ApplyJob | CompactJob | EmptyJob;

export interface SyncResultOf {
  stage: Written & { columns: SyncedColumn[] };
  bounds: Bounds;
  apply: Applied;
  compact: Written;
  empty: Written;
}
