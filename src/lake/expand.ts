import { createReadStream, createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { AppError } from '../base/errors.ts';

/** Small files may compress as well as they like. */
const RATIO_FROM_BYTES = 64 << 20;

export const isGzip = (head: Uint8Array) => head[0] === 0x1f && head[1] === 0x8b;

const tooLarge = (detail: string, limit: string, max: number) =>
  new AppError('request.tooLarge', detail, { pointer: '/file', params: { limit, max } });

export interface ExpandLimits {
  maxExpandedBytes: number;
  /** Times its size that a file may expand to. */
  maxGzipRatio: number;
}

/** Writes what a gzip file holds to `target`; bounded in size and in ratio. Throws `request.tooLarge` or `dataset.badFile`. */
export async function expandGzip(
  source: string,
  target: string,
  { maxExpandedBytes: maxBytes, maxGzipRatio: maxRatio }: ExpandLimits,
  signal: AbortSignal,
): Promise<void> {
  let sent = 0;
  let made = 0;
  const countSent = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent += chunk.length;
      done(null, chunk);
    },
  });
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      made += chunk.length;
      if (made > maxBytes)
        done(
          tooLarge(`The file expands to more than ${maxBytes} bytes`, 'UPLOAD_MAX_EXPANDED_BYTES', maxBytes),
        );
      else if (made > RATIO_FROM_BYTES && made > sent * maxRatio)
        done(
          tooLarge(
            `The file expands to more than ${maxRatio} times its size`,
            'UPLOAD_MAX_GZIP_RATIO',
            maxRatio,
          ),
        );
      else done(null, chunk);
    },
  });
  try {
    await pipeline(createReadStream(source), countSent, createGunzip(), check, createWriteStream(target), {
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const code = (error as { code?: string }).code ?? '';
    if (!/^Z_|^ERR_ZLIB|UNEXPECTED_END/.test(code)) throw error;
    throw new AppError('dataset.badFile', 'The gzip file is damaged or cut off', {
      pointer: '/file',
      cause: error,
    });
  }
}
