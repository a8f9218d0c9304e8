import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../base/errors.ts';
import { type JsonPath, parseJsonPath, valueAt } from '../domain/json-path.ts';
import { expandFile } from './expand.ts';
import { flattenRow } from './flatten-row.ts';
import { temporaryName } from './folders.ts';
import type { Extracted, ExtractJob, IngestOptions } from './jobs.ts';
import { badJson, JsonScan } from './json-scan.ts';
import { readChunks, readHead } from './read-chunks.ts';

const WRITE_BYTES = 256 << 10;

/** Text on its way to the end of a file, and its hash. */
class RowWriter {
  #held: string[] = [];
  #heldLength = 0;
  rows = 0;
  readonly #hash = new Bun.CryptoHasher('sha256');

  constructor(readonly file: FileHandle) {}

  add(line: string): void {
    this.rows++;
    this.#held.push(line, '\n');
    this.#heldLength += line.length;
  }

  get isFull(): boolean {
    return this.#heldLength > WRITE_BYTES;
  }

  async flush(): Promise<void> {
    if (this.#held.length === 0) return;
    const bytes = Buffer.from(this.#held.join(''));
    this.#hash.update(bytes);
    await this.file.writeFile(bytes);
    this.#held = [];
    this.#heldLength = 0;
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** JSON as values, but whole numbers that a double would blur as their digits. */
function parseExactly(text: string): unknown {
  const keep = (_: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && context?.source !== undefined
      ? context.source
      : value;
  return JSON.parse(text, keep as (key: string, value: unknown) => unknown);
}

const asText = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;

/** A row as one line: an object as it is or flattened; anything else as the member `value`. */
function lineOf(text: string, nested: ExtractJob['nested'], at: number): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badJson(`The answer is not valid JSON in row ${at}`, { row: at }, cause);
  }
  const line = /[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, ' ') : text;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `{"value":${line}}`;
  return nested === 'flatten' ? flattenRow(line) : line;
}

/** Whether a path that is wanted leads through a value that stands at `place`; gives what is left of it. */
function within(wanted: JsonPath, place: readonly string[]): JsonPath | undefined {
  return wanted.length >= place.length && place.every((step, i) => step === wanted[i])
    ? wanted.slice(place.length)
    : undefined;
}

async function extractJson(
  job: ExtractJob,
  path: string,
  writer: RowWriter,
  maxValueBytes: number,
  signal: AbortSignal,
) {
  const looks = job.look.map((look) => ({ ...look, steps: parseJsonPath(look.path, '/path') }));
  const found: (string | null)[] = looks.map(() => null);
  let last: string | undefined;
  const scan = new JsonScan(parseJsonPath(job.root, '/root'), maxValueBytes, {
    onRow(text) {
      if (text === 'null') return;
      writer.add(lineOf(text, job.nested, writer.rows + 1));
      last = text;
    },
    onOther(place, text) {
      const value = parseOther(text);
      for (const [i, { steps, in: where }] of looks.entries()) {
        const rest = where === 'page' ? within(steps, place) : undefined;
        if (rest) found[i] = asText(valueAt(value, rest));
      }
    },
  });
  for await (const chunk of readChunks(path, signal)) {
    scan.write(chunk);
    if (writer.isFull) await writer.flush();
  }
  scan.end();
  for (const [i, { steps, in: where }] of looks.entries())
    if (where === 'lastRow' && last !== undefined) found[i] = asText(valueAt(parseExactly(last), steps));
  return { found, rootFound: scan.rootFound };
}

function parseOther(text: string): unknown {
  try {
    return parseExactly(text);
  } catch (cause) {
    throw badJson('The answer is not valid JSON beside its rows', {}, cause);
  }
}

/** Lines as they are; a line that is too long, or no object, is for the loader to judge. */
async function extractLines(
  job: ExtractJob,
  path: string,
  writer: RowWriter,
  maxValueBytes: number,
  signal: AbortSignal,
) {
  let rest: Uint8Array = new Uint8Array();
  let last: string | undefined;
  const take = (bytes: Uint8Array) => {
    const text = new TextDecoder().decode(bytes).trim();
    if (text === '') return;
    writer.add(job.format === 'ndjson' ? lineOf(text, job.nested, writer.rows + 1) : text);
    last = text;
  };
  for await (const chunk of readChunks(path, signal)) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      take(rest.length > 0 ? Buffer.concat([rest, chunk.subarray(start, end)]) : chunk.subarray(start, end));
      rest = new Uint8Array();
      start = end + 1;
    }
    rest = Buffer.concat([rest, chunk.subarray(start)]);
    if (rest.length > maxValueBytes)
      throw badJson(`The answer has a line longer than ${maxValueBytes} bytes`, {
        limit: 'UPLOAD_MAX_VALUE_BYTES',
        maxBytes: maxValueBytes,
      });
    if (writer.isFull) await writer.flush();
  }
  take(rest);
  const found = job.look.map(({ path: wanted, in: where }) =>
    where === 'lastRow' && last !== undefined && job.format === 'ndjson'
      ? asText(valueAt(parseExactly(last), parseJsonPath(wanted, '/path')))
      : null,
  );
  return { found, rootFound: true };
}

const HEADINGS = /^(?:(?:^|(?<=[,;\t|]))"(?:[^"]|"")*"|[^\r\n])*(?:\r\n|[\r\n]|$)/;

