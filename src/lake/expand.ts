import { createReadStream, createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createGunzip, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { AppError } from '../base/errors.ts';
import { bunzip2 } from './compression/bunzip2.ts';
import { chooseMember, type Member } from './compression/choose-member.ts';
import { Damaged } from './compression/damaged.ts';
import { type Compression, compressionOf } from './compression/kind.ts';
import { unxz } from './compression/unxz.ts';
import { openArchive } from './compression/unzip.ts';
import { wholeFrames } from './compression/zstd-frames.ts';
import { readHead } from './read-chunks.ts';

/** Small files may compress as well as they like. */
const RATIO_FROM_BYTES = 64 << 20;
const HEAD = 512;

const tooLarge = (detail: string, limit: string, max: number) =>
  new AppError('request.tooLarge', detail, { pointer: '/file', params: { limit, max } });

export interface ExpandLimits {
  maxExpandedBytes: number;
  /** Times its size that a file may expand to. */
  maxGzipRatio: number;
}

type Stage = NodeJS.ReadWriteStream | ((source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>);

const DECODERS: Readonly<Record<Exclude<Compression, 'zip'>, () => Stage[]>> = {
  gzip: () => [createGunzip()],
  bzip2: () => [bunzip2],
  xz: () => [unxz],
  zstd: () => [wholeFrames, createZstdDecompress()],
};

/** By the numbers of APPNOTE.TXT, section 4.4.5. */
const ZIP_METHODS: Readonly<Record<number, () => Stage[]>> = {
  0: () => [],
  8: () => [createInflateRaw()],
  12: DECODERS.bzip2,
  93: DECODERS.zstd,
  95: DECODERS.xz,
};

/** Counts what goes in and comes out; bounded in size and in ratio. */
class Measure {
  sent = 0;
  made = 0;
  crc = 0;

  constructor(readonly limits: ExpandLimits) {}

  input(): Transform {
    return this.#each((chunk) => {
      this.sent += chunk.length;
      return undefined;
    });
  }

  output(): Transform {
    return this.#each((chunk) => {
      this.made += chunk.length;
      this.crc = crc32(chunk, this.crc);
      return this.#excess();
    });
  }

  #each(look: (chunk: Uint8Array) => AppError | undefined): Transform {
    return new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        const error = look(chunk);
        if (error) done(error);
        else done(null, chunk);
      },
    });
  }

  #excess(): AppError | undefined {
    const { maxExpandedBytes: max, maxGzipRatio: ratio } = this.limits;
    if (this.made > max)
      return tooLarge(`The file expands to more than ${max} bytes`, 'UPLOAD_MAX_EXPANDED_BYTES', max);
    if (this.made > RATIO_FROM_BYTES && this.made > this.sent * ratio)
      return tooLarge(
        `The file expands to more than ${ratio} times its size`,
        'UPLOAD_MAX_GZIP_RATIO',
        ratio,
      );
    return undefined;
  }
}

const isDamage = (error: unknown) =>
  error instanceof Damaged ||
  /^Z_|^ZSTD_|^ERR_ZLIB|^ERR_BUFFER_TOO_LARGE|UNEXPECTED_END/.test((error as { code?: string }).code ?? '');

async function decode(
  from: { path: string; start?: number; end?: number },
  stages: readonly Stage[],
  target: string,
  measure: Measure,
  what: string,
  signal: AbortSignal,
): Promise<void> {
  const { path, ...range } = from;
  const parts = [
    createReadStream(path, range),
    measure.input(),
    ...stages,
    measure.output(),
    createWriteStream(target),
  ];
  try {
    await pipeline(parts as unknown as [NodeJS.ReadableStream, NodeJS.WritableStream], { signal });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (!isDamage(error)) throw error;
    throw new AppError('dataset.badFile', `The ${what} is damaged or cut off`, {
      pointer: '/file',
      cause: error,
    });
  }
}

async function expandMember(
  source: string,
  { name, entry }: Member,
  { start, bytes }: { start: number; bytes: number },
  target: string,
  limits: ExpandLimits,
  signal: AbortSignal,
): Promise<void> {
  const stages = ZIP_METHODS[entry.compressionMethod];
  const what = `member ${JSON.stringify(name)} of the zip archive`;
  if (!stages)
    throw new AppError(
      'dataset.badFile',
      `The ${what} is compressed by method ${entry.compressionMethod}, which is not read; use Deflate`,
      { pointer: '/file' },
    );
  const measure = new Measure(limits);
  if (bytes === 0) await Bun.write(target, '');
  else {
    const part = { path: source, start, end: start + bytes - 1 };
    await decode(part, stages(), target, measure, what, signal);
  }
  if (measure.made !== entry.uncompressedSize || measure.crc !== entry.crc32)
    throw new AppError('dataset.badFile', `The ${what} is damaged or cut off`, { pointer: '/file' });
}

/** A file within a compressed file is not looked into: it is refused. */
async function refuseNested(target: string): Promise<void> {
  const kind = compressionOf(await readHead(target, HEAD));
  if (kind)
    throw new AppError(
      'dataset.badFile',
      `The file holds another compressed file (${kind}); compress the table once only`,
      { pointer: '/file' },
    );
}

export interface Expanded {
  compression: Compression;
  /** The name of the member of an archive. */
  member?: string;
}

/**
 * Writes what a compressed file holds to `target`; of a zip archive, one member. Bounded in size and in ratio. Gives undefined, and writes
 * nothing, where the file is not compressed. Throws `request.tooLarge`, `request.invalid`, or `dataset.badFile`.
 */
export async function expandFile(
  source: string,
  target: string,
  limits: ExpandLimits,
  signal: AbortSignal,
  wanted?: string,
): Promise<Expanded | undefined> {
  const head = await readHead(source, HEAD);
  const compression = compressionOf(head);
  if (wanted !== undefined && compression !== 'zip')
    throw new AppError('request.invalid', '/member is for zip archives, and the file is none', {
      pointer: '/member',
    });
  if (!compression) return undefined;
  if (compression !== 'zip') {
    const measure = new Measure(limits);
    await decode({ path: source }, DECODERS[compression](), target, measure, `${compression} file`, signal);
    await refuseNested(target);
    return { compression };
  }
  const archive = await openArchive(source, head);
  try {
    const member = chooseMember(archive.members, wanted);
    await expandMember(source, member, await archive.placeOf(member), target, limits, signal);
    await refuseNested(target);
    return { compression, member: member.name };
  } finally {
    archive.close();
  }
}
