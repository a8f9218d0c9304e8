import {
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api';
import type { Column, ColumnType, SourceColumn } from '../domain/column.ts';
import { type ColumnData, fixed, NULL, NUMBER } from '../domain/column-data.ts';
import { intervalKey, KEY_END, orderKeyOf } from '../domain/order-key.ts';
import type { Rows } from '../drivers/driver.ts';
import { noRoomForDigits } from '../drivers/duckdb/errors.ts';
import type { Fetch } from '../sql/pivot.ts';

/** Most that one chunk of DuckDB holds. */
export const STAGED_ROWS = 2048;

/** Of a decimal in DuckDB. */
const MAX_DIGITS = 38;

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

/** How the texts of a column become such as DuckDB orders and tells apart as the database does; undefined where they go into its type. */
function keyerOf(
  column: SourceColumn,
  name: string,
  inTexts: boolean,
  texts: Map<string, string>,
): Keyer | undefined {
  if (column.type === 'binary') return (text) => text;
  const isInterval = /^interval\b/.test(column.nativeType ?? '');
  const key = isInterval ? intervalKey : inTexts ? orderKeyOf(column.type) : undefined;
  if (!key) return undefined;
  return (text) => {
    const place = key(text) ?? text;
    // Equal values of two groupings may have two texts, such as 1.5 and 1.50.
    const at = `${name} ${place}`;
    const known = texts.get(at) ?? `${place}${KEY_END}${text}`;
    texts.set(at, known);
    return known;
  };
}

type Keyer = (text: string) => string;

/** How a column goes in: integers as doubles where they fit, and beside it as text where they do not; decimals as text. */
function stagedTypes({ type }: Column, keyer: Keyer | undefined): DuckDBType[] {
  if (keyer) return [VARCHAR];
  if (type === 'integer') return [DOUBLE, VARCHAR];
  if (type === 'float') return [DOUBLE];
  return [type === 'boolean' ? BOOLEAN : VARCHAR];
}

const isNumber = (data: ColumnData, i: number) => data.states[i] === NUMBER;

function stagedValues(data: ColumnData, count: number, keyer: Keyer | undefined): DuckDBValue[][] {
  const values = (of: (i: number) => DuckDBValue) =>
    Array.from({ length: count }, (_, i) => (data.states[i] === NULL ? null : of(i)));
  if (keyer) {
    const text = (i: number) =>
      isNumber(data, i) ? fixed(BigInt(data.numbers[i]!), data.scale) : data.texts[i]!;
    return [values((i) => keyer(text(i)))];
  }
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

function castOf({ type }: Column, staged: string[], scale: number, keyer: Keyer | undefined): string {
  const [value, text] = staged;
  if (keyer) return value!;
  if (type === 'integer') return `coalesce(CAST(${value} AS HUGEINT), CAST(${text} AS HUGEINT))`;
  if (scale > MAX_DIGITS) throw noRoomForDigits(scale);
  return `CAST(${value} AS ${type === 'decimal' ? `DECIMAL(${MAX_DIGITS}, ${scale})` : TYPES[type]})`;
}

/**
 * Puts the rows of a database into a temporary table of DuckDB, in the types of their columns or as text behind a key. `texts` are those of
 * the pivot's other tables.
 */
export async function stageRows(
  connection: DuckDBConnection,
  { table, columns, names, inTexts }: Fetch,
  rows: Rows,
  texts = new Map<string, string>(),
): Promise<void> {
  const keyers = columns.map((column, c) => keyerOf(column, names[c]!, inTexts, texts));
  const types = columns.map((column, c) => stagedTypes(column, keyers[c]));
  const staged = types.map((list, c) => list.map((_, i) => `s${c}_${i}`));
  const definitions = types.flatMap((list, c) => list.map((type, i) => `${staged[c]![i]} ${type}`));
  const raw = `staged_${table}`;
  await connection.run(`CREATE TEMP TABLE ${raw} (${definitions.join(', ')})`);
  const appender = await connection.createAppender(raw);
  const scales = columns.map(() => 0);
  const flat = types.flat();
  for await (const batch of rows) {
    const chunk = DuckDBDataChunk.create(flat, batch.count);
    const values = batch.columns.flatMap((data, c) => stagedValues(data, batch.count, keyers[c]));
    for (const [i, column] of values.entries()) chunk.setColumnValues(i, column);
    appender.appendDataChunk(chunk);
    for (const [c, data] of batch.columns.entries())
      if (data.type === 'decimal') scales[c] = Math.max(scales[c]!, scaleOf(data, batch.count));
  }
  appender.closeSync();
  const casts = columns.map(
    (column, c) => `${castOf(column, staged[c]!, scales[c]!, keyers[c])} AS ${names[c]}`,
  );
  await connection.run(`CREATE TEMP TABLE ${table} AS SELECT ${casts.join(', ')} FROM ${raw}`);
  await connection.run(`DROP TABLE ${raw}`);
}
