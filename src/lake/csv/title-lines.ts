import { guessHeadings } from './headings.ts';
import { type CsvRecord, isBlank } from './record-parser.ts';
import { isData, kindOf } from './value-kinds.ts';

const MAX_TITLE_RECORDS = 30;

/** The number of fields that most records have; of equals, the greater, or the one that comes first. */
export function usualWidth(records: readonly CsvRecord[], tie: 'greater' | 'first'): number {
  const counts = new Map<number, number>();
  for (const { fields } of records) counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || (tie === 'greater' ? b[0] - a[0] : 0));
  return sorted[0]?.[0] ?? 1;
}

const textsOf = ({ fields }: CsvRecord) => fields.map(({ text }) => text);
const filledOf = (record: CsvRecord) => textsOf(record).filter((text) => text.trim() !== '');

/** A title or a note above a table: much less than a row, and no values alone. */
function isTitle(record: CsvRecord, width: number): boolean {
  const filled = filledOf(record);
  if (filled.length === 0) return true;
  if (filled.every((text) => isData(kindOf(text)))) return false;
  return filled.length <= Math.max(1, Math.floor((width - 1) / 3));
}

/** Whether a blank line, or a line of delimiters, stands between titles and table. */
function isApart(records: readonly CsvRecord[], count: number): boolean {
  const [last, heading] = [records[count - 1]!, records[count]!];
  return heading.line > last.lastLine + 1 || filledOf(last).length === 0;
}

/**
 * How many of the first records (without blank lines) stand above the table: titles and notes before a full line of headings. 0 where
 * there is a doubt.
 */
export function countTitles(records: readonly CsvRecord[]): number {
  const width = usualWidth(records, 'greater');
  if (width < 2) return 0;
  let count = 0;
  while (count < records.length && count <= MAX_TITLE_RECORDS && isTitle(records[count]!, width)) count++;
  if (count === 0 || count > MAX_TITLE_RECORDS) return 0;
  const table = records.slice(count);
  const [heading] = table;
  const full = table.filter(({ fields }) => fields.length === width).length;
  if (!heading || heading.fields.length !== width || table.length < 2 || full < table.length * 0.8) return 0;
  if (filledOf(heading).length < Math.max(2, width - 1)) return 0;
  const guess = guessHeadings(table.map(textsOf));
  // A line of prose splits as a row does: a pair of words alone is no table.
  const isTable = guess.hasEvidence || isApart(records, count) || (width > 2 && table.length > 3);
  return guess.header && isTable ? count : 0;
}

export const withoutBlanks = (records: readonly CsvRecord[]) => records.filter((record) => !isBlank(record));
