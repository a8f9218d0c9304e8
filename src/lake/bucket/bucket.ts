import { type FileHandle, open } from 'node:fs/promises';
import { deadline, orAborted } from '../../base/abort.ts';
import { type Sleep, sleep } from '../../base/sleep.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { readAt } from '../read-chunks.ts';
import { BUCKET_CODES, damaged, isPassing, silent, toBucketError } from './errors.ts';

export interface BucketOptions {
  bucket: string;
  /** Undefined for that of AWS. */
  endpoint: string | undefined;
  region: string;
  /** Before every key; empty or with a `/` at its end. */
  prefix: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** The bucket is part of the host's name. */
  virtualHost: boolean;
  /** How long one request may be silent. */
  timeoutS: number;
  /** Larger files go in parts of so many bytes. */
  partBytes: number;
  /** Times that a request is tried where the server does not answer as it should. */
  attempts: number;
}

export const BUCKET_OPERATIONS = ['put', 'get', 'delete', 'list', 'probe'] as const;
export type BucketOperation = (typeof BUCKET_OPERATIONS)[number];

export interface ObjectFacts {
  /** Without the prefix. */
  key: string;
  bytes: number;
  modifiedMs: number;
}

/** What a file holds. */
export interface FileFacts {
  bytes: number;
  sha256: string;
}

const GET_BYTES = 8 << 20;
const PART_RETRIES = 3;
const FIRST_PAUSE_MS = 100;
const MOST_PAUSE_MS = 10_000;

/** Where the server stands; the client takes what it is not told from the environment, so it is told. */
export function endpointOf({ endpoint, region, bucket, virtualHost }: BucketOptions): string {
  const url = new URL(endpoint ?? `https://s3.${region}.amazonaws.com`);
  if (virtualHost) url.hostname = `${bucket}.${url.hostname}`;
  return url.href.replace(/\/+$/, '');
}

const clientOf = (options: BucketOptions) =>
  new Bun.S3Client({
    endpoint: endpointOf(options),
    region: options.region,
    accessKeyId: options.accessKeyId,
    secretAccessKey: options.secretAccessKey,
    ...(options.virtualHost ? { virtualHostedStyle: true } : { bucket: options.bucket }),
  });

/** Objects of a bucket under a prefix. Throws AppError `bucket.unreachable`, `bucket.refused`, `bucket.missing`, `bucket.damaged`. */
export class Bucket {
  readonly #client: Bun.S3Client;

  constructor(
    readonly options: BucketOptions,
    readonly metrics: Metrics,
    readonly pause: Sleep = sleep,
  ) {
    this.#client = clientOf(options);
    // A counter that appears with its first failure shows no increase to an alert.
    for (const operation of BUCKET_OPERATIONS)
      for (const outcome of ['ok', ...BUCKET_CODES]) metrics.bucketRequests.inc({ operation, outcome }, 0);
  }

