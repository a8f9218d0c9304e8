import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { AppError } from '../base/errors.ts';
import type { Column } from '../domain/column.ts';
import { ColumnData } from '../domain/column-data.ts';
import type { QuerySummary } from '../domain/query-result.ts';
import { storeVector } from '../drivers/duckdb/read.ts';
import type { Statement } from '../sql/ast.ts';
import { encodeRows } from './encode-rows.ts';
import type { RowsJob } from './query-job.ts';
import type { JobContext } from './serve.ts';

/** Rows of one chunk of DuckDB. */
const CHUNK_ROWS = 2048;

async function countRows(connection: DuckDBConnection, { text, params }: Statement): Promise<number> {
  const [[count]] = (await connection.runAndReadAll(text, params)).getRows() as [[bigint]];
  return Number(count);
}

/** A file cannot say that it was cut, so its rows are counted before the first byte: too many are refused with `limit.rows`. */
async function exportRows(connection: DuckDBConnection, { statement, caps }: RowsJob): Promise<DuckDBResult> {
  await connection.run(`CREATE TEMP TABLE exported AS ${statement.text}`, statement.params);
  const rows = await countRows(connection, { text: 'SELECT count(*) FROM exported', params: [] });
  if (rows > caps.rows) throw tooManyRows(caps.rows);
  return connection.stream('SELECT * FROM exported');
}

export const tooManyRows = (maxRows: number) =>
  new AppError('limit.rows', `The export has more than the ${maxRows} rows allowed`, {
    params: { limit: 'EXPORT_MAX_ROWS', maxRows },
  });

async function* batchesOf(result: DuckDBResult, columns: readonly Column[]) {
  const buffers = columns.map(({ type }) => new ColumnData(type, CHUNK_ROWS));
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return;
    for (const [c, buffer] of buffers.entries()) {
      buffer.clear();
      storeVector(chunk.getColumnVector(c), buffer, undefined, chunk.rowCount);
    }
    yield { columns: buffers, count: chunk.rowCount };
  }
}

/** Streams the rows of a statement that asks for one row more than the cap, so that a cut is known. */
export async function runRows(
  connection: DuckDBConnection,
  job: RowsJob,
  context: Pick<JobContext, 'send'>,
): Promise<Omit<QuerySummary, 'elapsedMs'>> {
  const { columns, statement, countStatement } = job;
  const result =
    job.format === 'csv'
      ? await exportRows(connection, job)
      : await connection.stream(statement.text, statement.params);
  const encoded = await encodeRows(job, columns, batchesOf(result, columns), context);
  return countStatement ? { ...encoded, totalRows: await countRows(connection, countStatement) } : encoded;
}
