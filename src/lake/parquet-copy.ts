import { dirname } from 'node:path';
import { type FenceOptions, openFenced } from '../drivers/duckdb/instance.ts';
import { list, literal } from './sql-text.ts';
import { PARQUET } from './write-parquet.ts';

/** Writes the rows of Parquet files, in their order, to one Parquet file; gives how many there are. Paths are absolute. */
export async function copyToParquet(
  files: readonly string[],
  target: string,
  options: Omit<FenceOptions, 'folders'>,
): Promise<number> {
  const instance = await openFenced({ ...options, folders: [...new Set([...files, target].map(dirname))] });
  try {
    const connection = await instance.connect();
    const rows = `SELECT * FROM read_parquet(${list(files)}, union_by_name = true)`;
    const { rowsChanged } = await connection.run(`COPY (${rows}) TO ${literal(target)} ${PARQUET}`);
    connection.closeSync();
    return rowsChanged;
  } finally {
    instance.closeSync();
  }
}
