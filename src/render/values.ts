import { type ColumnData, NULL, TEXT } from '../domain/column-data.ts';
import type { Numbers } from '../domain/query-result.ts';
import type { ByteWriter } from './byte-writer.ts';

/** Writes slot `i` of the column its maker was given. */
export type WriteValue = (i: number) => void;

const QUOTE = 34;

function jsonFloat(value: number): string {
  // JSON has no word for these; a null would be a different answer.
  return Number.isFinite(value)
    ? String(value)
    : Number.isNaN(value)
      ? '"NaN"'
      : value > 0
        ? '"Infinity"'
        : '"-Infinity"';
}

/** Decides once a column how its values become JSON: decimals and integers past 2^53 are strings unless floats are asked for. */
export function jsonValues(column: ColumnData, out: ByteWriter, numbers: Numbers): WriteValue {
  const { states, texts, numbers: values, scale, type } = column;
  const asFloat = numbers === 'float';
  if (column.physical === 'text') {
    return (i) => {
      if (states[i] === NULL) out.text('null');
      else out.jsonString(texts[i]!);
    };
  }
  if (column.physical === 'boolean')
    return (i) => out.text(states[i] === NULL ? 'null' : values[i] === 1 ? 'true' : 'false');
  if (column.physical === 'float')
    return (i) => out.text(states[i] === NULL ? 'null' : jsonFloat(values[i]!));
  const quoted = type === 'decimal' && !asFloat;
  return (i) => {
    const state = states[i];
    if (state === NULL) out.text('null');
    else if (state === TEXT) out.text(asFloat ? jsonFloat(Number(texts[i])) : `"${texts[i]}"`);
    else {
      if (quoted) out.byte(QUOTE);
      out.scaled(values[i]!, scale);
      if (quoted) out.byte(QUOTE);
    }
  };
}

/** What a spreadsheet would take for the start of a formula; East Asian ones take the wide signs too. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** One field of CSV (RFC 4180). Text that a spreadsheet would run is defused with a leading apostrophe; numbers stay numbers. */
export function csvText(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return text === '' || NEEDS_QUOTES.test(safe) || safe !== text ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Decides once a column how its values become CSV: null is empty, an empty text is `""`. */
export function csvValues(column: ColumnData, out: ByteWriter): WriteValue {
  const { states, texts, numbers: values, scale } = column;
  if (column.physical === 'text') {
    return (i) => {
      if (states[i] !== NULL) out.text(csvText(texts[i]!));
    };
  }
  if (column.physical === 'boolean') {
    return (i) => {
      if (states[i] !== NULL) out.text(values[i] === 1 ? 'true' : 'false');
    };
  }
  if (column.physical === 'float') {
    return (i) => {
      if (states[i] !== NULL) out.text(String(values[i]));
    };
  }
  return (i) => {
    if (states[i] === TEXT) out.text(texts[i]!);
    else if (states[i] !== NULL) out.scaled(values[i]!, scale);
  };
}
