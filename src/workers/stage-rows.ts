import {
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api';
import type { Column, ColumnType } from '../domain/column.ts';
import { type ColumnData, fixed, NULL, NUMBER } from '../domain/column-data.ts';
import type { Rows } from '../drivers/driver.ts';
import type { Fetch } from '../sql/pivot.ts';

/** Most that one chunk of DuckDB holds. */
export const STAGED_ROWS = 2048;

/** The type of a column of groups in DuckDB; decimals take the scale that came. */
const TYPES: Readonly<Record<Exclude<ColumnType, 'decimal'>, string>> = {
  text: 'VARCHAR',
  integer: 'HUGEINT',
  float: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
  uuid: 'UUID',
  json: 'VARCHAR',
  binary: 'VARCHAR',
};

/** How a column goes in: integers as doubles where they fit, and beside it as text where they do not; decimals as text. */
function stagedTypes({ type }: Column): DuckDBType[] {
  if (type === 'integer') return [DOUBLE, VARCHAR];
  if (type === 'float') return [DOUBLE];
  return [type === 'boolean' ? BOOLEAN : VARCHAR];
}

const isNumber = (data: ColumnData, i: number) => data.states[i] === NUMBER;

function stagedValues(data: ColumnData, count: number): DuckDBValue[][] {
  const values = (of: (i: number) => DuckDBValue) =>
    Array.from({ length: count }, (_, i) => (data.states[i] === NULL ? null : of(i)));
  switch (data.type) {
    case 'integer':
      return [
        values((i) => (isNumber(data, i) ? data.numbers[i]! : null)),
        values((i) => (isNumber(data, i) ? null : data.texts[i]!)),
      ];
    case 'float':
      return [values((i) => data.numbers[i]!)];
    case 'boolean':
      return [values((i) => data.numbers[i] === 1)];
    case 'decimal':
      return [
        values((i) => (isNumber(data, i) ? fixed(BigInt(data.numbers[i]!), data.scale) : data.texts[i]!)),
      ];
    default:
      return [values((i) => data.texts[i]!)];
  }
}

/** Digits behind the point in what came. */
function scaleOf(data: ColumnData, count: number): number {
  let scale = data.scale;
  for (let i = 0; i < count; i++) {
    if (data.states[i] === NULL || isNumber(data, i)) continue;
    const point = data.texts[i]!.indexOf('.');
    if (point >= 0) scale = Math.max(scale, data.texts[i]!.length - point - 1);
  }
  return scale;
}

function castOf({ type }: Column, staged: string[], scale: number): string {
  const [value, text] = staged;
  if (type === 'integer') return `coalesce(CAST(${value} AS HUGEINT), CAST(${text} AS HUGEINT))`;
  return `CAST(${value} AS ${type === 'decimal' ? `DECIMAL(38, ${scale})` : TYPES[type]})`;
}

/** Puts the rows of a database into a temporary table of DuckDB, in the types of their columns. */
export async function stageRows(
  connection: DuckDBConnection,
  { table, columns, names }: Fetch,
  rows: Rows,
): Promise<void> {
  const types = columns.map(stagedTypes);
  const staged = types.map((list, c) => list.map((_, i) => `s${c}_${i}`));
  const definitions = types.flatMap((list, c) => list.map((type, i) => `${staged[c]![i]} ${type}`));
  const raw = `staged_${table}`;
  await connection.run(`CREATE TEMP TABLE ${raw} (${definitions.join(', ')})`);
  const appender = await connection.createAppender(raw);
  const scales = columns.map(() => 0);
  const flat = types.flat();
  for await (const batch of rows) {
    const chunk = DuckDBDataChunk.create(flat, batch.count);
    const values = batch.columns.flatMap((data) => stagedValues(data, batch.count));
    for (const [i, column] of values.entries()) chunk.setColumnValues(i, column);
    appender.appendDataChunk(chunk);
    for (const [c, data] of batch.columns.entries())
      if (data.type === 'decimal') scales[c] = Math.max(scales[c]!, scaleOf(data, batch.count));
  }
  appender.closeSync();
  const casts = columns.map((column, c) => `${castOf(column, staged[c]!, scales[c]!)} AS ${names[c]}`);
  await connection.run(`CREATE TEMP TABLE ${table} AS SELECT ${casts.join(', ')} FROM ${raw}`);
  await connection.run(`DROP TABLE ${raw}`);
}
