import { isUtf8 } from 'node:buffer';
import { readChunks } from '../read-chunks.ts';
import { type CsvForm, faultOf, type RecordFault } from './form.ts';
import { type CsvRecord, isBlank, RecordParser, type Syntax } from './record-parser.ts';

/** A record of the data: its texts hold one character a byte of UTF-8. */
export interface DataRecord extends CsvRecord {
  /** Undefined for a row. */
  reject: RecordFault | undefined;
}

const BOM = '\u00ef\u00bb\u00bf';

export const toBytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
export const fromBytes = (text: string) => Buffer.from(text, 'latin1').toString('utf8');

function byteSyntax({ delimiter, quote, escape: mark, comment }: Syntax): Syntax {
  return {
    delimiter: toBytes(delimiter),
    quote: toBytes(quote),
    escape: toBytes(mark),
    comment: toBytes(comment),
  };
}

/** Every record of a file, headings and blank lines too, in batches. */
export async function* scanRecords(
  path: string,
  syntax: Syntax,
  skipLines: number,
  signal: AbortSignal,
): AsyncGenerator<CsvRecord[]> {
  let batch: CsvRecord[] = [];
  const parser = new RecordParser(byteSyntax(syntax), skipLines, (record) => batch.push(record));
  let isFirst = true;
  for await (const chunk of readChunks(path, signal)) {
    const text = chunk.toString('latin1');
    parser.write(isFirst && text.startsWith(BOM) ? text.slice(BOM.length) : text);
    isFirst = false;
    yield batch;
    batch = [];
  }
  parser.end();
  yield batch;
}

/** Holds back the last records: those of the footer never come out. */
class Footer {
  #held: CsvRecord[] = [];

  constructor(readonly length: number) {}

  pass(batch: CsvRecord[]): CsvRecord[] {
    if (this.length === 0) return batch;
    const all = [...this.#held, ...batch];
    const end = Math.max(0, all.length - this.length);
    this.#held = all.slice(end);
    return all.slice(0, end);
  }
}

/** The records of the data in order: no headings, no footer, no blank lines (in a file of one column these are rows without a value). */
export async function* dataRecords(
  path: string,
  form: CsvForm,
  signal: AbortSignal,
): AsyncGenerator<DataRecord[]> {
  const footer = new Footer(form.skipFooter);
  let isBefore = true;
  let isHeading = form.header;
  for await (const batch of scanRecords(path, form.syntax, form.skipLines, signal)) {
    const kept = batch.filter((record) => {
      if (isBlank(record) && (isBefore || form.width > 1)) return false;
      isBefore = false;
      const taken = !isHeading;
      isHeading = false;
      return taken;
    });
    yield footer.pass(kept).map((record) => ({ ...record, reject: rejectOf(record, form) }));
  }
}

function rejectOf(record: CsvRecord, form: CsvForm): RecordFault | undefined {
  const fault = faultOf(record, form);
  if (fault || !hasHighBytes(record.raw) || isUtf8(Buffer.from(record.raw, 'latin1'))) return fault;
  const column = record.fields.findIndex(({ text }) => !isUtf8(Buffer.from(text, 'latin1')));
  return { message: 'is not valid UTF-8', ...(column < 0 ? {} : { column }) };
}

const hasHighBytes = (text: string) => /[\u0080-\u00ff]/.test(text);
