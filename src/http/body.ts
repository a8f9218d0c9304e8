import { AppError } from '../base/errors.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { parseJson } from './json-text.ts';

export interface BodyLimits {
  MAX_BODY_BYTES: number;
  UPLOAD_MAX_BYTES: number;
}

const MAX_DEPTH = 200;
/** What multipart framing may add to an upload. */
const UPLOAD_SLACK = 1024 * 1024;

type CountedLimit = 'MAX_BODY_BYTES' | 'UPLOAD_MAX_BYTES';

function tooLarge(metrics: Metrics, limit: CountedLimit, bytes: number): AppError {
  metrics.limitsHit.inc({ limit });
  return new AppError('request.tooLarge', `The body is larger than the ${bytes} bytes of ${limit}`, {
    params: { limit, maxBytes: bytes },
  });
}

/** Refuses a body by its declared length, before a byte of it is read. */
export function checkDeclaredLength(
  request: Request,
  raw: boolean,
  limits: BodyLimits,
  metrics: Metrics,
): void {
  const declared = Number(request.headers.get('content-length') ?? 0);
  const max = raw ? limits.UPLOAD_MAX_BYTES + UPLOAD_SLACK : limits.MAX_BODY_BYTES;
  if (declared <= max) return;
  const limit = raw ? 'UPLOAD_MAX_BYTES' : 'MAX_BODY_BYTES';
  throw tooLarge(metrics, limit, limits[limit]);
}

async function readCounted(
  body: ReadableStream<Uint8Array>,
  max: number,
  refuse: () => AppError,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks, bytes);
    bytes += value.length;
    if (bytes > max) {
      await reader.cancel();
      throw refuse();
    }
    chunks.push(value);
  }
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json$/i;
const UTF8 = /^"?utf-?8"?$/i;

function checkMediaType(header: string | null): void {
  const [type = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim());
  const charset = parameters.find((parameter) => /^charset=/i.test(parameter))?.slice('charset='.length);
  if (JSON_TYPE.test(type) && (charset === undefined || UTF8.test(charset))) return;
  const given = type === '' ? 'has no content type' : `is ${charset ? `in ${charset}` : type}`;
  throw new AppError(
    'request.unsupportedMedia',
    `The body ${given}; this endpoint takes application/json in UTF-8`,
    {
      params: { accepts: ['application/json'] },
    },
  );
}

/** A request's JSON body; undefined when it has none. Throws AppError `request.*`. */
export async function readJsonBody(request: Request, limits: BodyLimits, metrics: Metrics): Promise<unknown> {
  const { body, headers } = request;
  if (!body) return undefined;
  const max = limits.MAX_BODY_BYTES;
  const bytes = headers.has('content-length')
    ? await request.bytes()
    : await readCounted(body, max, () => tooLarge(metrics, 'MAX_BODY_BYTES', max));
  if (bytes.length === 0) return undefined;
  checkMediaType(headers.get('content-type'));
  return parseJson(bytes, MAX_DEPTH);
}
