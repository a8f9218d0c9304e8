import { pipeline, Readable, type Transform } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { promisify } from 'node:util';
import { constants, createGzip, createZstdCompress, gzip, zstdCompress } from 'node:zlib';
import { preferredEncoding } from './accept-encoding.ts';
import { weakened } from './etag.ts';
import { vary } from './headers.ts';

interface Encoder {
  bytes(content: ArrayBuffer): Promise<Uint8Array>;
  /** Gives out after each chunk what was put in, so that rows keep flowing. */
  stream(): Transform;
}

const GZIP_LEVEL = 1;
const ZSTD = { [constants.ZSTD_c_compressionLevel]: 1 };

const ENCODERS: Record<'zstd' | 'gzip', Encoder> = {
  zstd: {
    bytes: (content) => promisify(zstdCompress)(Buffer.from(content), { params: ZSTD }),
    stream: () => createZstdCompress({ params: ZSTD, flush: constants.ZSTD_e_flush }),
  },
  gzip: {
    bytes: (content) => promisify(gzip)(Buffer.from(content), { level: GZIP_LEVEL }),
    stream: () => createGzip({ level: GZIP_LEVEL, flush: constants.Z_SYNC_FLUSH }),
  },
};
const OURS = ['zstd', 'gzip'] as const;

const COMPRESSIBLE =
  /^(?:text\/(?!event-stream)|application\/(?:[\w.+-]+\+)?(?:json|xml)\b|application\/(?:javascript|x-ndjson)|image\/svg)/i;
const MIN_BYTES = 1024;

function worthIt(response: Response): boolean {
  const { headers, status } = response;
  const length = headers.get('content-length');
  if (length !== null && Number(length) < MIN_BYTES) return false;
  if (status === 206 || headers.has('content-encoding')) return false;
  if (!COMPRESSIBLE.test(headers.get('content-type') ?? '')) return false;
  // Only then: Bun makes a stream of any body that is looked at, and sends that several times slower.
  return length !== null || response.body !== null;
}

function streamed(body: ReadableStream, encoder: Encoder): ReadableStream {
  const source = Readable.fromWeb(body as NodeReadableStream);
  const out = encoder.stream();
  pipeline(source, out, (error) => {
    if (error) out.destroy(error);
  });
  return Readable.toWeb(out) as unknown as ReadableStream;
}

/** The answer in the encoding that the client prefers, where that pays. A length in its headers tells bytes from a stream. */
export async function compressed(request: Request, response: Response): Promise<Response> {
  if (!worthIt(response)) return response;
  const { headers, status } = response;
  vary(headers, 'Accept-Encoding');
  const encoding = preferredEncoding(request.headers.get('accept-encoding'), OURS);
  if (!encoding || request.method === 'HEAD') return response;
  const etag = headers.get('etag');
  if (etag) headers.set('etag', weakened(etag));
  headers.set('content-encoding', encoding);
  if (!headers.has('content-length'))
    return new Response(streamed(response.body!, ENCODERS[encoding]), { status, headers });
  const bytes = await ENCODERS[encoding].bytes(await response.arrayBuffer());
  headers.set('content-length', String(bytes.length));
  return new Response(bytes as Uint8Array<ArrayBuffer>, { status, headers });
}
