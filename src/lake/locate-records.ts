import { readChunks } from './read-chunks.ts';

const LF = 10;
const CR = 13;

/** The line (from 1) of each byte offset; `offsets` ascend. A file without LF has lines that end with CR. */
export async function linesOf(
  path: string,
  offsets: readonly number[],
  signal: AbortSignal,
): Promise<number[]> {
  const lines: number[] = [];
  let base = 0;
  let line = 1;
  let newline = 0;
  for await (const chunk of readChunks(path, signal)) {
    if (newline === 0) newline = chunk.includes(LF) ? LF : CR;
    let at = 0;
    while (lines.length < offsets.length && offsets[lines.length]! < base + chunk.length) {
      const end = offsets[lines.length]! - base;
      for (
        let found = chunk.indexOf(newline, at);
        found >= 0 && found < end;
        found = chunk.indexOf(newline, at)
      ) {
        line++;
        at = found + 1;
      }
      // DuckDB gives the offset of the LF of a CR LF before the record.
      lines.push(chunk[end] === newline ? line + 1 : line);
    }
    if (lines.length === offsets.length) return lines;
    for (let found = chunk.indexOf(newline, at); found >= 0; found = chunk.indexOf(newline, at)) {
      line++;
      at = found + 1;
    }
    base += chunk.length;
  }
  while (lines.length < offsets.length) lines.push(line);
  return lines;
}

export interface RecordRules {
  delimiter: string;
  quote: string;
  /** Lines before the first record. */
  skipLines: number;
  header: boolean;
  /** A file of one column counts blank lines as records. */
  blankLinesCount: boolean;
  /** Where records that were rejected start; they have no ordinal. */
  rejected: ReadonlySet<number>;
}

export interface Place {
  line: number;
  start: number;
  end: number;
}

/** Where the records with the given ordinals (from 1, ascending, rejected ones not counted) stand in a CSV file. */
export async function placesOf(
  path: string,
  ordinals: readonly number[],
  rules: RecordRules,
  signal: AbortSignal,
): Promise<Place[]> {
  const places: Place[] = [];
  const quote = rules.quote === '' ? -1 : rules.quote.charCodeAt(0);
  const delimiter = rules.delimiter.charCodeAt(0);
  let base = 0;
  let line = 1;
  let start = 0;
  let startLine = 1;
  let ordinal = rules.header ? -1 : 0;
  let inside = false;
  let fieldStart = true;
  let newline = 0;
  let last = 0;
  for await (const chunk of readChunks(path, signal)) {
    if (newline === 0) newline = chunk.includes(LF) ? LF : CR;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (byte === newline) line++;
      if (byte === quote) {
        if (inside) inside = false;
        else if (fieldStart || last === quote) inside = true;
        fieldStart = false;
      } else if (byte === newline && !inside) {
        const end = base + i;
        const length = end - start - (last === CR && newline === LF ? 1 : 0);
        const skipped = startLine <= rules.skipLines || (length <= 0 && !rules.blankLinesCount);
        if (!skipped && !rules.rejected.has(start)) ordinal++;
        if (!skipped && ordinal === ordinals[places.length]) {
          places.push({ line: startLine, start, end });
          if (places.length === ordinals.length) return places;
        }
        start = end + 1;
        startLine = line;
        fieldStart = true;
      } else if (byte === delimiter) fieldStart = true;
      else if (byte !== 32) fieldStart = false;
      last = byte;
    }
    base += chunk.length;
  }
  while (places.length < ordinals.length) places.push({ line: startLine, start, end: base });
  return places;
}
