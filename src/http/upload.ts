import { Busboy, type BusboyFileStream } from '@fastify/busboy';
import { AppError } from '../base/errors.ts';
import { issues } from '../domain/schema.ts';
import { NewUpload } from '../domain/upload.ts';
import type { StagedFile, Staging } from '../services/dataset-loader.ts';
import { RAW_MEDIA_TYPES, UPLOAD_OPTIONS } from './upload-body.ts';

const MAX_FIELD_BYTES = 1 << 20;
const MAX_FIELDS = 50;

export interface Received {
  file: StagedFile;
  fields: NewUpload;
}

const invalid = (detail: string, pointer: string) => new AppError('request.invalid', detail, { pointer });

const PROPERTIES = NewUpload.properties as Record<string, { type?: unknown }>;
const BOOLEANS: Record<string, boolean> = { true: true, false: false, '1': true, '0': false };

function fieldValue(name: string, text: string): unknown {
  if (UPLOAD_OPTIONS.structured.has(name)) {
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new AppError('request.invalid', `/${name} must be JSON`, { pointer: `/${name}`, cause });
    }
  }
  const type = PROPERTIES[name]?.type;
  if (type === 'boolean') return BOOLEANS[text] ?? text;
  if (type === 'integer' && /^\d+$/.test(text)) return Number(text);
  if (type === 'number' && /^\d+(\.\d+)?$/.test(text)) return Number(text);
  return text;
}

/** The options of an upload from texts. Throws `request.invalid` that names the field. */
export function readFields(texts: ReadonlyMap<string, string>): NewUpload {
  const values: Record<string, unknown> = {};
  for (const [name, text] of texts) {
    if (!Object.hasOwn(PROPERTIES, name)) throw invalid(`/${name} is not a known field`, `/${name}`);
    values[name] = fieldValue(name, text);
  }
  const [first, ...others] = issues(NewUpload, values);
  if (!first) return values as NewUpload;
  throw new AppError('request.invalid', `${first.pointer} ${first.message}`, {
    pointer: first.pointer,
    params: { errors: [first, ...others] },
  });
}

/** How fast an upload must come, since it holds one of few places. */
export interface UploadPace {
  /** Milliseconds of silence that end it, and over which the pace is looked at. */
  stallMs: number;
  /** 0 takes any. */
  minBytesPerSecond: number;
}

/** Counts while the client is waited for, not while the disk is. Throws `request.tooSlow`. */
function paceKeeper({ stallMs, minBytesPerSecond }: UploadPace): (bytes: number, waitedMs: number) => void {
  let bytes = 0;
  let waitedMs = 0;
  return (newBytes, newMs) => {
    bytes += newBytes;
    waitedMs += newMs;
    if (waitedMs < stallMs) return;
    if (bytes < (minBytesPerSecond * waitedMs) / 1000)
      throw new AppError('request.tooSlow', `An upload must send ${minBytesPerSecond} bytes a second`, {
        params: { limit: 'UPLOAD_MIN_BYTES_PER_SECOND', minBytesPerSecond },
      });
    bytes = 0;
    waitedMs = 0;
  };
}

