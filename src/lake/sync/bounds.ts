import type { DuckDBConnection } from '@duckdb/node-api';
import type { SyncedColumn } from '../../domain/sync-task.ts';
import { travelling } from '../cells.ts';
import { identifier, list, literal } from '../sql-text.ts';
import type { Bounds, BoundsJob } from './jobs.ts';
import { columnOf, storedType } from './types.ts';

/** A value that `travelling` wrote, as a value again. */
export const given = (column: SyncedColumn, text: string) =>
  `CAST(${literal(text)} AS ${storedType(column)})`;

/** The column of the files in the type that it has now. */
export const held = (column: SyncedColumn, table?: string) =>
  `CAST(${table === undefined ? '' : `${table}.`}${identifier(column.name)} AS ${storedType(column)})`;

export async function bounds(
  connection: DuckDBConnection,
  { files, column, atLeast }: BoundsJob,
): Promise<Bounds> {
  const value = held(column);
  const text = (aggregate: string) => `CAST(${travelling(columnOf(column), aggregate)} AS VARCHAR)`;
  const greatest = atLeast === null ? `max(${value})` : `greatest(max(${value}), ${given(column, atLeast)})`;
  const reader = await connection.runAndReadAll(
    `SELECT ${text(`min(${value})`)}, ${text(`max(${value})`)}, ${text(greatest)}, count(*), count(*) - count(${value}) FROM read_parquet(${list(files)}, union_by_name = true)`,
  );
  const [min, max, most, rows, nulls] = reader.getRows()[0] ?? [];
  const orNull = (found: unknown) => (found === null || found === undefined ? null : String(found));
  return {
    min: orNull(min),
    max: orNull(max),
    greatest: orNull(most),
    rows: Number(rows),
    nulls: Number(nulls),
  };
}
