import type { Column, ColumnType } from '../domain/column.ts';
import type { SourceSpec, SyncedColumn } from '../domain/sync-task.ts';

/** A column as the source has it. */
export interface SourceColumn {
  name: string;
  type: ColumnType;
  /** Of decimals: digits in all and after the point, where the source says them. */
  precision?: number;
  scale?: number;
  /** False only where the source is sure of it. */
  nullable: boolean;
  /** The source's own name of the type. */
  nativeType?: string;
}

export interface SourceShape {
  columns: readonly SourceColumn[];
  /** As far as the source knows. */
  estimatedRows: number | null;
  /** Nothing is there yet that would tell the columns. */
  isUnknown?: true;
}

/** What a run is about to ask. */
export interface PrepareRequest {
  /** Where the wanted rows begin and end in the cursor; null for open ends. */
  from: string | null;
  to: string | null;
  /** `mark` of the last batch that was published; undefined at first, and where everything is read anew. */
  mark: unknown;
  /** What is not among the rows is gone: having none is news too. */
  isAnew: boolean;
  /** The columns that the dataset has. */
  held: readonly SyncedColumn[] | undefined;
  /** A column that can be read in the type that it has keeps it. */
  keepsTypes: boolean;
  onBytes(bytes: number): void;
  log(text: string, facts: Record<string, unknown>): void;
  signal: AbortSignal;
}

/** Rows whose cursor lies there: texts as `Checkpoint.cursor`, both ends inside; with those that have none where `nulls` says so. */
export interface CursorRange {
  /** A column of the source. */
  column: string;
  type: ColumnType;
  from: string | null;
  to: string | null;
  nulls: boolean;
}

export interface ReadRequest {
  /** What is wanted, in this order: names and types of the dataset, `source` the source's name. All are there, as `shape` said. */
  columns: readonly SyncedColumn[];
  /** Undefined for all rows. A source that cannot look for it (`readsRanges` is false) gives all rows. */
  range: CursorRange | undefined;
  /** Rows of one batch, about. */
  batchRows: number;
  timeoutMs: number;
  /** `mark` of the last batch that was published; undefined at first, and where everything is read anew. */
  mark: unknown;
  /** The path of a new file for a batch. Whoever takes one need not remove it, whatever happens. */
  newFile(): Promise<string>;
  signal: AbortSignal;
  /** More was read from the source. */
  onBytes(bytes: number): void;
}

/** Rows in a Parquet file that `newFile` named, columns exactly as asked for. */
export interface StagedBatch {
  path: string;
  rowCount: number;
  /** What the source wants to know next time, once this batch is published; must be JSON. */
  mark?: unknown;
}

/**
 * Where a sync task's rows come from. Leaving the loop over `read`, or an abort, ends what the source was asked within a second. Values
 * that cannot be held exactly in the type asked for are refused (`sync.value`), never rounded.
 */
export interface SyncSource {
  /** `read` looks for a range of the cursor by itself, and gives the rows in the cursor's order, those without one first. */
  readonly readsRanges: boolean;
  /** What stands in the label of metrics and in the generation's `sourceName`. */
  readonly label: string;
  /** Work of one key goes on so many at a time, whatever the task; null where it does not matter. */
  readonly concurrencyKey: string | null;
  /** Rows were left out, as they could not be read: what is missing need not be gone. */
  readonly hasLeftOut?: boolean;
  /**
   * Called once a run, before all else, where a source knows its columns only from its rows: it fetches them. False: nothing is new since
   * the mark, and the run is over.
   */
  prepare?(request: PrepareRequest): Promise<boolean>;
  /** What was read is published. */
  published?(): Promise<void>;
  /** Whoever opened a source closes it, whatever happened. */
  close?(): Promise<void>;
  shape(signal: AbortSignal): Promise<SourceShape>;
  /** Digits after the point of decimals whose scale `shape` does not say; in the order of the names. */
  scales?(columns: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<number[]>;
  /** Some rows, for people. */
  preview(
    columns: readonly SyncedColumn[],
    limit: number,
    signal: AbortSignal,
  ): Promise<{ columns: readonly Column[]; rows: readonly (readonly unknown[])[] }>;
  /** In one statement or transaction of the source where it has them. Gives no batch where there are no rows. */
  read(request: ReadRequest): AsyncIterable<StagedBatch>;
}

/** Opens a source; AppError with pointers under `/source` where the spec names what is not there. */
export type OpenSource<Kind extends SourceSpec['kind']> = (
  spec: Extract<SourceSpec, { kind: Kind }>,
  signal: AbortSignal,
) => Promise<SyncSource>;

/** One for each kind. */
export type SyncSources = { readonly [Kind in SourceSpec['kind']]: OpenSource<Kind> };
