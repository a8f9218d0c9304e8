import { AppError } from '../base/errors.ts';
import { JsonScan } from './json-scan.ts';
import { readChunks } from './read-chunks.ts';

export interface JsonFault {
  says: string;
  params: { value: number; line: number; byte: number };
}

/** The first value of a JSON file that is none; undefined where every value is one. */
export async function findJsonFault(
  path: string,
  isSequence: boolean,
  maxValueBytes: number,
  signal: AbortSignal,
): Promise<JsonFault | undefined> {
  let values = 0;
  const onRow = (text: string) => {
    JSON.parse(text);
    values++;
  };
  const scan = new JsonScan([], maxValueBytes, { onRow, onOther: () => undefined }, isSequence);
  try {
    for await (const chunk of readChunks(path, signal)) scan.write(chunk);
    scan.end();
    return undefined;
  } catch (error) {
    const byte = placeOf(error, scan.valueAt);
    if (byte === undefined) throw error;
    const line = await lineAt(path, byte, signal);
    const endsTooSoon = error instanceof AppError && /ends too soon/.test(error.message);
    const value = values + 1;
    return {
      says: `value ${value}${endsTooSoon ? ' is missing or cut off' : ''}, in line ${line} at byte ${byte}`,
      params: { value, line, byte },
    };
  }
}

/** Where the scan says that the text is broken, else where the value begins that could not be parsed. */
function placeOf(error: unknown, valueAt: number): number | undefined {
  if (error instanceof SyntaxError) return valueAt;
  if (!(error instanceof AppError) || error.code !== 'source.format') return undefined;
  return typeof error.params?.byte === 'number' ? error.params.byte : valueAt;
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
