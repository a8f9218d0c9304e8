import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { AppError } from '../base/errors.ts';
import { badAnswer, cutOff, outboundError, timedOut, tooLarge } from './failures.ts';

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress(),
};

export const ACCEPTED_ENCODINGS = 'gzip, deflate, br';

export interface BodyLimits {
  /** After decompression. */
  maxBytes: number;
  /** The setting behind `maxBytes`. */
  limit: string;
  idleMs: number;
}

function decoded(response: IncomingMessage, place: string): Readable {
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return response;
  const make = DECODERS[encoding];
  if (!make)
    throw new AppError('outbound.answer', `${place} sent its answer in an encoding that was not asked for`, {
      params: { host: place, reason: 'encoding' },
    });
  // Errors reach the reader of the decoder; the callback only keeps them from being thrown elsewhere.
  return pipeline(response, make(), () => undefined);
}

/** The end of waiting for one chunk: the chunk, or the failure that came first. */
async function within<T>(
  work: Promise<T>,
  ms: number,
  late: () => AppError,
  signal: AbortSignal,
): Promise<T> {
  const failed = Promise.withResolvers<never>();
  const timer = setTimeout(() => failed.reject(late()), ms);
  const onAbort = () => failed.reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, failed.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * The answer's bytes, decompressed, as fast as they are taken. Whoever stops early, or throws, ends the connection. Throws AppError
 * `outbound.tooLarge`, `outbound.timeout` when nothing comes for `idleMs` while it is waited for, `outbound.answer`, or the signal's reason.
 */
export async function* bodyOf(
  response: IncomingMessage,
  place: string,
  { maxBytes, limit, idleMs }: BodyLimits,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let stream: Readable | undefined;
  const late = () => timedOut(place, idleMs / 1000, 'OUTBOUND_IDLE_SECONDS', 'said nothing for');
  try {
    if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(place, maxBytes, limit);
    stream = decoded(response, place);
    const chunks: AsyncIterator<Uint8Array> = stream[Symbol.asyncIterator]();
    for (;;) {
      const next = await within(chunks.next(), idleMs, late, signal);
      if (next.done) break;
      bytes += next.value.length;
      if (bytes > maxBytes) throw tooLarge(place, maxBytes, limit);
      yield next.value;
    }
    if (!response.complete) throw cutOff(place);
  } catch (error) {
    throw signal.aborted ? signal.reason : bodyError(error, place);
  } finally {
    stream?.destroy();
    response.destroy();
  }
}

function bodyError(error: unknown, place: string): AppError {
  if (error instanceof AppError) return error;
  const code = String((error as { code?: unknown }).code ?? '');
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR')
    return cutOff(place, error);
  // A gzip stream that ends too soon.
  if (code === 'Z_BUF_ERROR') return cutOff(place, error);
  return code === '' ? badAnswer(place, error) : outboundError(error, place);
}
