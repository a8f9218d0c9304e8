import type { Column } from '../domain/column.ts';
import type { ColumnData } from '../domain/column-data.ts';
import type { Numbers, QuerySummary, RowFormat } from '../domain/query-result.ts';
import { ResultHash } from '../render/result-hash.ts';
import { rowEncoder } from '../render/rows.ts';
import type { Caps } from './query-job.ts';
import type { JobContext } from './serve.ts';

/** Bytes that are gathered before they are sent. */
const SEND_BYTES = 256 * 1024;

export interface Encoding {
  format: RowFormat;
  numbers: Numbers;
  caps: Caps;
}

export type Encoded = Pick<QuerySummary, 'rowCount' | 'cutBy' | 'resultHash' | 'bytes'>;

/**
 * Streams batches of rows as bytes and stops at a cap, which is declared; a JSON answer is left open for its meta. A file is never
 * cut: whoever makes its batches sees to that.
 */
export async function encodeRows(
  { format, numbers, caps }: Encoding,
  columns: readonly Column[],
  batches: AsyncIterable<{ columns: readonly ColumnData[]; count: number }>,
  context: Pick<JobContext, 'send'>,
): Promise<Encoded> {
  const encoder = rowEncoder(format, columns, numbers);
  const hash = new ResultHash(columns);
  const cutBy: QuerySummary['cutBy'] = [];
  let rowCount = 0;
  let bytes = 0;
  const flush = async () => {
    const taken = encoder.take();
    bytes += taken.length;
    await context.send(taken);
  };
  for await (const batch of batches) {
    const count = Math.min(batch.count, caps.rows - rowCount);
    if (count < batch.count) cutBy.push('QUERY_MAX_ROWS');
    encoder.add(batch.columns, count);
    hash.add(batch.columns, count);
    rowCount += count;
    if (format !== 'csv' && bytes + encoder.size > caps.bytes) cutBy.push('QUERY_MAX_BYTES');
    if (encoder.pending >= SEND_BYTES) await flush();
    if (cutBy.length > 0) break;
  }
  encoder.end();
  await flush();
  return { rowCount, cutBy, resultHash: hash.digest(), bytes };
}
