import type { RawColumn } from '../raw-table.ts';
import type { Reject } from '../rejects.ts';
import type { CsvForm } from './form.ts';
import { dataRecords, fromBytes } from './read-records.ts';

/** A row whose value does not fit; ordinals count rows from 1, rejected records not among them. */
export interface Misfit {
  ordinal: number;
  column: string;
  message: string;
}

const KEPT_TEXT = 1 << 20;
const shownText = (raw: string) => fromBytes(raw.slice(0, KEPT_TEXT)).toWellFormed();

/** The records that are no rows, and the rows of `misfits` (in order), as they stand in the file. */
export async function* rejectedRows(
  path: string,
  form: CsvForm,
  columns: readonly RawColumn[],
  misfits: readonly Misfit[],
  signal: AbortSignal,
): AsyncGenerator<Reject> {
  let ordinal = 0;
  let next = 0;
  for await (const batch of dataRecords(path, form, signal))
    for (const { line, raw, reject } of batch) {
      if (reject) {
        const column = reject.column === undefined ? undefined : columns[reject.column]?.name;
        const where = column === undefined ? {} : { column };
        yield { start: line, line, ...where, message: reject.message, text: shownText(raw) };
      } else if (++ordinal === misfits[next]?.ordinal) {
        const { column, message } = misfits[next++]!;
        yield { start: line, line, column, message, text: shownText(raw) };
      }
    }
}

/** The lines of rows by their ordinals, found in one pass. */
export async function linesOfRows(
  path: string,
  form: CsvForm,
  ordinals: readonly number[],
  signal: AbortSignal,
): Promise<Map<number, number>> {
  const wanted = new Set(ordinals);
  const lines = new Map<number, number>();
  if (wanted.size === 0) return lines;
  let ordinal = 0;
  for await (const batch of dataRecords(path, form, signal)) {
    for (const { line, reject } of batch) if (!reject && wanted.has(++ordinal)) lines.set(ordinal, line);
    if (lines.size === wanted.size) break;
  }
  return lines;
}
