import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../base/errors.ts';
import type { Rejected, RejectedRow } from '../domain/dataset.ts';
import type { ColumnPlan } from './decide-types.ts';
import { linesOf, placesOf, type RecordRules } from './locate-records.ts';
import { rows } from './raw-table.ts';
import { readAt } from './read-chunks.ts';
import type { CsvFile } from './read-csv.ts';

export const SHOWN = 100;
const SHOWN_TEXT = 500;
const KEPT_TEXT = 1 << 20;
const BATCH = 5_000;

/** A row that was left out, with where it starts in the file, for its order. */
export interface Reject extends RejectedRow {
  start: number;
}

function messageOf(type: string, found: string): string {
  const numbers = /Columns: (\d+) Found: (\d+)/.exec(found);
  switch (type) {
    case 'MISSING COLUMNS':
    case 'TOO MANY COLUMNS':
      return numbers
        ? `has ${numbers[2]} ${numbers[2] === '1' ? 'field' : 'fields'}; ${numbers[1]} are expected`
        : 'has another number of fields';
    case 'UNQUOTED VALUE':
      return 'has a quoted value that does not end, or goes on after its closing quote';
    case 'INVALID ENCODING':
      return 'is not valid UTF-8';
    case 'LINE SIZE OVER MAXIMUM':
      return 'is longer than 2000000 bytes';
    default:
      return 'cannot be read';
  }
}

/** Where the rejected records start, ascending; each once, however many faults it has. */
export async function rejectedOffsets(connection: DuckDBConnection): Promise<number[]> {
  const found = await rows(
    connection,
    'SELECT DISTINCT line_byte_position FROM reject_errors ORDER BY line_byte_position',
  );
  return found.map(([position]) => Number(position) - 1);
}

/** The records that DuckDB could not split, in the order of the file. */
export async function* structuralRejects(
  connection: DuckDBConnection,
  file: CsvFile,
  offsets: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<Reject> {
  if (offsets.length === 0) return;
  const lines = await linesOf(file.path, offsets, signal);
  for (let from = 0; from < offsets.length; from += BATCH) {
    const low = offsets[from]! + 1;
    const high = offsets[Math.min(from + BATCH, offsets.length) - 1]! + 1;
    const found = await rows(
      connection,
      `SELECT line_byte_position, arg_min(column_idx, byte_position), arg_min(error_type, byte_position), arg_min(error_message, byte_position),
         substr(any_value(csv_line), 1, ${KEPT_TEXT}) FROM reject_errors WHERE line_byte_position BETWEEN ${low} AND ${high} GROUP BY 1 ORDER BY 1`,
    );
    for (const [at, [position, column, type, message, text]] of found.entries()) {
      const name = type === 'INVALID ENCODING' ? file.table.columns[Number(column) - 1]?.name : undefined;
      yield {
        start: Number(position) - 1,
        line: lines[from + at]!,
        ...(name === undefined ? {} : { column: name }),
        message: messageOf(type ?? '', message ?? ''),
        text: (text ?? '').replace(/^\r?\n/, '').toWellFormed(),
      };
    }
  }
}

export function recordRules({ dialect, table }: CsvFile, offsets: readonly number[]): RecordRules {
  const { delimiter, quote, skipLines, header } = dialect;
  const rejected = new Set(offsets);
  return { delimiter, quote, skipLines, header, blankLinesCount: table.columns.length === 1, rejected };
}

/** The rows whose values do not fit a type that the caller gave, in the order of the file. */
export async function misfitRejects(
  connection: DuckDBConnection,
  file: CsvFile,
  plans: readonly ColumnPlan[],
  offsets: readonly number[],
  limit: number,
  signal: AbortSignal,
): Promise<Reject[]> {
  const forced = plans.flatMap((plan) => (plan.misfit && !plan.missed ? [plan] : []));
  const sources = file.table.columns.map(({ source }) => source).join(', ');
  const which = forced.map(({ misfit }, index) => `WHEN ${misfit} THEN ${index}`).join(' ');
  const found = await rows(
    connection,
    `SELECT ordinal, which FROM (SELECT ordinal, CASE ${which} END AS which FROM (SELECT row_number() OVER () AS ordinal, ${sources} FROM ${file.table.from}))
     WHERE which IS NOT NULL ORDER BY ordinal LIMIT ${limit}`,
  );
  const places = await placesOf(
    file.path,
    found.map(([ordinal]) => Number(ordinal)),
    recordRules(file, offsets),
    signal,
  );
  const handle = await open(file.path, 'r');
  try {
    const rejects: Reject[] = [];
    for (const [index, [, which]] of found.entries()) {
      const { line, start, end } = places[index]!;
      const { column } = forced[Number(which)]!;
      const text = (await readAt(handle, start, Math.min(end - start, KEPT_TEXT)))
        .toString('utf8')
        .replace(/\r$/, '');
      rejects.push({ start, line, column: column.name, message: `is not of type ${column.type}`, text });
    }
    return rejects;
  } finally {
    await handle.close();
  }
}

const shown = ({ start: _, text, ...row }: Reject): RejectedRow =>
  text === undefined ? row : { ...row, text: text.slice(0, SHOWN_TEXT).toWellFormed() };

/** Writes every rejected row as one JSON line; gives their number and the first hundred. */
export async function keepRejects(
  path: string,
  rejects: AsyncIterable<Reject> | Iterable<Reject>,
): Promise<Rejected> {
  const output = createWriteStream(path, { mode: 0o640, flush: true });
  const failed = new Promise<never>((_, reject) => output.on('error', reject));
  failed.catch(() => undefined);
  const first: RejectedRow[] = [];
  let count = 0;
  for await (const reject of rejects) {
    if (count++ < SHOWN) first.push(shown(reject));
    const { start: _, ...row } = reject;
    if (!output.write(`${JSON.stringify(row)}\n`)) await Promise.race([once(output, 'drain'), failed]);
  }
  const finished = once(output, 'finish');
  output.end();
  await Promise.race([finished, failed]);
  return { count, rows: first };
}

/** The error of a file that is refused for its bad rows. */
export async function refusal(
  count: number,
  rejects: AsyncIterable<Reject> | Iterable<Reject>,
): Promise<AppError> {
  const first: RejectedRow[] = [];
  for await (const reject of rejects) {
    first.push(shown(reject));
    if (first.length === SHOWN) break;
  }
  const where = first[0] ? `; the first is line ${first[0].line}, which ${first[0].message}` : '';
  const rowsHave = count === 1 ? 'row has' : 'rows have';
  return new AppError(
    'dataset.badRows',
    `${count} ${rowsHave} faults${where}. Send badRows=keepAside to load the others`,
    { pointer: '/file', params: { count, rows: first } },
  );
}

/** Two lists in the order of the file as one; a row that is in both comes once. */
export async function* inFileOrder(a: AsyncIterable<Reject>, b: readonly Reject[]): AsyncGenerator<Reject> {
  let next = 0;
  for await (const reject of a) {
    while (next < b.length && b[next]!.start < reject.start) yield b[next++]!;
    yield reject;
  }
  while (next < b.length) yield b[next++]!;
}
