import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { AppError } from '../base/errors.ts';
import { ColumnData } from '../domain/column-data.ts';
import type { QuerySummary } from '../domain/query-result.ts';
import { storeVector } from '../drivers/duckdb/read.ts';
import { ResultHash } from '../render/result-hash.ts';
import { rowEncoder } from '../render/rows.ts';
import type { Statement } from '../sql/ast.ts';
import type { RowsJob } from './query-job.ts';
import type { JobContext } from './serve.ts';

/** Rows of one chunk of DuckDB. */
const CHUNK_ROWS = 2048;
/** Bytes that are gathered before they are sent. */
const SEND_BYTES = 256 * 1024;

async function countRows(connection: DuckDBConnection, { text, params }: Statement): Promise<number> {
  const [[count]] = (await connection.runAndReadAll(text, params)).getRows() as [[bigint]];
  return Number(count);
}

/** A file cannot say that it was cut, so its rows are counted before the first byte: too many are refused with `limit.rows`. */
async function exportRows(connection: DuckDBConnection, { statement, caps }: RowsJob): Promise<DuckDBResult> {
  await connection.run(`CREATE TEMP TABLE exported AS ${statement.text}`, statement.params);
  const rows = await countRows(connection, { text: 'SELECT count(*) FROM exported', params: [] });
  if (rows > caps.rows) {
    throw new AppError('limit.rows', `The export has more than the ${caps.rows} rows allowed`, {
      params: { limit: 'EXPORT_MAX_ROWS', maxRows: caps.rows },
    });
  }
  return connection.stream('SELECT * FROM exported');
}

/**
 * Streams the rows of a statement as bytes. The statement asks for one row more than the cap, so that a cut is known and declared;
 * a JSON answer is left open for its meta.
 */
export async function runRows(
  connection: DuckDBConnection,
  job: RowsJob,
  context: Pick<JobContext, 'send'>,
): Promise<Omit<QuerySummary, 'elapsedMs'>> {
  const { caps, columns, statement } = job;
  const encoder = rowEncoder(job.format, columns, job.numbers);
  const hash = new ResultHash(columns);
  const buffers = columns.map(({ type }) => new ColumnData(type, CHUNK_ROWS));
  const cutBy: QuerySummary['cutBy'] = [];
  let rowCount = 0;
  let bytes = 0;
  const flush = async () => {
    const taken = encoder.take();
    bytes += taken.length;
    await context.send(taken);
  };
  const result =
    job.format === 'csv'
      ? await exportRows(connection, job)
      : await connection.stream(statement.text, statement.params);
  while (cutBy.length === 0) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    const count = Math.min(chunk.rowCount, caps.rows - rowCount);
    if (count < chunk.rowCount) cutBy.push('QUERY_MAX_ROWS');
    for (const [c, buffer] of buffers.entries()) {
      buffer.clear();
      storeVector(chunk.getColumnVector(c), buffer, undefined, count);
    }
    encoder.add(buffers, count);
    hash.add(buffers, count);
    rowCount += count;
    if (job.format !== 'csv' && bytes + encoder.size > caps.bytes) cutBy.push('QUERY_MAX_BYTES');
    if (encoder.pending >= SEND_BYTES) await flush();
  }
  encoder.end();
  await flush();
  const totalRows = job.countStatement ? await countRows(connection, job.countStatement) : undefined;
  return {
    rowCount,
    cutBy,
    resultHash: hash.digest(),
    bytes,
    ...(totalRows === undefined ? {} : { totalRows }),
  };
}