  /** Puts a file there and makes sure that it arrived as it is. No more than three parts are in memory. */
  async put(key: string, path: string, facts: FileFacts, signal: AbortSignal): Promise<void> {
    await this.#insist('put', signal, async () => {
      const file = await open(path, 'r');
      try {
        const etag =
          facts.bytes > this.options.partBytes
            ? await this.#putParts(key, file, facts.bytes, signal)
            : await this.#putWhole(key, file, facts.bytes, signal);
        await this.#verify(key, facts, etag, signal);
      } finally {
        await file.close();
      }
    });
    this.metrics.bucketBytes.inc({ direction: 'up' }, facts.bytes);
  }

  async #putWhole(key: string, file: FileHandle, size: number, signal: AbortSignal): Promise<string> {
    const bytes = await readAt(file, 0, size);
    await this.#inTime(this.#client.write(this.#full(key), bytes), signal);
    return new Bun.CryptoHasher('md5').update(bytes).digest('hex');
  }

  /** By `writer`: of a file handed over whole, Bun 1.4.0 never ended some uploads (oven-sh/bun#39838). */
  async #putParts(key: string, file: FileHandle, size: number, signal: AbortSignal): Promise<string> {
    const { partBytes } = this.options;
    const settings = { partSize: partBytes, queueSize: 1, retry: PART_RETRIES };
    const writer = this.#client.file(this.#full(key)).writer(settings);
    const all = new Bun.CryptoHasher('md5');
    let parts = 0;
    for (let at = 0; at < size; at += partBytes) {
      const part = await readAt(file, at, Math.min(partBytes, size - at));
      all.update(new Bun.CryptoHasher('md5').update(part).digest());
      parts++;
      await this.#inTime(Promise.resolve(writer.write(part)), signal);
      await this.#inTime(Promise.resolve(writer.flush()), signal);
    }
    await this.#inTime(Promise.resolve(writer.end()), signal);
    return `${all.digest('hex')}-${parts}`;
  }

  /** Most servers give the MD5 of what they hold as its ETag; what others hold is read back. */
  async #verify(key: string, facts: FileFacts, etag: string, signal: AbortSignal): Promise<void> {
    const held = await this.#inTime(this.#client.stat(this.#full(key)), signal);
    if (held.size !== facts.bytes)
      throw damaged(`The bucket holds ${held.size} of the ${facts.bytes} bytes of ${key}`);
    if (held.etag.replaceAll('"', '') === etag) return;
    const read = await this.#read(key, facts.bytes, signal, () => undefined);
    if (read !== facts.sha256) throw damaged(`The bucket does not hold ${key} as it was sent`);
  }

  /** Writes an object of a known size to an open file. Gives the SHA-256 of what came. */
  async get(key: string, target: FileHandle, bytes: number, signal: AbortSignal): Promise<string> {
    const sha256 = await this.#read(key, bytes, signal, (chunk, at) => target.write(chunk, 0, null, at));
    this.metrics.bucketBytes.inc({ direction: 'down' }, bytes);
    return sha256;
  }

  async #read(
    key: string,
    bytes: number,
    signal: AbortSignal,
    take: (chunk: Uint8Array, at: number) => unknown,
  ): Promise<string> {
    const hash = new Bun.CryptoHasher('sha256');
    for (let at = 0; at < bytes; at += GET_BYTES) {
      const end = Math.min(bytes, at + GET_BYTES);
      const chunk = await this.#insist('get', signal, async () => {
        const object = this.#client.file(this.#full(key)).slice(at, end);
        const got = await this.#inTime(object.bytes(), signal);
        if (got.length !== end - at) throw damaged(`${key} in the bucket is shorter than it was`);
        return got;
      });
      hash.update(chunk);
      await take(chunk, at);
    }
    return hash.digest('hex');
  }

  /** Also where it is gone already. */
  async remove(key: string, signal: AbortSignal): Promise<void> {
    await this.#insist('delete', signal, () => this.#inTime(this.#client.delete(this.#full(key)), signal));
  }

  /** All objects under the prefix, a page of at most a thousand at a time. */
  async *list(signal: AbortSignal): AsyncGenerator<ObjectFacts[], void> {
    const { prefix } = this.options;
    let continuationToken: string | undefined;
    do {
      const page = await this.#insist('list', signal, () =>
        this.#inTime(
          this.#client.list({ prefix, ...(continuationToken === undefined ? {} : { continuationToken }) }),
          signal,
        ),
      );
      yield (page.contents ?? []).map(({ key, size = 0, lastModified = '' }) => ({
        key: key.slice(prefix.length),
        bytes: size,
        modifiedMs: Date.parse(lastModified),
      }));
      continuationToken = page.isTruncated ? page.nextContinuationToken : undefined;
    } while (continuationToken !== undefined);
  }

  /** A small object, asked for once; undefined where there is none. */
  async text(key: string, signal: AbortSignal): Promise<string | undefined> {
    return this.#once('probe', async () => {
      try {
        return await this.#inTime(this.#client.file(this.#full(key)).text(), signal);
      } catch (error) {
        if ((toBucketError(error) as { code?: string }).code === 'bucket.missing') return undefined;
        throw error;
      }
    });
  }

  async putText(key: string, text: string, signal: AbortSignal): Promise<void> {
    await this.#once('probe', () => this.#inTime(this.#client.write(this.#full(key), text), signal));
  }

  #full(key: string): string {
    return `${this.options.prefix}${key}`;
  }

  /** Bun's client takes no signal: what it does not answer in time is left alone. */
  async #inTime<T>(work: Promise<T>, parent: AbortSignal): Promise<T> {
    const { timeoutS } = this.options;
    work.catch(() => undefined);
    const { signal, clear } = deadline(timeoutS * 1000, () => silent(timeoutS), parent);
    try {
      return await orAborted(work, signal);
    } finally {
      clear();
    }
  }

  async #once<T>(operation: BucketOperation, work: () => Promise<T>): Promise<T> {
    const stop = this.metrics.bucketSeconds.startTimer({ operation });
    try {
      const result = await work();
      this.metrics.bucketRequests.inc({ operation, outcome: 'ok' });
      return result;
    } catch (error) {
      const told = toBucketError(error);
      const code = (told as { code?: string }).code ?? 'error';
      this.metrics.bucketRequests.inc({ operation, outcome: code.startsWith('bucket.') ? code : 'error' });
      throw told;
    } finally {
      stop();
    }
  }

  async #insist<T>(operation: BucketOperation, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      try {
        return await this.#once(operation, work);
      } catch (error) {
        const mayPass = isPassing(error) || (error as { code?: string }).code === 'bucket.damaged';
        if (!mayPass || attempt >= this.options.attempts) throw error;
        const most = Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
        await this.pause(most / 2 + Math.random() * (most / 2), signal);
      }
    }
  }
}
