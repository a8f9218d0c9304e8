import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnPlan } from './decide-types.ts';
import { syncPath } from './read-chunks.ts';
import { identifier, literal } from './sql-text.ts';

export const PARQUET = '(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, USE_TMP_FILE false)';

/** Writes the planned columns of a relation to a Parquet file and syncs it; gives rows and bytes. */
export async function writeParquet(
  connection: DuckDBConnection,
  plans: readonly ColumnPlan[],
  from: string,
  target: string,
): Promise<{ rowCount: number; bytes: number }> {
  const columns = plans.map(({ sql, column }) => `${sql} AS ${identifier(column.name)}`).join(', ');
  const misfits = plans.flatMap(({ misfit, missed }) =>
    misfit && !missed ? [`coalesce(${misfit}, false)`] : [],
  );
  const where = misfits.length > 0 ? ` WHERE NOT (${misfits.join(' OR ')})` : '';
  const result = await connection.run(
    `COPY (SELECT ${columns} FROM ${from}${where}) TO ${literal(target)} ${PARQUET}`,
  );
  const rowCount = result.rowsChanged;
  await syncPath(target);
  return { rowCount, bytes: (await stat(target)).size };
}
