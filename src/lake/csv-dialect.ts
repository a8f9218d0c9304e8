import { AppError } from '../base/errors.ts';
import type { LoadOptions } from '../domain/upload.ts';
import { closeOnes, DELIMITERS, rate, rateWhole } from './csv/delimiters.ts';
import type { CsvForm } from './csv/form.ts';
import { guessHeadings } from './csv/headings.ts';
import type { CsvRecord, Syntax } from './csv/record-parser.ts';
import { countTitles, usualWidth, withoutBlanks } from './csv/title-lines.ts';
import { parseSample } from './csv-sample.ts';
import { readHead } from './read-chunks.ts';

export interface Dialect extends CsvForm {
  /** As written in the header, or undefined for each column where there is none. */
  names: (string | undefined)[];
  /** Where the file can be read in another way too. */
  warnings: string[];
}

const SAMPLE_BYTES = 1 << 20;
const SAMPLE_RECORDS = 500;

/** The beginning of a file and what the caller says of it. */
interface Sample {
  path: string;
  text: string;
  complete: boolean;
  skipLines: number;
  options: LoadOptions;
  signal: AbortSignal;
}

const TAB_NAMES = ['tab', '\\t'];

/** Excel's first line `sep=;`, which names the delimiter. */
const SEPARATOR_LINE = /^"?sep=([^\r\n]{1,8}?)"?[ \t]*(?:\r\n|[\r\n]|$)/i;

/** How a CSV file in UTF-8 is written: as given, else as its first megabyte suggests. Throws `dataset.empty`. */
export async function findDialect(
  path: string,
  options: LoadOptions,
  tabs: boolean,
  signal: AbortSignal,
): Promise<Dialect> {
  const head = await readHead(path, SAMPLE_BYTES);
  const text = head.toString('utf8').replace(/^\ufeff/, '');
  const separator = SEPARATOR_LINE.exec(text)?.[1];
  const skipLines = Math.max(options.skipLines ?? 0, separator === undefined ? 0 : 1);
  const sample = { path, text, complete: head.length < SAMPLE_BYTES, skipLines, options, signal };
  const given = options.delimiter ?? separator ?? (tabs ? '\t' : undefined);
  const syntax = syntaxOf(options, TAB_NAMES.includes(given ?? '') ? '\t' : given);
  const found =
    syntax.delimiter === undefined
      ? await findDelimiter(sample, syntax)
      : { delimiter: syntax.delimiter, warnings: [] };
  const dialect = readForm(sample, { ...syntax, delimiter: found.delimiter });
  return { ...dialect, warnings: [...found.warnings, ...dialect.warnings] };
}

type OpenSyntax = Omit<Syntax, 'delimiter'> & { delimiter: string | undefined };

function syntaxOf(
  { quote = '"', escape: mark = quote, comment = '' }: LoadOptions,
  delimiter?: string,
): OpenSyntax {
  const marks = { delimiter, quote, escape: mark === quote ? undefined : mark, comment };
  const taken = new Map<string, string>();
  for (const [name, mark] of Object.entries(marks)) {
    if (mark === undefined || mark === '') continue;
    const other = taken.get(mark);
    if (other !== undefined)
      throw new AppError('request.invalid', `${other} and ${name} are the same: ${JSON.stringify(mark)}`, {
        pointer: `/${name}`,
      });
    taken.set(mark, name);
  }
  return { delimiter, quote, escape: mark, comment };
}

function recordsOf({ text, complete, skipLines, options }: Sample, syntax: Syntax): CsvRecord[] {
  const records = withoutBlanks(parseSample(text, syntax, skipLines, SAMPLE_RECORDS, complete));
  const isWhole = complete && records.length < SAMPLE_RECORDS;
  return isWhole ? records.slice(0, Math.max(0, records.length - (options.skipFooter ?? 0))) : records;
}

async function findDelimiter(
  sample: Sample,
  syntax: OpenSyntax,
): Promise<{ delimiter: string; warnings: string[] }> {
  const rated = DELIMITERS.flatMap((delimiter) => {
    const records = recordsOf(sample, { ...syntax, delimiter });
    return records.length === 0 ? [] : [rate(delimiter, records.slice(countTitles(records)))];
  });
  let close = closeOnes(rated);
  if (close.length > 1) {
    close = await rateWhole(sample.path, close, syntax, sample.skipLines, sample.signal);
    close = closeOnes(close);
  }
  const [best, second] = close;
  if (!best) return { delimiter: ',', warnings: [] };
  if (!second) return { delimiter: best.delimiter, warnings: [] };
  const [taken, other] = [best, second].map(({ delimiter }) => JSON.stringify(delimiter));
  return {
    delimiter: best.delimiter,
    warnings: [
      `${taken} was taken as the delimiter; ${other} would split the rows too. Give "delimiter" to choose`,
    ],
  };
}

function readForm(sample: Sample, syntax: Syntax): Dialect {
  const { options } = sample;
  const all = recordsOf(sample, syntax);
  const titles = options.skipLines === undefined && options.header !== false ? countTitles(all) : 0;
  const records = all.slice(titles);
  const [first] = records;
  if (!first) throw nothingLeft(options);
  const texts = records.map(({ fields }) => fields.map(({ text }) => text));
  const guess =
    options.header === undefined ? guessHeadings(texts) : { header: options.header, inDoubt: false };
  const width = guess.header ? first.fields.length : usualWidth(records, 'first');
  const names = guess.header ? texts[0]! : Array.from({ length: width }, () => undefined);
  const warnings: string[] = [];
  if (titles > 0) warnings.push(titleWarning(first.line - 1));
  if (options.header === undefined) warnings.push(...headingWarnings(first, guess, width));
  return {
    syntax,
    skipLines: first.line - 1,
    skipFooter: options.skipFooter ?? 0,
    fillShort: options.fillShort ?? false,
    header: guess.header,
    width,
    names,
    warnings,
  };
}

const titleWarning = (lines: number) =>
  `${lines === 1 ? 'line 1 stands' : `lines 1 to ${lines} stand`} above the table and ${lines === 1 ? 'was' : 'were'} left out. Send skipLines=0 to read all lines`;

function headingWarnings(
  { line, fields }: CsvRecord,
  { header, inDoubt }: { header: boolean; inDoubt: boolean },
  width: number,
): string[] {
  const shown = fields.slice(0, 5).map(({ text }) => JSON.stringify(text.slice(0, 40).toWellFormed()));
  const texts = `${shown.join(', ')}${fields.length > 5 ? ', …' : ''}`;
  if (header)
    return inDoubt
      ? [`line ${line} (${texts}) was read as the headings; it could be data. Send header=false if it is`]
      : [];
  const names =
    width === 1 ? 'the column is named column_1' : `the columns are named column_1 to column_${width}`;
  return [
    `no header was seen: line ${line} (${texts}) was read as data and ${names}. Send header=true if it holds the headings`,
  ];
}

function nothingLeft({ skipLines = 0, skipFooter = 0, comment }: LoadOptions): AppError {
  const given = [
    ...(skipLines > 0 ? [`skipLines=${skipLines}`] : []),
    ...(skipFooter > 0 ? [`skipFooter=${skipFooter}`] : []),
    ...(comment === undefined ? [] : [`comment=${comment}`]),
  ];
  const after = given.length > 0 ? ` after ${given.join(' and ')}` : '';
  return new AppError('dataset.empty', `The file has no rows and no columns${after}`, { pointer: '/file' });
}
