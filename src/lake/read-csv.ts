import type { LoadOptions } from '../domain/upload.ts';
import { columnNames } from './column-names.ts';
import type { CsvForm } from './csv/form.ts';
import { MAX_RECORD } from './csv/record-parser.ts';
import { rewriteCsv } from './csv/rewrite.ts';
import { type LineEnd, surveyCsv } from './csv/survey.ts';
import { forceTypes, type RawColumn, type RawTable } from './raw-table.ts';
import { literal } from './sql-text.ts';

/** A CSV file in UTF-8 as a raw table, and what a scan of its bytes says it holds. */
export interface CsvFile {
  /** The file as it came. */
  path: string;
  form: CsvForm;
  table: RawTable;
  /** As `table.from`, but writes the first of what DuckDB leaves out to `reject_errors`. */
  withRejects: string;
  /** Rows that must come out, and records that are no rows. */
  rows: number;
  rejected: number;
  /** Of the rejected records, those after the last row. */
  rejectedAtEnd: number;
  warnings: string[];
}

/** As DuckDB has them: with a backslash. */
const NEW_LINES: Record<LineEnd, string> = { lf: '\\n', crlf: '\\r\\n', cr: '\\r' };

const ONE_BYTE = /^[\t\u0020-\u007e]$/;

/** Whether DuckDB understands the file without us, as far as the dialect goes. */
const isCommon = ({ syntax, skipLines, skipFooter }: CsvForm) =>
  ONE_BYTE.test(syntax.delimiter) &&
  (syntax.quote === '' || ONE_BYTE.test(syntax.quote)) &&
  syntax.escape === syntax.quote &&
  syntax.comment === '' &&
  skipLines === 0 &&
  skipFooter === 0;

export function rawColumns(
  names: readonly (string | undefined)[],
  options: LoadOptions,
  maxColumns: number,
): RawColumn[] {
  const columns = columnNames(names, maxColumns).map((name, index) => ({
    name,
    source: `c${index}`,
    reading: 'any' as const,
  }));
  return forceTypes(columns, options.types);
}

/** The file as it is, to be read by DuckDB itself; undefined where readers may differ about it. */
export async function openPlain(
  path: string,
  form: CsvForm,
  columns: RawColumn[],
  options: LoadOptions,
  signal: AbortSignal,
): Promise<CsvFile | undefined> {
  if (!isCommon(form)) return undefined;
  const { delimiter, quote } = form.syntax;
  const survey = await surveyCsv(path, delimiter, quote, signal);
  if (!survey.isPlain) return undefined;
  const blank = form.width === 1 ? survey.blankLines : 0;
  const rows = survey.records + blank - (form.header ? 1 : 0);
  const settings = [
    `delim = ${literal(delimiter)}`,
    `quote = ${literal(quote)}`,
    `escape = ${literal(quote)}`,
    `header = ${form.header}`,
    `new_line = ${literal(NEW_LINES[survey.lineEnd])}`,
  ];
  const found = { rows, rejected: 0, rejectedAtEnd: 0, warnings: [] };
  return { path, form, ...found, ...relations(path, settings, columns, options, rows) };
}

/** The file's rows copied to `scratch` in a form that leaves no doubt. */
export async function openRewritten(
  path: string,
  scratch: string,
  form: CsvForm,
  columns: RawColumn[],
  options: LoadOptions,
  signal: AbortSignal,
): Promise<CsvFile> {
  const { mixesLineEnds, ...found } = await rewriteCsv(path, scratch, form, signal);
  const warnings = mixesLineEnds ? ['the file mixes kinds of line ends; all were read as one'] : [];
  const settings = [
    `delim = ','`,
    `quote = '"'`,
    `escape = '"'`,
    'header = false',
    // Else DuckDB takes the first line end that it sees, in quotes too.
    `new_line = '\\n'`,
    // Quotes that are doubled make a record longer.
    `max_line_size = ${2 * MAX_RECORD + (1 << 20)}`,
    'buffer_size = 33554432',
  ];
  return { path, form, ...found, warnings, ...relations(scratch, settings, columns, options, found.rows) };
}

function relations(
  path: string,
  settings: readonly string[],
  columns: RawColumn[],
  options: LoadOptions,
  rows: number,
) {
  const all = [
    'auto_detect = false',
    ...settings,
    `nullstr = ''`,
    // So that a quoted "" stays an empty text and is no null.
    'allow_quoted_nulls = false',
    `columns = {${columns.map(({ source }) => `${source}: 'VARCHAR'`).join(', ')}}`,
  ];
  const nulls = options.nullValues ?? [];
  const values = columns.map(
    ({ source }) =>
      `CASE WHEN ${source} NOT IN (${nulls.map(literal).join(', ')}) THEN ${source} END AS ${source}`,
  );
  const read = (more: string) => {
    const from = `read_csv(${literal(path)}, ${all.join(', ')}, ${more})`;
    return nulls.length === 0 ? from : `(SELECT ${values.join(', ')} FROM ${from})`;
  };
  return {
    table: { from: read('ignore_errors = true'), columns, rows },
    withRejects: read('store_rejects = true, rejects_limit = 1'),
  };
}
