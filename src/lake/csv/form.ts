import type { CsvRecord, Syntax } from './record-parser.ts';

/** How a CSV file in UTF-8 is written, and how its records become rows. */
export interface CsvForm {
  syntax: Syntax;
  /** Lines before the first record: those that the caller gives, titles, blank lines, the line `sep=`. */
  skipLines: number;
  /** Records after the last row that are no data. */
  skipFooter: number;
  /** Short records get nulls at their end. */
  fillShort: boolean;
  header: boolean;
  /** Fields of a row. */
  width: number;
}

/** Why a record is no row. */
export interface RecordFault {
  message: string;
  /** The field at fault, from 0. */
  column?: number;
}

const fieldsOf = (count: number) => `${count} ${count === 1 ? 'field' : 'fields'}`;

export function faultOf(record: CsvRecord, { width, fillShort }: CsvForm): RecordFault | undefined {
  const { fields, fault, line, lastLine } = record;
  const span = lastLine > line ? `; it takes lines ${line} to ${lastLine}` : '';
  switch (fault) {
    case 'open':
      return { message: `has a quoted value that does not end${span}` };
    case 'afterQuote':
      return { message: `has a quoted value that goes on after its closing quote${span}` };
    case 'tooLong':
      return { message: `is longer than 2000000 bytes${span}` };
    default:
  }
  if (fields.length === width || (fillShort && fields.length < width)) return undefined;
  return { message: `has ${fieldsOf(fields.length)}; ${width} ${width === 1 ? 'is' : 'are'} expected` };
}