/** The body's chunks; a silence, a pace that is too slow or the client's going ends them with an error. */
async function* chunksOf(
  request: Request,
  signal: AbortSignal,
  pace: UploadPace,
): AsyncGenerator<Uint8Array> {
  if (!request.body) return;
  const reader = request.body.getReader();
  const stop = Promise.withResolvers<never>();
  stop.promise.catch(() => undefined);
  const onAbort = () => stop.reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stalled = () => stop.reject(new AppError('request.aborted', 'The upload came to a standstill'));
  const keepPace = paceKeeper(pace);
  try {
    for (;;) {
      signal.throwIfAborted();
      timer = setTimeout(stalled, pace.stallMs);
      const fromMs = performance.now();
      const { done, value } = await Promise.race([reader.read(), stop.promise]);
      clearTimeout(timer);
      if (done) return;
      keepPace(value.length, performance.now() - fromMs);
      yield value;
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    reader.releaseLock();
  }
}

/** Reads a multipart form with one file, in any order with its fields; the file goes straight to the staging. */
async function receiveForm(
  request: Request,
  staging: Staging,
  signal: AbortSignal,
  pace: UploadPace,
): Promise<Received> {
  const fields = new Map<string, string>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const fail = (error: unknown) => failed.reject(error);
  let file: { name: string; mediaType: string; written: Promise<void> } | undefined;
  const parser = newParser(request);
  parser.on('error', (cause) => fail(badForm(cause)));
  for (const limit of ['partsLimit', 'fieldsLimit'] as const)
    parser.on(limit, () => fail(invalid(`The form has more than ${MAX_FIELDS} fields`, '')));
  parser.on('field', (name, text, nameCut, textCut) => {
    if (nameCut || textCut) fail(invalid(`/${name} is too long`, `/${name}`));
    else if (fields.has(name)) fail(invalid(`/${name} is given twice`, `/${name}`));
    else fields.set(name, text);
  });
  parser.on('file', (field, stream, name, _encoding, mediaType) => {
    if (field === 'file' && !file)
      file = { name: name ?? '', mediaType, written: save(stream, staging).catch(fail) };
    else {
      stream.resume();
      fail(
        field === 'file'
          ? invalid('/file is given twice', '/file')
          : invalid(`/${field} is not a known field`, `/${field}`),
      );
    }
  });
  const finished = new Promise<void>((resolve) => parser.on('finish', () => resolve()));
  try {
    for await (const chunk of chunksOf(request, signal, pace)) {
      if (parser.write(chunk)) await Promise.race([Promise.resolve(), failed.promise]);
      else
        await Promise.race([
          new Promise<void>((resolve) => parser.once('drain', () => resolve())),
          failed.promise,
        ]);
    }
    parser.end();
    await Promise.race([finished, failed.promise]);
    await Promise.race([file?.written, failed.promise]);
  } finally {
    parser.destroy();
  }
  if (!file) throw invalid('/file is required', '/file');
  await staging.close();
  return {
    file: { staging, sourceName: plainName(file.name), mediaType: file.mediaType },
    fields: readFields(fields),
  };
}

function newParser(request: Request) {
  try {
    return new Busboy({
      headers: { 'content-type': request.headers.get('content-type') ?? '' },
      limits: { fieldSize: MAX_FIELD_BYTES, fields: MAX_FIELDS, parts: MAX_FIELDS + 2, headerPairs: 50 },
      defCharset: 'utf8',
    });
  } catch (error) {
    throw badForm(error);
  }
}

const badForm = (cause: unknown) =>
  new AppError('request.parse', 'The multipart form cannot be read', { cause });

async function save(stream: BusboyFileStream, staging: Staging): Promise<void> {
  for await (const chunk of stream) await staging.write(chunk as Uint8Array);
}

const plainName = (name: string) =>
  (name.split(/[/\\]/).pop() ?? '')
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, 255)
    .toWellFormed();

/** Reads an upload: a multipart form with a field `file`, or the file itself as body with its options in the query string. */
export async function receiveUpload(
  request: Request,
  query: Record<string, string | string[]>,
  staging: Staging,
  signal: AbortSignal,
  pace: UploadPace,
): Promise<Received> {
  const mediaType = request.headers.get('content-type') ?? '';
  if (/^multipart\/form-data\b/i.test(mediaType)) {
    const [stray] = Object.keys(query);
    if (stray !== undefined)
      throw invalid(`${stray} belongs into the form, not into the query string`, `/${stray}`);
    return receiveForm(request, staging, signal, pace);
  }
  if (mediaType === '' || /^(multipart\/|application\/x-www-form-urlencoded\b)/i.test(mediaType))
    throw new AppError(
      'request.unsupportedMedia',
      'Send multipart/form-data with a field file, or the file itself with its content type',
      {
        params: {
          accepts: ['multipart/form-data', ...RAW_MEDIA_TYPES],
        },
      },
    );
  const texts = new Map<string, string>();
  for (const [name, text] of Object.entries(query)) {
    if (Array.isArray(text)) throw invalid(`/${name} is given twice`, `/${name}`);
    texts.set(name, text);
  }
  const fields = readFields(texts);
  for await (const chunk of chunksOf(request, signal, pace)) await staging.write(chunk);
  await staging.close();
  return { file: { staging, sourceName: '', mediaType }, fields };
}
