import { difference } from './differences.ts';
import type { RowsAnswer } from './pivot.ts';
import type { Json } from './shown.ts';

/** A field of CSV; `quoted` tells an empty text from a null. */
export interface CsvField {
  text: string;
  quoted: boolean;
}

const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;

/** Every field of RFC 4180 text; throws where it is none. */
export function parseCsv(text: string): CsvField[][] {
  const lines: CsvField[][] = [];
  let line: CsvField[] = [];
  let at = 0;
  for (const [all, quoted, plain, end] of text.matchAll(FIELD)) {
    line.push({ text: quoted?.replaceAll('""', '"') ?? plain!, quoted: quoted !== undefined });
    at += all.length;
    if (end === ',') continue;
    lines.push(line);
    line = [];
  }
  if (at !== text.length || line.length > 0) throw new Error(`no CSV at ${at}: ${text.slice(at, at + 80)}`);
  return lines;
}

/** What a spreadsheet would run is told by an apostrophe that it is text. */
const defused = (text: string) => (/^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text);

const NUMBERS = ['integer', 'decimal', 'float'];

function sameField(field: CsvField, value: Json, type: string): boolean {
  if (value === null) return field.text === '' && !field.quoted;
  if (type === 'float') return difference(Number(field.text), Number(value)) === undefined;
  if (NUMBERS.includes(type) || type === 'boolean') return field.text === String(value) && !field.quoted;
  const text = defused(String(value));
  return field.text === text && (text !== '' || field.quoted);
}

/** The first place where CSV text is not the rows of an answer with exact numbers. */
export function csvDifference(text: string, { columns, rows }: RowsAnswer): string | undefined {
  const [header = [], ...lines] = parseCsv(text);
  const names = header.map((field) => field.text);
  const expected = columns.map(({ name }) => defused(name));
  if (names.join('\u0000') !== expected.join('\u0000')) return `the header is ${names}, not ${expected}`;
  if (lines.length !== rows.length) return `${lines.length} lines in place of ${rows.length}`;
  for (const [r, row] of rows.entries())
    for (const [c, value] of row.entries()) {
      const field = lines[r]![c];
      if (field && lines[r]!.length === row.length && sameField(field, value, columns[c]!.type)) continue;
      return `line ${r + 1}, ${columns[c]!.name}: ${JSON.stringify(field)} in place of ${JSON.stringify(value)}`;
    }
  return undefined;
}
