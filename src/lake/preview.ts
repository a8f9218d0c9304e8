import type { DuckDBConnection } from '@duckdb/node-api';
import type { Column } from '../domain/column.ts';
import { readCells, travelling } from './cells.ts';
import type { Cell } from './jobs.ts';
import { list } from './sql-text.ts';

/** Some rows, in the order of the file. */
export function preview(
  connection: DuckDBConnection,
  files: readonly string[],
  columns: readonly Column[],
  limit: number,
  offset: number,
): Promise<Cell[][]> {
  const values = columns.map((column) => travelling(column)).join(', ');
  return readCells(
    connection,
    `SELECT ${values} FROM read_parquet(${list(files)}, union_by_name = true) LIMIT ${Math.trunc(limit)} OFFSET ${Math.trunc(offset)}`,
  );
}
