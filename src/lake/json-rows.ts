import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '../base/errors.ts';
import { parseJsonPath } from '../domain/json-path.ts';
import type { LoadOptions } from '../domain/upload.ts';
import { flattenRow } from './flatten-row.ts';
import { JsonScan } from './json-scan.ts';
import type { JsonShape } from './load-json.ts';
import { readChunks } from './read-chunks.ts';

const WRITE_CHARACTERS = 256 << 10;

/** Lines on their way to a file. */
class Lines {
  #held: string[] = [];
  #length = 0;

  constructor(readonly file: FileHandle) {}

  add(line: string): void {
    this.#held.push(line, '\n');
    this.#length += line.length;
  }

  async flush(atLeast = 0): Promise<void> {
    if (this.#length < atLeast) return;
    await this.file.writeFile(this.#held.join(''));
    this.#held = [];
    this.#length = 0;
  }
}

const oneLine = (text: string) => text.replace(/[\r\n]+/g, ' ');

/** An object as it is or flattened; another value as the member `value`. */
function rowOf(text: string, flatten: boolean): string {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `{"value":${oneLine(text)}}`;
  return flatten ? flattenRow(oneLine(text)) : oneLine(text);
}

/** A line that is no object stays as it is, for the loader to judge. */
function flatLine(line: string): string {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? flattenRow(line.trim())
      : line;
  } catch (error) {
    if (error instanceof SyntaxError) return line;
    throw error;
  }
}

async function flattenLines(path: string, lines: Lines, maxBytes: number, signal: AbortSignal) {
  let rest = Buffer.alloc(0);
  for await (const chunk of readChunks(path, signal)) {
    const bytes = Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(10);
    if (end >= 0) for (const line of bytes.toString('utf8', 0, end).split('\n')) lines.add(flatLine(line));
    rest = bytes.subarray(end + 1);
    if (rest.length > maxBytes)
      throw new AppError('dataset.badFile', `The file has a line longer than ${maxBytes} bytes`, {
        pointer: '/file',
        params: { limit: 'UPLOAD_MAX_VALUE_BYTES' },
      });
    await lines.flush(WRITE_CHARACTERS);
  }
  if (rest.length > 0) lines.add(flatLine(rest.toString('utf8')));
}

/** What reads answers of APIs speaks of the answer; here it is the file. */
function aboutTheFile(error: unknown, row: number): unknown {
  if (error instanceof SyntaxError)
    return new AppError('dataset.badFile', `The file is not valid JSON in row ${row}`, {
      pointer: '/file',
      params: { row },
      cause: error,
    });
  if (!(error instanceof AppError) || error.code !== 'source.format') return error;
  const detail = error.message.replace(/^The answer/, 'The file').replace(/^A row/, `Row ${row}`);
  return new AppError('dataset.badFile', detail, { pointer: '/file', params: error.params, cause: error });
}

/**
 * Writes the rows of a JSON file as one object a line: what stands at `root`, flattened where `nested` says so. One row is held at a time.
 * Throws `dataset.badFile`, and `request.invalid` where nothing stands at the root.
 */
export async function takeJsonRows(
  path: string,
  shape: JsonShape,
  { root, nested }: Pick<LoadOptions, 'root' | 'nested'>,
  target: string,
  maxValueBytes: number,
  signal: AbortSignal,
): Promise<void> {
  const flatten = nested === 'flatten';
  const steps = parseJsonPath(root ?? '', '/root');
  const file = await open(target, 'w', 0o600);
  let rows = 0;
  try {
    const lines = new Lines(file);
    if (shape === 'lines' && steps.length === 0) await flattenLines(path, lines, maxValueBytes, signal);
    else {
      const onRow = (text: string) => {
        rows++;
        if (text !== 'null') lines.add(rowOf(text, flatten));
      };
      const scan = new JsonScan(
        steps,
        maxValueBytes,
        { onRow, onOther: (_, text) => void JSON.parse(text) },
        shape !== 'array',
      );
      for await (const chunk of readChunks(path, signal)) {
        scan.write(chunk);
        await lines.flush(WRITE_CHARACTERS);
      }
      scan.end();
      if (!scan.rootFound)
        throw new AppError('request.invalid', `Nothing stands in the file at /root ${JSON.stringify(root)}`, {
          pointer: '/root',
        });
    }
    await lines.flush();
  } catch (error) {
    throw aboutTheFile(error, Math.max(rows, 1));
  } finally {
    await file.close();
  }
}
