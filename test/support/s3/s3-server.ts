import { createHash, randomUUID } from 'node:crypto';
import { type Credentials, checkSignature } from './signature.ts';

export interface Stored {
  bytes: Uint8Array<ArrayBuffer>;
  etag: string;
  at: Date;
}

export interface Seen {
  method: string;
  key: string;
  /** What was asked for: `PUT`, `GET`, `part`, `complete`, … */
  operation: string;
  bytes: number;
}

type Fault = (seen: Seen, request: Request) => Promise<Response | undefined> | Response | undefined;

export interface S3Server extends AsyncDisposable {
  url: string;
  bucket: string;
  credentials: Credentials;
  objects: Map<string, Stored>;
  /** Uploads in parts that were begun and neither completed nor aborted. */
  uploads: Map<string, Map<number, Stored>>;
  seen: Seen[];
  /** What is asked before each request is answered; undefined answers it as usual. */
  fault: Fault;
  /** Answers nothing any more, as a server that is away. */
  close(): Promise<void>;
  /** The settings of the service for this bucket. */
  env: Record<string, string>;
}

const STATUS: Record<string, number> = {
  NoSuchKey: 404,
  NoSuchBucket: 404,
  NoSuchUpload: 404,
  SlowDown: 503,
  InternalError: 500,
  BadDigest: 400,
  InvalidPart: 400,
  EntityTooSmall: 400,
  InvalidRange: 416,
  MethodNotAllowed: 405,
};
const MIN_PART = 5 * 1024 * 1024;

export function fault(code: string, message = code): Response {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return new Response(body, {
    status: STATUS[code] ?? 403,
    headers: { 'content-type': 'application/xml' },
  });
}

const xml = (body: string) =>
  new Response(`<?xml version="1.0" encoding="UTF-8"?>${body}`, {
    headers: { 'content-type': 'application/xml' },
  });
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function operationOf(request: Request, url: URL, key: string): string {
  const has = (name: string) => url.searchParams.has(name);
  if (request.method === 'GET' && key === '') return 'list';
  if (request.method === 'POST' && has('uploads')) return 'begin';
  if (request.method === 'POST' && has('uploadId')) return 'complete';
  if (request.method === 'PUT' && has('partNumber')) return 'part';
  if (request.method === 'DELETE' && has('uploadId')) return 'abort';
  return request.method;
}

function rangeOf(header: string | null, size: number): [number, number] | undefined {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === undefined) return undefined;
  return [Number(from), Math.min(size, to ? Number(to) + 1 : size)];
}

function list(objects: Map<string, Stored>, url: URL): Response {
  const prefix = url.searchParams.get('prefix') ?? '';
  const after = url.searchParams.get('continuation-token') ?? url.searchParams.get('start-after') ?? '';
  const max = Number(url.searchParams.get('max-keys') ?? 1000);
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const page = keys.slice(0, max);
  const isCut = keys.length > page.length;
  const contents = page.map((key) => {
    const { etag, bytes, at } = objects.get(key)!;
    return `<Contents><Key>${escaped(key)}</Key><LastModified>${at.toISOString()}</LastModified><ETag>"${etag}"</ETag><Size>${bytes.length}</Size></Contents>`;
  });
  const more = isCut ? `<NextContinuationToken>${escaped(page.at(-1)!)}</NextContinuationToken>` : '';
  return xml(
    `<ListBucketResult><Name>bucket</Name><Prefix>${escaped(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${max}</MaxKeys><IsTruncated>${isCut}</IsTruncated>${contents.join('')}${more}</ListBucketResult>`,
  );
}

