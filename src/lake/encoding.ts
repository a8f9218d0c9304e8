import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import iconv from 'iconv-lite';
import { AppError } from '../base/errors.ts';
import type { FileEncoding } from '../domain/dataset.ts';
import { detectEncoding } from './encodings/detect.ts';
import { readChunks, readHead } from './read-chunks.ts';

const HEAD = 64 << 10;

export interface Utf8File {
  path: string;
  warnings: string[];
  encoding: FileEncoding;
}

/** A UTF-16 file without a mark shows by the zero bytes of its Latin characters. */
function unmarkedUtf16(head: Buffer): string | undefined {
  let even = 0;
  let odd = 0;
  for (const [index, byte] of head.entries()) if (byte === 0) index % 2 === 0 ? even++ : odd++;
  const half = head.length / 2;
  if (odd > half * 0.3 && even < half * 0.05) return 'utf-16le';
  if (even > half * 0.3 && odd < half * 0.05) return 'utf-16be';
  return undefined;
}

function fromMark(head: Buffer): string | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return undefined;
}

/** A tenth of the bytes of random data are control characters; text has next to none. */
function refuseBinary(head: Buffer): void {
  let controls = 0;
  for (const byte of head)
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 12) controls++;
  if (controls > 4 && controls > head.length * 0.02)
    throw new AppError('dataset.badFile', 'The file is binary, not text', { pointer: '/file' });
}

/** How many bytes at the end belong to a character that goes on in the next chunk. */
function openTail(chunk: Buffer): number {
  for (let back = 1; back <= Math.min(3, chunk.length); back++) {
    const byte = chunk[chunk.length - back]!;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

/** The first megabyte, or so, that is not UTF-8; undefined where the whole file is. */
async function firstInvalid(path: string, signal: AbortSignal): Promise<Buffer | undefined> {
  let tail: Buffer = Buffer.alloc(0);
  for await (const read of readChunks(path, signal)) {
    const chunk = tail.length > 0 ? Buffer.concat([tail, read]) : read;
    const open = openTail(chunk);
    if (!isUtf8(chunk.subarray(0, chunk.length - open))) return Buffer.from(chunk);
    tail = Buffer.from(chunk.subarray(chunk.length - open));
  }
  return tail.length > 0 ? tail : undefined;
}

/** A UTF-8 file with a few broken bytes has far more whole characters than broken ones. */
function isMostlyUtf8(bytes: Buffer): boolean {
  const text = bytes.toString('utf8');
  let whole = 0;
  let broken = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0xfffd) broken++;
    else if (code > 127) whole++;
  }
  return whole > broken * 10;
}

/** The lines that hold other characters than ASCII: what an encoding can be told from. */
function telling(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let size = 0;
  for (let start = 0; start < bytes.length && size < HEAD; ) {
    const newline = bytes.indexOf(10, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    const line = bytes.subarray(start, end);
    if (line.some((byte) => byte > 127)) {
      parts.push(line);
      size += line.length;
    }
    start = end;
  }
  return Buffer.concat(parts);
}

/** ISO-8859-x differ from the Windows pages in control characters that no table holds. */
const WIDER: Record<string, string> = {
  'ISO-8859-1': 'windows-1252',
  'ISO-8859-6': 'windows-1256',
  'ISO-8859-8': 'windows-1255',
  'ISO-8859-9': 'windows-1254',
};

/** The encoding that a media type names, such as that of `text/csv; charset=windows-1250`; undefined where it names none that is known. */
export function charsetOf(mediaType: string | undefined): string | undefined {
  const [, name] = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(mediaType ?? '') ?? [];
  if (name === undefined || !iconv.encodingExists(name)) return undefined;
  return WIDER[name.toUpperCase()] ?? name;
}

async function decode(from: string, to: string, encoding: string, signal: AbortSignal): Promise<boolean> {
  const decoder = iconv.getDecoder(encoding, { stripBOM: true });
  const output = await open(to, 'w', 0o600);
  let broken = false;
  try {
    for await (const chunk of readChunks(from, signal)) {
      const text = decoder.write(chunk);
      broken ||= text.includes('\ufffd');
      await output.writeFile(text);
    }
    await output.writeFile(decoder.end() ?? '');
  } finally {
    await output.close();
  }
  return broken;
}

const UTF8: FileEncoding = { name: 'utf-8', certainty: 1, guessed: false };

/** What is said of a guess in the upload's warnings. */
function guessWarning({ name, certainty }: FileEncoding): string {
  const percent = Math.floor(certainty * 100);
  return `the file is not UTF-8 and was read as ${name} (certainty ${percent} %); give "encoding" to choose another`;
}

/** The encoding of a file that is not UTF-8: what its sender said, else the likeliest. */
function encodingOf(bytes: Buffer, said: string | undefined): FileEncoding {
  if (said !== undefined) return { name: said, certainty: 1, guessed: false };
  const { name, certainty } = detectEncoding(telling(bytes));
  return { name, certainty: Math.round(certainty * 100) / 100, guessed: true };
}

/**
 * The file as UTF-8: itself where it is, else decoded into `target`. The encoding is the one given, or told by the byte order mark, or
 * UTF-8 where every byte fits, or what its sender said (who often says it of every file), or the likeliest one (then a warning says which).
 */
export async function asUtf8(
  path: string,
  target: string,
  { given, said }: { given: string | undefined; said: string | undefined },
  signal: AbortSignal,
): Promise<Utf8File> {
  if (given !== undefined && !iconv.encodingExists(given))
    throw new AppError('request.invalid', `There is no encoding ${JSON.stringify(given)}`, {
      pointer: '/encoding',
    });
  const head = await readHead(path, HEAD);
  const certain = given ?? fromMark(head) ?? unmarkedUtf16(head);
  refuseBinary(certain ? Buffer.from(iconv.decode(head, certain)) : head);
  if (certain !== undefined && /^(utf-?8|ascii|us-ascii)$/i.test(certain))
    return { path, warnings: [], encoding: UTF8 };
  const warnings: string[] = [];
  let encoding: FileEncoding = { name: certain ?? '', certainty: 1, guessed: false };
  if (certain === undefined) {
    const invalid = await firstInvalid(path, signal);
    if (!invalid || isMostlyUtf8(invalid)) return { path, warnings, encoding: UTF8 };
    encoding = encodingOf(invalid, said);
    if (encoding.guessed) warnings.push(guessWarning(encoding));
  }
  if (await decode(path, target, encoding.name, signal))
    warnings.push(`some characters have no meaning in ${encoding.name} and were replaced by \ufffd`);
  return { path: target, warnings, encoding };
}
