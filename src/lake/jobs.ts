import type { Column } from '../domain/column.ts';
import type { FileEncoding, Rejected } from '../domain/dataset.ts';
import type { FileFormat, LoadOptions } from '../domain/upload.ts';
import type { SyncJob, SyncResultOf } from './sync/jobs.ts';

/** What an ingest thread is given at its start. Paths are absolute. */
export interface IngestOptions {
  datasets: string;
  uploads: string;
  tempFolder: string;
  memoryLimitBytes: number;
  tempMaxBytes: number;
  threads: number;
  maxExpandedBytes: number;
  /** Times its size that a gzip file may expand to. */
  maxGzipRatio: number;
  /** The largest value of a JSON file, or line of an NDJSON file. */
  maxValueBytes: number;
  maxColumns: number;
}

export interface Parts {
  /** The Parquet file to write. */
  target: string;
  /** The NDJSON file for rejected rows; written only where there are any. */
  rejected: string;
}

/** One page of an answer, to be added to the file of all. */
export interface ExtractJob {
  kind: 'extract';
  /** The page as it came. */
  page: string;
  /** The file that the rows are added to: one JSON object a line, or CSV. */
  rows: string;
  format: 'json' | 'ndjson' | 'csv';
  /** Where the rows of a JSON document are. */
  root: string;
  nested: 'flatten' | 'json';
  /** Values that are wanted from beside the rows, or from the last row. */
  look: readonly { path: string; in: 'page' | 'lastRow' }[];
  /** The first page: what is at `rows` already does not matter. */
  isFirst: boolean;
}

export interface Extracted {
  rows: number;
  /** Of the rows; equal pages have equal ones. */
  hash: string;
  /** Scalars as text, by the place of `look`; null for null and for what is not there. */
  found: (string | null)[];
  /** False where nothing stands at the root path. */
  rootFound: boolean;
  /** Of the file of all. */
  bytes: number;
}

/** What the file of views is to show. */
export interface Views {
  views: readonly { name: string; files: readonly string[] }[];
  /** When the metadata was asked for them; the file's time. */
  asOfMs: number;
}

/** What became of the file of views. */
export interface ViewsShown {
  /** False where it showed all that already. */
  isWritten: boolean;
  /** Views that were made. */
  changed: number;
  /** Views that could not be made, and why. */
  leftOut: readonly { name: string; cause: string }[];
}

export type IngestJob =
  | ExtractJob
  | ({
      kind: 'load';
      staged: string;
      sourceName: string;
      mediaType?: string | undefined;
      options: LoadOptions;
    } & Parts)
  | ({ kind: 'demo'; rows: number } & Parts)
  | { kind: 'preview'; files: readonly string[]; columns: readonly Column[]; limit: number; offset: number }
  | { kind: 'profile'; files: readonly string[]; columns: readonly Column[] }
  | ({ kind: 'views'; viewsFile: string } & Views)
  | SyncJob;

/** What became of a file: one Parquet file and what is known of it. */
export interface Loaded {
  format: FileFormat;
  rowCount: number;
  bytes: number;
  columns: Column[];
  rejected: Rejected;
  /** Of text. */
  encoding?: FileEncoding;
  warnings: string[];
}

export type Cell = string | number | boolean | null;

export interface ColumnProfile {
  name: string;
  type: Column['type'];
  nulls: number;
  distinct: number;
  min: Cell;
  max: Cell;
  /** As a total over the column: NaN where a value is. */
  mean?: Cell;
  /** How many values are NaN or infinite, where there are any. They are in `min`, `max` and `mean`, not in the histogram. */
  notFinite?: number;
  top: { value: Cell; count: number }[];
  /** Half-open bins [from, to), the last one closed. */
  histogram?: { from: Cell; to: Cell; count: number }[];
}

export interface ResultOf extends SyncResultOf {
  extract: Extracted;
  load: Loaded;
  demo: Loaded;
  preview: Cell[][];
  profile: { rowCount: number; columns: ColumnProfile[] };
  views: ViewsShown;
}

/** Runs a job on an ingest thread; a WorkerPool is one. */
export interface IngestRunner {
  run<K extends IngestJob['kind']>(
    job: Extract<IngestJob, { kind: K }>,
    options: { signal: AbortSignal },
  ): Promise<ResultOf[K]>;
}