/** A small server that speaks S3 over one bucket held in memory: Signature V4 is checked, parts, ranges and lists are as on the real ones. */
export function startS3(options: { secret?: string; nowMs?: () => number } = {}): S3Server {
  const bucket = 'reports';
  const credentials: Credentials = {
    accessKeyId: 'test-key',
    secretAccessKey: options.secret ?? 'test-secret',
    region: 'eu-test-1',
  };
  const objects = new Map<string, Stored>();
  const uploads = new Map<string, Map<number, Stored>>();
  const seen: Seen[] = [];

  async function answer(
    request: Request,
    url: URL,
    key: string,
    operation: string,
    bytes: Uint8Array<ArrayBuffer>,
  ) {
    const found = objects.get(key);
    const store = () => ({ bytes, etag: md5(bytes), at: new Date(Date.now()) });
    const upload = uploads.get(url.searchParams.get('uploadId') ?? '');
    switch (operation) {
      case 'list':
        return list(objects, url);
      case 'PUT':
        objects.set(key, store());
        return new Response(null, { headers: { etag: `"${objects.get(key)!.etag}"` } });
      case 'begin': {
        const id = randomUUID();
        uploads.set(id, new Map());
        return xml(
          `<InitiateMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${escaped(key)}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
        );
      }
      case 'part':
        if (!upload) return fault('NoSuchUpload');
        upload.set(Number(url.searchParams.get('partNumber')), store());
        return new Response(null, { headers: { etag: `"${md5(bytes)}"` } });
      case 'complete': {
        if (!upload) return fault('NoSuchUpload');
        const asked = [
          ...Buffer.from(bytes)
            .toString()
            .matchAll(/<PartNumber>(\d+)<\/PartNumber>\s*<ETag>"?(?:&quot;)?([0-9a-f]+)/g),
        ].map(([, n, etag]) => ({ part: upload.get(Number(n)), etag }));
        if (asked.length === 0 || asked.some(({ part, etag }) => part?.etag !== etag))
          return fault('InvalidPart');
        if (asked.slice(0, -1).some(({ part }) => part!.bytes.length < MIN_PART))
          return fault('EntityTooSmall');
        const whole = Buffer.concat(asked.map(({ part }) => part!.bytes)) as Uint8Array<ArrayBuffer>;
        const etag = `${md5(Buffer.concat(asked.map(({ part }) => Buffer.from(part!.etag, 'hex'))))}-${asked.length}`;
        objects.set(key, { bytes: whole, etag, at: new Date(Date.now()) });
        uploads.delete(url.searchParams.get('uploadId')!);
        return xml(
          `<CompleteMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${escaped(key)}</Key><ETag>"${etag}"</ETag></CompleteMultipartUploadResult>`,
        );
      }
      case 'abort':
        uploads.delete(url.searchParams.get('uploadId') ?? '');
        return new Response(null, { status: 204 });
      case 'DELETE':
        objects.delete(key);
        return new Response(null, { status: 204 });
      case 'HEAD':
        if (!found) return new Response(null, { status: 404 });
        return new Response(null, {
          headers: {
            etag: `"${found.etag}"`,
            'content-length': String(found.bytes.length),
            'last-modified': found.at.toUTCString(),
          },
        });
      case 'GET': {
        if (!found) return fault('NoSuchKey');
        const range = rangeOf(request.headers.get('range'), found.bytes.length);
        if (range && range[0] >= found.bytes.length) return fault('InvalidRange');
        const headers: Record<string, string> = { etag: `"${found.etag}"` };
        if (!range) return new Response(found.bytes, { headers });
        headers['content-range'] = `bytes ${range[0]}-${range[1] - 1}/${found.bytes.length}`;
        return new Response(found.bytes.subarray(...range), { status: 206, headers });
      }
      default:
        return fault('MethodNotAllowed');
    }
  }

  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    idleTimeout: 60,
    maxRequestBodySize: 1 << 30,
    async fetch(request) {
      const url = new URL(request.url);
      const isVirtual = url.hostname.startsWith(`${bucket}.`);
      const [, name, ...rest] = (isVirtual ? `/${bucket}${url.pathname}` : url.pathname).split('/');
      const key = decodeURIComponent(rest.join('/'));
      const bytes = new Uint8Array(await request.arrayBuffer());
      const operation = operationOf(request, url, key);
      const entry = { method: request.method, key, operation, bytes: bytes.length };
      seen.push(entry);
      const refusal = checkSignature(request, credentials, options.nowMs?.() ?? Date.now());
      if (refusal) return fault(refusal);
      if (name !== bucket) return fault('NoSuchBucket');
      return (await s3.fault(entry, request)) ?? (await answer(request, url, key, operation, bytes));
    },
  });
  const close = async () => {
    await server.stop(true);
  };
  const url = `http://127.0.0.1:${server.port}`;
  const s3: S3Server = {
    ...{ url, bucket, credentials, objects, uploads, seen, close },
    fault: () => undefined,
    env: {
      DATASETS_S3_BUCKET: bucket,
      DATASETS_S3_ENDPOINT: url,
      DATASETS_S3_REGION: credentials.region,
      DATASETS_S3_ACCESS_KEY_ID: credentials.accessKeyId,
      DATASETS_S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    [Symbol.asyncDispose]: close,
  };
  return s3;
}
