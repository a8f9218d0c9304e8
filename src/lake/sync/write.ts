import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { syncPath } from '../read-chunks.ts';
import { literal } from '../sql-text.ts';
import { PARQUET } from '../write-parquet.ts';
import type { Written } from './jobs.ts';

/** Writes what a query gives to a Parquet file and syncs it. */
export async function writeQuery(
  connection: DuckDBConnection,
  query: string,
  path: string,
): Promise<Written> {
  const result = await connection.run(`COPY (${query}) TO ${literal(path)} ${PARQUET}`);
  await syncPath(path);
  return { path, rowCount: Number(result.rowsChanged), bytes: (await stat(path)).size };
}
