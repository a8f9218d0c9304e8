import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../base/errors.ts';
import type { LoadContext } from './load-csv.ts';
import { copyWithFooter, type List, readFooter, type Struct, without } from './parquet-footer.ts';
import { rows } from './raw-table.ts';
import { identifier, literal } from './sql-text.ts';

/** A decimal of more digits than DuckDB 1.5 has; it reads such a column as meaningless floats. */
export interface WideDecimal {
  /** Its place in the schema's list, and among the columns. */
  element: number;
  position: number;
  name: string;
  precision: number;
  scale: number;
}

const MAX_DIGITS = 38;
const LARGEST = `${'9'.repeat(MAX_DIGITS)}::HUGEINT`;
/** Of a value that DuckDB reads, and of one that is read here. */
const MAX_READ_BYTES = 16;
const MAX_BYTES = 32;

const refused = (name: string, why: string, params: Record<string, unknown> = {}) =>
  new AppError(
    'dataset.badFile',
    `The column ${JSON.stringify(name)} ${why}; decimals are exact to ${MAX_DIGITS} digits. Write the column with fewer digits, or as text`,
    { pointer: '/file', params: { column: name, ...params } },
  );

/** The wide decimals of a Parquet file. Throws `dataset.badFile` for those within nested columns. */
export async function findWideDecimals(connection: DuckDBConnection, path: string): Promise<WideDecimal[]> {
  const schema = await rows(
    connection,
    `SELECT name, num_children, precision, scale, type_length, logical_type LIKE 'Decimal%' OR converted_type = 'DECIMAL' FROM parquet_schema(${literal(path)})`,
  );
  const found: WideDecimal[] = [];
  const open: { left: number; name: string }[] = [];
  let position = -1;
  for (const [element, [name, children, precision, scale, length, isDecimal]] of schema.entries()) {
    while (open.at(-1)?.left === 0) open.pop();
    const parent = open.at(-1);
    if (parent) parent.left--;
    if (open.length === 1) position++;
    if (String(isDecimal) === 'true' && (Number(precision) > MAX_DIGITS || Number(length) > MAX_READ_BYTES)) {
      const column = {
        element,
        position,
        name: name ?? '',
        precision: Number(precision),
        scale: Number(scale ?? 0),
      };
      if (open.length > 1) throw refused(open[1]!.name, `holds decimals of ${column.precision} digits`);
      found.push(column);
    }
    if (Number(children ?? 0) > 0) open.push({ left: Number(children), name: name ?? '' });
  }
  return found;
}

const SCHEMA = 2;
const ROW_GROUPS = 4;
const COLUMNS = 1;
const META_DATA = 3;
const STATISTICS = 12;
/** Converted type, scale, precision and logical type. */
const ANNOTATIONS = [6, 7, 8, 10];

/** The metadata with the given elements of the schema as plain bytes, and without statistics, which order bytes in another way. */
function asBytes(metadata: Struct, elements: ReadonlySet<number>): Struct {
  const onItems = (list: List, change: (item: Struct, index: number) => Struct): List => ({
    ...list,
    items: list.items.map((item, index) => change(item as Struct, index)),
  });
  const onField = <T>(struct: Struct, id: number, change: (value: T) => T): Struct => ({
    fields: struct.fields.map((field) =>
      field.id === id ? { ...field, value: change(field.value as T) as typeof field.value } : field,
    ),
  });
  const schema = onField<List>(metadata, SCHEMA, (list) =>
    onItems(list, (element, index) => (elements.has(index) ? without(element, ANNOTATIONS) : element)),
  );
  return onField<List>(schema, ROW_GROUPS, (groups) =>
    onItems(groups, (group) =>
      onField<List>(group, COLUMNS, (chunks) =>
        onItems(chunks, (chunk) => onField<Struct>(chunk, META_DATA, (data) => without(data, [STATISTICS]))),
      ),
    ),
  );
}