/** The headings that a page of CSV begins with; a line break in quotes belongs to them. */
const headingsOf = (text: string) => HEADINGS.exec(text)?.[0] ?? text;

/** The headings of a page of CSV must be those of the first page, and are left out of the others. */
async function extractCsv(job: ExtractJob, path: string, file: FileHandle, signal: AbortSignal) {
  const head = (await readHead(path, 1 << 20)).toString('latin1');
  const header = headingsOf(head);
  const first = job.isFirst ? header : (await readHead(job.rows, 1 << 20)).toString('latin1');
  if (header !== '' && headingsOf(first).trimEnd() !== header.trimEnd())
    throw new AppError('source.format', 'A page has other columns in its first line than the first page', {});
  const hash = new Bun.CryptoHasher('sha256');
  let skip = job.isFirst ? 0 : header.length;
  const headerLines = header === '' ? 0 : Math.max(1, header.split('\n').length - 1);
  let [bytes, lines, lastByte] = [0, job.isFirst ? -headerLines : 0, 10];
  for await (const chunk of readChunks(path, signal)) {
    const part = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - part.length;
    if (part.length === 0) continue;
    hash.update(part);
    for (const byte of part) if (byte === 10) lines++;
    lastByte = part[part.length - 1]!;
    bytes += part.length;
    await file.writeFile(part);
  }
  if (bytes > 0 && lastByte !== 10) {
    lines++;
    await file.writeFile('\n');
  }
  return { rows: Math.max(0, lines), hash: hash.digest('hex') };
}

/**
 * Adds the rows of a page to the file of all pages, in bounded memory, and looks up what paging needs to go on. Throws AppError
 * `source.format`; what the rows are is for the loader to judge.
 */
export async function extractRows(
  job: ExtractJob,
  ingest: IngestOptions,
  signal: AbortSignal,
): Promise<Extracted> {
  const expanded = join(ingest.uploads, temporaryName());
  let path = job.page;
  try {
    if (await expandFile(path, expanded, ingest, signal)) path = expanded;
    const file = await open(job.rows, job.isFirst ? 'w' : 'a', 0o600);
    try {
      return await extractInto(job, path, file, ingest.maxValueBytes, signal);
    } finally {
      await file.close();
    }
  } finally {
    await rm(expanded, { force: true });
  }
}

async function extractInto(
  job: ExtractJob,
  path: string,
  file: FileHandle,
  maxValueBytes: number,
  signal: AbortSignal,
) {
  if (job.format === 'csv') {
    const { rows, hash } = await extractCsv(job, path, file, signal);
    const found = job.look.map(() => null);
    return { rows, hash, found, rootFound: true, bytes: (await file.stat()).size };
  }
  const writer = new RowWriter(file);
  const extract = job.format === 'json' ? extractJson : extractLines;
  const { found, rootFound } = await extract(job, path, writer, maxValueBytes, signal);
  await writer.flush();
  return { rows: writer.rows, hash: writer.digest(), found, rootFound, bytes: (await file.stat()).size };
}
