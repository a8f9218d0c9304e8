import { open } from 'node:fs/promises';
import type { CsvForm } from './form.ts';
import { dataRecords } from './read-records.ts';
import type { Field } from './record-parser.ts';
import { refuseSwallowed } from './remedies.ts';

/** What became of the records of a file. */
export interface Rewritten {
  rows: number;
  rejected: number;
  /** Of the rejected records, those after the last row. */
  rejectedAtEnd: number;
  mixesLineEnds: boolean;
}

/** Writes the rows in the one form that every reader understands: commas, LF, no headings, nothing for no value. */
export async function rewriteCsv(
  from: string,
  to: string,
  form: CsvForm,
  signal: AbortSignal,
): Promise<Rewritten> {
  const result: Rewritten = { rows: 0, rejected: 0, rejectedAtEnd: 0, mixesLineEnds: false };
  const missing = (count: number) => ','.repeat(Math.max(0, count));
  let lineEnd: string | undefined;
  const output = await open(to, 'w', 0o600);
  try {
    for await (const batch of dataRecords(from, form, signal)) {
      const lines: string[] = [];
      for (const record of batch) {
        const { fields, reject, end } = record;
        if (end !== '') lineEnd ??= end;
        if (end !== '' && end !== lineEnd) result.mixesLineEnds = true;
        if (reject) {
          refuseSwallowed(record);
          result.rejected++;
          result.rejectedAtEnd++;
          continue;
        }
        lines.push(`${fields.map(written).join(',')}${missing(form.width - fields.length)}\n`);
        result.rows++;
        result.rejectedAtEnd = 0;
      }
      await output.writeFile(Buffer.from(lines.join(''), 'latin1'));
    }
  } finally {
    await output.close();
  }
  return result;
}

function written({ text, quoted }: Field): string {
  if (text === '') return quoted ? '""' : '';
  return /[",\r\n]|^ | $/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
