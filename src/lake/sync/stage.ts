import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnType } from '../../domain/column.ts';
import type { SyncedColumn } from '../../domain/sync-task.ts';
import { identifier, list, literal } from '../sql-text.ts';
import type { RawRows, StagedColumn, StageJob, SyncResultOf } from './jobs.ts';
import { columnOf, MAX_PRECISION, misfit, storedType } from './types.ts';
import { writeQuery } from './write.ts';

const CSV = `auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, new_line = '\\n'`;
const LEAST_LINE = 1 << 16;
const LINES_IN_BUFFER = 16;
const name = (index: number) => `c${index}`;

type Csv = Extract<RawRows, { format: 'csv' }>;

/** `0044-03-15 03:04:05 BC` as DuckDB writes it. DuckDB 1.5 reads the year as one after Christ otherwise. */
const withEra = (value: string) =>
  `CASE WHEN ${value} LIKE '% BC' THEN regexp_replace(${value}, '^(\\S+)(.*) BC$', '\\1 (BC)\\2') ELSE ${value} END`;

const needsEra = ({ type }: SyncedColumn, hasEra: boolean) =>
  hasEra && (type === 'date' || type === 'timestamp' || type === 'timestamptz');

const matches = (pattern: string) => (value: string) => `regexp_full_match(${value}, ${literal(pattern)})`;
const DAY = '-?[0-9]{4,}-[0-9]{2}-[0-9]{2}';
const CLOCK = '[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,6}0*)?)?';
const ERA_OR_INFINITY = '( BC| .BC.)?|-?infinity';

/** Types whose cast would round, cut or guess in silence: each value is looked at first, unless the source's own type fits. */
const FITS: Readonly<Partial<Record<ColumnType, (value: string) => string>>> = {
  decimal: matches('-?([0-9]+\\.?[0-9]*|\\.[0-9]+)'),
  integer: matches('-?[0-9]+'),
  date: matches(DAY + ERA_OR_INFINITY),
  time: matches(CLOCK),
  timestamp: matches(`${DAY}([ T]${CLOCK})?${ERA_OR_INFINITY}`),
  timestamptz: matches(`${DAY}[ T]${CLOCK} ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)${ERA_OR_INFINITY}`),
  json: (value) => `json_valid(${value})`,
};
const isChecked = ({ type, isExact }: StagedColumn) => !isExact && FITS[type] !== undefined;

const NARROW_DIGITS = 18;
const isWide = ({ type, precision = MAX_PRECISION }: SyncedColumn) =>
  type === 'decimal' && precision > NARROW_DIGITS;

/** A decimal of more than 18 digits, from its two parts: DuckDB 1.5 takes some twenty microseconds to cast a text to one. */
function wideDecimal(text: string, column: SyncedColumn): string {
  const { scale = 0 } = column;
  const type = storedType(column);
  if (scale > NARROW_DIGITS) return `CAST(${text} AS ${type})`;
  const before = `split_part(${text}, '.', 1)`;
  const whole = `CAST(CAST(CASE WHEN ${before} IN ('', '-') THEN '0' ELSE ${before} END AS HUGEINT) AS ${type})`;
  if (scale === 0) return whole;
  const sign = `CASE WHEN starts_with(${text}, '-') THEN '-0.' ELSE '0.' END`;
  const part = `CAST(${sign} || split_part(${text}, '.', 2) AS DECIMAL(${NARROW_DIGITS}, ${scale}))`;
  return `CAST(${whole} + ${part} AS ${type})`;
}

/** The type in which a column is read: its own where that is sure to be exact, else text. */
function readType(column: StagedColumn, { hasEra }: Csv): string {
  if (column.type === 'binary' || needsEra(column, hasEra)) return 'VARCHAR';
  if (isChecked(column) || isWide(column)) return 'VARCHAR';
  return storedType(column);
}

function valueAs(column: StagedColumn, value: string, hasEra: boolean): string {
  if (column.type === 'binary')
    return `unhex(CASE WHEN starts_with(${value}, '\\x') THEN substr(${value}, 3) ELSE ${value} END)`;
  if (needsEra(column, hasEra)) return `CAST(${withEra(value)} AS ${storedType(column)})`;
  if (isWide(column)) return wideDecimal(value, column);
  return isChecked(column) ? `CAST(${value} AS ${storedType(column)})` : value;
}

