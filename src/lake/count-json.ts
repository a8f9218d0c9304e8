import { AppError } from '../base/errors.ts';
import { JsonScan } from './json-scan.ts';
import { readChunks } from './read-chunks.ts';

interface ScanOptions {
  /** Whether the file holds values one after another, not one array. */
  isSequence: boolean;
  maxValueBytes: number;
  /** Whether each value is parsed; else only where it ends is looked for. */
  parses: boolean;
}

/** How many values a JSON file holds, found by its structure alone. Throws `dataset.badFile`, which names the first that is none. */
export async function countJsonValues(
  path: string,
  { isSequence, maxValueBytes, parses }: ScanOptions,
  signal: AbortSignal,
): Promise<number> {
  let values = 0;
  const onRow = (text: string) => {
    if (parses) JSON.parse(text);
    values++;
  };
  const scan = new JsonScan([], maxValueBytes, { onRow, onOther: () => undefined }, isSequence);
  try {
    for await (const chunk of readChunks(path, signal)) scan.write(chunk);
    scan.end();
    return values;
  } catch (error) {
    const byte = placeOf(error, scan.valueAt);
    if (byte === undefined) throw error;
    throw await faultAt(path, byte, values + 1, error, signal);
  }
}

/** Where the scan says that the text is broken, else where the value begins that could not be parsed. */
function placeOf(error: unknown, valueAt: number): number | undefined {
  if (error instanceof SyntaxError) return valueAt;
  if (!(error instanceof AppError) || error.code !== 'source.format') return undefined;
  return typeof error.params?.byte === 'number' ? error.params.byte : valueAt;
}

async function faultAt(path: string, byte: number, value: number, cause: unknown, signal: AbortSignal) {
  const line = await lineAt(path, byte, signal);
  const place = { value, line, byte };
  const { limit, maxBytes } = (cause instanceof AppError ? cause.params : undefined) ?? {};
  if (limit !== undefined)
    return new AppError(
      'dataset.badFile',
      `The file has a value larger than ${maxBytes} bytes, in line ${line}`,
      {
        pointer: '/file',
        params: { ...place, limit },
        cause,
      },
    );
  const endsTooSoon = cause instanceof AppError && /ends too soon/.test(cause.message);
  const what = endsTooSoon ? `value ${value} is missing or cut off` : `value ${value}`;
  return new AppError(
    'dataset.badFile',
    `The file is not valid JSON: ${what}, in line ${line} at byte ${byte}`,
    {
      pointer: '/file',
      params: place,
      cause,
    },
  );
}

async function lineAt(path: string, byte: number, signal: AbortSignal): Promise<number> {
  let line = 1;
  let at = 0;
  for await (const chunk of readChunks(path, signal)) {
    const until = Math.min(chunk.length, byte - at);
    for (let i = 0; i < until; i++) if (chunk[i] === 10) line++;
    at += chunk.length;
    if (at >= byte) break;
  }
  return line;
}

const [LF, CR, SPACE] = [10, 13, 32];

export interface Lines {
  /** Those that are not blank; a line ends at a CR, an LF, or both. */
  count: number;
  /** Whether they end in several ways. */
  isMixed: boolean;
}

/** Counts the lines of a file. */
export async function countLines(path: string, signal: AbortSignal): Promise<Lines> {
  let [count, crs, lfs, pairs] = [0, 0, 0, 0];
  let isBlank = true;
  let last = 0;
  let skip = 3;
  for await (const chunk of readChunks(path, signal)) {
    const hasMark = skip > 0 && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf;
    for (let i = hasMark ? skip : 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (byte === LF) {
        lfs++;
        if (last === CR) pairs++;
        isBlank = true;
      } else if (byte === CR) {
        crs++;
        isBlank = true;
      } else if (isBlank && byte !== SPACE) {
        isBlank = false;
        count++;
      }
      last = byte;
    }
    skip = 0;
  }
  const ways = [pairs, crs - pairs, lfs - pairs].filter((times) => times > 0).length;
  return { count, isMixed: ways > 1 };
}
