import type { DuckDBConnection } from '@duckdb/node-api';
import type { SyncedColumn } from '../../domain/sync-task.ts';
import { travelling } from '../cells.ts';
import { identifier, list, literal } from '../sql-text.ts';
import type { Bounds, BoundsJob } from './jobs.ts';
import { columnOf, storedType } from './types.ts';

/** A value that was written as text, by `travelling` or by DuckDB, as a value again. */
export const given = (column: SyncedColumn, text: string) =>
  `CAST(${literal(text)} AS ${storedType(column)})`;

/** The column of the files in the type that it has now. */
export const held = (column: SyncedColumn, table?: string) =>
  `CAST(${table === undefined ? '' : `${table}.`}${identifier(column.name)} AS ${storedType(column)})`;

/**
 * What a cursor may have reached: infinity, a year before Christ and one past 9999 are no place to go on from. Rows with later ones are read
 * each time.
 */
function reachable(column: SyncedColumn, value: string): string {
  if (column.type !== 'date' && column.type !== 'timestamp' && column.type !== 'timestamptz') return '';
  return ` FILTER (WHERE ${value} >= ${given(column, '0001-01-01')} AND ${value} < ${given(column, '10000-01-01')})`;
}

export async function bounds(
  connection: DuckDBConnection,
  { files, column, atLeast }: BoundsJob,
): Promise<Bounds> {
  const value = held(column);
  const max = `max(${value})${reachable(column, value)}`;
  const reached = atLeast === null ? max : `greatest(${max}, ${given(column, atLeast)})`;
  const reader = await connection.runAndReadAll(
    `SELECT CAST(min(${value}) AS VARCHAR), CAST(max(${value}) AS VARCHAR), CAST(${travelling(columnOf(column), reached)} AS VARCHAR), count(*), count(*) - count(${value}) FROM read_parquet(${list(files)}, union_by_name = true)`,
  );
  const [min, most, greatest, rows, nulls] = reader.getRows()[0] ?? [];
  const orNull = (found: unknown) => (found === null || found === undefined ? null : String(found));
  return {
    min: orNull(min),
    max: orNull(most),
    greatest: orNull(greatest),
    rows: Number(rows),
    nulls: Number(nulls),
  };
}