function sourceOf(rows: RawRows, columns: readonly StagedColumn[]): { from: string; values: string[] } {
  if (rows.format === 'parquet') {
    const values = columns.map((column) =>
      isChecked(column)
        ? `CAST(${identifier(column.source)} AS VARCHAR)`
        : `CAST(${identifier(column.source)} AS ${storedType(column)})`,
    );
    return { from: `read_parquet(${list(rows.paths)}, union_by_name = true)`, values };
  }
  const longest = Math.max(LEAST_LINE, rows.longest + 1);
  const types = columns.map((column, i) => `${name(i)}: ${literal(readType(column, rows))}`);
  const limits = `max_line_size = ${longest}, buffer_size = ${longest * LINES_IN_BUFFER}`;
  const from = `read_csv(${list(rows.paths)}, ${CSV}, ${limits}, columns = {${types.join(', ')}})`;
  return { from, values: columns.map((_, i) => name(i)) };
}

/** Digits behind the point that count, and before it. */
const digitsBehind = (text: string) => `length(rtrim(split_part(${text}, '.', 2), '0'))`;
const digitsBefore = (text: string) => `length(ltrim(split_part(${text}, '.', 1), '-0'))`;

/** Every value that could be cut is looked at before it is cast; a decimal whose scale nobody knows gets that of its values. */
async function checkValues(
  connection: DuckDBConnection,
  columns: readonly StagedColumn[],
  from: string,
  values: readonly string[],
): Promise<StagedColumn[]> {
  const checked = columns.flatMap((column, i) => (isChecked(column) ? [i] : []));
  if (checked.length === 0) return [...columns];
  const asked = checked.flatMap((i) => [
    `coalesce(max(${digitsBehind(values[i]!)}), 0)`,
    `coalesce(max(${digitsBefore(values[i]!)}), 0)`,
    `count(*) FILTER (WHERE NOT ${FITS[columns[i]!.type]!(values[i]!)})`,
  ]);
  const reader = await connection.runAndReadAll(`SELECT ${asked.join(', ')} FROM ${from}`);
  const found = (reader.getRows()[0] ?? []).map(Number);
  return columns.map((column, i) => {
    const at = checked.indexOf(i) * 3;
    if (at < 0) return column;
    const [behind = 0, before = 0, odd = 0] = found.slice(at, at + 3);
    if (odd > 0) throw misfit(column.name, column.type);
    if (column.type !== 'decimal') return column;
    const scale = column.scale ?? behind;
    const precision = column.precision ?? MAX_PRECISION;
    if (behind > scale || before > precision - scale)
      throw misfit(column.name, `a decimal of ${precision} digits with ${scale} after the point`);
    return { ...column, precision, scale };
  });
}

const CSV_FAULT = /Error when converting column "c(\d+)"/;

/** Makes a Parquet file of rows as they came. */
export async function stage(
  connection: DuckDBConnection,
  { rows, columns, target }: StageJob,
): Promise<SyncResultOf['stage']> {
  const hasEra = rows.format === 'csv' && rows.hasEra;
  const { from, values } = sourceOf(rows, columns);
  try {
    const fitted = await checkValues(connection, columns, from, values);
    const selected = fitted.map((column, i) => {
      const value =
        rows.format === 'csv'
          ? valueAs(column, values[i]!, hasEra)
          : `CAST(${values[i]} AS ${storedType(column)})`;
      return `${value} AS ${identifier(column.name)}`;
    });
    const written = await writeQuery(connection, `SELECT ${selected.join(', ')} FROM ${from}`, target);
    return { ...written, columns: fitted.map(({ isExact: _, ...column }) => column) };
  } catch (error) {
    const text = error instanceof Error ? error.message : '';
    const column = columns[Number(CSV_FAULT.exec(text)?.[1] ?? -1)];
    if (column) throw misfit(column.name, columnOf(column).type, error);
    if (/^(Conversion|Out of Range) Error/.test(text))
      throw await culprit(connection, { columns, from, values }, error);
    throw error;
  }
}

/** Which column has a value that no cast can read; the error does not say. */
async function culprit(
  connection: DuckDBConnection,
  { columns, from, values }: { columns: readonly StagedColumn[]; from: string; values: readonly string[] },
  cause: unknown,
): Promise<unknown> {
  const cast = columns.flatMap((column, i) => (isChecked(column) ? [i] : []));
  if (cast.length === 0) return cause;
  const misread = cast.map(
    (i) =>
      `count(*) FILTER (WHERE ${values[i]} IS NOT NULL AND TRY_CAST(${values[i]} AS ${storedType(columns[i]!)}) IS NULL)`,
  );
  const reader = await connection.runAndReadAll(`SELECT ${misread.join(', ')} FROM ${from}`);
  const at = (reader.getRows()[0] ?? []).findIndex((count) => Number(count) > 0);
  const column = columns[cast[at] ?? -1];
  return column ? misfit(column.name, column.type, cause) : cause;
}
