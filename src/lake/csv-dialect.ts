import { AppError } from '../base/errors.ts';
import type { LoadOptions } from '../domain/upload.ts';
import { type Field, isBlank, sampleRecords } from './csv-sample.ts';
import { NUMBER_SHAPE } from './number-format.ts';
import { readHead } from './read-chunks.ts';
import { VALUE_FORMATS } from './value-formats.ts';

export interface Dialect {
  delimiter: string;
  quote: string;
  header: boolean;
  skipLines: number;
  /** As written in the header, or undefined for each column where there is none. */
  names: (string | undefined)[];
}

const SAMPLE_BYTES = 1 << 20;
const SAMPLE_RECORDS = 500;
const DELIMITERS = [',', ';', '\t', '|'];

/** 0 for a delimiter that does not split; greater the more records have the same number of fields. */
function consistency(records: readonly Field[][]): number {
  const counts = new Map<number, number>();
  for (const { length } of records) counts.set(length, (counts.get(length) ?? 0) + 1);
  const [fields, often] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [1, 0];
  if (fields < 2) return 0;
  const share = often / records.length;
  return share * share * (records[0]!.length === fields ? 2 : 1) * (1 + Math.log2(fields) / 10);
}

function chooseDelimiter(text: string, quote: string, complete: boolean): string {
  let best = { delimiter: ',', score: 0 };
  for (const delimiter of DELIMITERS) {
    const records = sampleRecords(text, delimiter, quote, SAMPLE_RECORDS, complete).filter(
      (r) => !isBlank(r),
    );
    const score = records.length === 0 ? 0 : consistency(records);
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

const SHAPES = [
  NUMBER_SHAPE,
  ...VALUE_FORMATS.filter(({ id }) => id !== 'tf' && id !== 'yesNo').map(({ shape }) => shape),
];
const isData = (text: string) => SHAPES.some((shape) => shape.test(text.trim()));
const isYear = (text: string) => /^(19|20)\d\d$/.test(text.trim());

/** A first record with a value in it, such as a number or a date, is data; but years beside names are headings. */
function looksLikeHeader(records: readonly Field[][]): boolean {
  const [first] = records;
  const texts = first!.map(({ text }) => text).filter((text) => text.trim() !== '');
  if (texts.length === 0) return false;
  const data = texts.filter(isData);
  if (data.length === 0) return true;
  return (
    data.length < texts.length && data.length > 1 && data.every(isYear) && new Set(data).size === data.length
  );
}

function skipLines(text: string, lines: number): string {
  let start = 0;
  for (let n = 0; n < lines; n++) {
    const end = text.indexOf('\n', start);
    if (end < 0) return '';
    start = end + 1;
  }
  return text.slice(start);
}

/** How a CSV file in UTF-8 is written: as given, else as its first megabyte suggests. Throws `dataset.empty`. */
export async function findDialect(path: string, options: LoadOptions, tabs: boolean): Promise<Dialect> {
  const head = await readHead(path, SAMPLE_BYTES);
  const complete = head.length < SAMPLE_BYTES;
  const skipped = options.skipLines ?? 0;
  const text = skipLines(head.toString('utf8').replace(/^\ufeff/, ''), skipped);
  const quote = options.quote ?? '"';
  const delimiter = options.delimiter ?? (tabs ? '\t' : chooseDelimiter(text, quote, complete));
  if (delimiter === quote)
    throw new AppError('request.invalid', 'delimiter and quote are the same', { pointer: '/delimiter' });
  const records = sampleRecords(text, delimiter, quote, SAMPLE_RECORDS, complete).filter((r) => !isBlank(r));
  const [first] = records;
  if (!first)
    throw new AppError('dataset.empty', 'The file has no rows and no columns', { pointer: '/file' });
  const header = options.header ?? looksLikeHeader(records);
  const names = header ? first.map(({ text }) => text) : first.map(() => undefined);
  return { delimiter, quote, header, skipLines: skipped, names };
}
