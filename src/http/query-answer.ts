import type { QuerySummary } from '../domain/query-result.ts';
import type { QueryAnswer } from '../services/query.ts';

const encoder = new TextEncoder();

/** What the front adds to a JSON body that a worker left open. */
const metaBytes = (query: QueryAnswer, summary: QuerySummary) =>
  encoder.encode(`,"meta":${JSON.stringify(query.meta(summary))}}`);

function concat(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A name that every file system and header takes. */
const fileName = (name: string) => name.replace(/[^\p{L}\p{N}._ -]/gu, '_').slice(0, 100);

function headersOf(query: QueryAnswer, format: string): Headers {
  if (format !== 'csv') return new Headers({ 'content-type': 'application/json' });
  const name = `${fileName(query.plan.origin.name)}.csv`;
  const ascii = name.replace(/[^\x20-\x7e]/g, '_');
  return new Headers({
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': `attachment; filename="${ascii}"; filename*=UTF-8''${encodeURIComponent(name)}`,
  });
}

/** Bytes as they come; a failure after the first byte breaks the connection off, so that no reader takes a part for the whole. */
function streamOf(query: QueryAnswer, format: string): ReadableStream<Uint8Array> {
  const { answer } = query;
  const chunks = answer.chunks();
  return new ReadableStream({
    async pull(controller) {
      const next = await chunks.next();
      if (!next.done) return controller.enqueue(next.value);
      const summary = await answer.done;
      if (format !== 'csv') controller.enqueue(metaBytes(query, summary));
      controller.close();
    },
    cancel: () => answer.leave(),
  });
}

/** The answer of a query in HTTP: at once with its length and tag where it is done, else as a stream. */
export async function queryResponse(query: QueryAnswer, format: string): Promise<Response> {
  const headers = headersOf(query, format);
  const { whole } = query.answer;
  if (!whole) return new Response(streamOf(query, format), { headers });
  const summary = await query.answer.done;
  // The content, not the bytes: meta tells how long this very answer took.
  headers.set('etag', `W/"${summary.resultHash}-${format}-${query.plan.job.numbers}"`);
  headers.set('x-result-hash', summary.resultHash);
  const body = concat(format === 'csv' ? whole : [...whole, metaBytes(query, summary)]);
  headers.set('content-length', String(body.length));
  return new Response(body, { headers });
}
