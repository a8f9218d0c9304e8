import { type CsvRecord, type Field, RecordParser, type Syntax } from './csv/record-parser.ts';

/** The first records of a CSV text with their lines; a record that the text cuts off is left out unless it is the only one. */
export function parseSample(
  text: string,
  syntax: Syntax,
  skipLines: number,
  maxRecords: number,
  complete: boolean,
): CsvRecord[] {
  const records: CsvRecord[] = [];
  const parser = new RecordParser(syntax, skipLines, (record) => {
    if (records.length < maxRecords) records.push(record);
  });
  for (let at = 0; at < text.length && records.length < maxRecords; at += PIECE)
    parser.write(text.slice(at, at + PIECE));
  if (records.length < maxRecords) parser.end();
  const isCut = !complete && records.length > 1 && records.at(-1)!.end === '';
  return isCut ? records.slice(0, -1) : records;
}

const PIECE = 64 << 10;

export function sampleRecords(
  text: string,
  delimiter: string,
  quote: string,
  maxRecords: number,
  complete: boolean,
): Field[][] {
  const syntax = { delimiter, quote, escape: quote, comment: '' };
  return parseSample(text, syntax, 0, maxRecords, complete).map(({ fields }) => fields);
}
