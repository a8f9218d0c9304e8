import { literal } from './sql-text.ts';

/** Whether a document has a number of more digits than DuckDB's JSON functions keep. */
export const HAS_LONG_NUMBER = `regexp_matches(doc, '[0-9][0-9.]{15}')`;

const NUMBER = '(-?[0-9][0-9.]*(?:[eE][-+]?[0-9]+)?)';
const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/**
 * SQL for the text of a key's value. DuckDB 1.5 gives a fraction as its double; where the document, in `long`, may have more digits, they are
 * looked for behind the key, and taken if they are the same double.
 */
export function allDigits(key: string, text: string, type: string): string {
  const behindKey = literal(`${escaped(JSON.stringify(key))}\\s*:\\s*${NUMBER}`);
  const isSame = `lambda digits: length(digits) > 16 AND try_cast(digits AS DOUBLE) = try_cast(${text} AS DOUBLE)`;
  return `CASE WHEN long IS NOT NULL AND ${type} = 'DOUBLE' THEN coalesce(list_filter(regexp_extract_all(long, ${behindKey}, 1), ${isSame})[1], ${text}) ELSE ${text} END`;
}