/** Copies a Parquet file so that DuckDB reads its wide decimals as the bytes that they are. */
async function copyAsBytes(from: string, to: string, wide: readonly WideDecimal[]): Promise<void> {
  const { metadata, start } = await readFooter(from);
  await copyWithFooter(from, to, asBytes(metadata, new Set(wide.map(({ element }) => element))), start);
}

/** The integer that big-endian bytes in two's complement are; null where it is far past 38 digits. */
function integerOf(value: string): string {
  const hex = `hex(${value})`;
  const full = `lpad(${hex}, ${2 * MAX_BYTES}, CASE WHEN ${hex} >= '8' THEN 'F' ELSE '0' END)`;
  const half = (from: number) => `cast(cast('0x' || substr(${full}, ${from}, 16) AS UBIGINT) AS HUGEINT)`;
  const high = `(${half(33)} - CASE WHEN substr(${full}, 33, 1) >= '8' THEN 18446744073709551616::HUGEINT ELSE 0::HUGEINT END)`;
  const sign = `substr(${full}, 1, 33)`;
  const fits = `octet_length(${value}) BETWEEN 1 AND ${MAX_BYTES} AND regexp_full_match(${sign}, '0{32}[0-7]|F{32}[9A-F]')`;
  return `CASE WHEN ${fits} THEN ${high} * 18446744073709551616::HUGEINT + ${half(49)} END`;
}

/** Whether a value has more digits than are exact. */
const isTooLong = (value: string) =>
  `(${value} IS NOT NULL AND coalesce(${integerOf(value)} NOT BETWEEN -${LARGEST} AND ${LARGEST}, true))`;

/** The decimal that the bytes of a column are; SQL. */
export function decimalOf(value: string, scale: number): string {
  const integer = `(${integerOf(value)})`;
  const digits = `lpad(cast(abs(${integer}) AS VARCHAR), ${Math.max(scale + 1, 1)}, '0')`;
  const padded = `CASE WHEN length(cast(abs(${integer}) AS VARCHAR)) > ${scale} THEN cast(abs(${integer}) AS VARCHAR) ELSE ${digits} END`;
  const text = `CASE WHEN ${integer} < 0 THEN '-' ELSE '' END || left(${padded}, length(${padded}) - ${scale}) || '.' || right(${padded}, ${scale})`;
  const point = scale === 0 ? `cast(${integer} AS VARCHAR)` : text;
  return `CASE WHEN ${value} IS NOT NULL THEN cast(${point} AS DECIMAL(${MAX_DIGITS},${scale})) END`;
}

/** Throws `dataset.badFile` that names the first column with a value that cannot be kept exactly. */
async function checkWideDecimals(
  connection: DuckDBConnection,
  from: string,
  wide: readonly WideDecimal[],
): Promise<void> {
  for (const { name, precision, scale } of wide)
    if (scale > MAX_DIGITS) throw refused(name, `has ${scale} of its ${precision} digits after the point`);
  const counts = wide.map(({ name }) => `count(*) FILTER (${isTooLong(identifier(name))})`).join(', ');
  const [row] = await rows(connection, `SELECT ${counts} FROM ${from}`);
  for (const [index, { name, precision }] of wide.entries()) {
    const count = Number(row![index]);
    if (count > 0)
      throw refused(
        name,
        `is a decimal of ${precision} digits, and ${count} ${count === 1 ? 'value has' : 'values have'} more than ${MAX_DIGITS}`,
        { count },
      );
  }
}

/** A copy of a Parquet file whose wide decimals are bytes, for `decimalOf`; checked to hold none that would lose digits. */
export async function readableSource(
  path: string,
  wide: readonly WideDecimal[],
  { connection, scratch }: Pick<LoadContext, 'connection' | 'scratch'>,
): Promise<string> {
  const copy = scratch();
  await copyAsBytes(path, copy, wide);
  const source = `read_parquet(${literal(copy)})`;
  await checkWideDecimals(connection, source, wide);
  return source;
}
