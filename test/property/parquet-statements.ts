import { decimalText, type OracleColumn, type OracleTable, type Value } from '../support/oracle/values.ts';
import { dayText, localText } from '../support/oracle/zones.ts';

const TYPES: Readonly<Record<string, string>> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  float: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  time: 'TIME',
  uuid: 'UUID',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
};

/** Decimals of 2, 4, 8 and 16 bytes, told by their scale. */
const DIGITS: Readonly<Record<number, number>> = { 1: 4, 2: 18, 3: 9, 6: 38 };

const sqlType = ({ type, scale = 0 }: OracleColumn) =>
  type === 'decimal' ? `DECIMAL(${DIGITS[scale] ?? 38}, ${scale})` : TYPES[type]!;

function textOf(value: Exclude<Value, null>, { type, scale }: OracleColumn): string {
  if (type === 'date') return dayText(value as number);
  if (type === 'timestamp') return localText(value as bigint);
  if (type === 'timestamptz') return `${localText(value as bigint)}Z`;
  if (type === 'decimal') return decimalText(value as bigint, scale!);
  return Object.is(value, -0) ? '-0.0' : String(value);
}

const literal = (value: Value, column: OracleColumn) =>
  value === null ? 'NULL' : `'${textOf(value, column).replaceAll("'", "''")}'`;

/** Writes a table to a Parquet file. */
export function parquetStatements({ columns, rows }: OracleTable, path: string): string {
  const names = columns.map(({ name }) => `"${name.replaceAll('"', '""')}"`);
  const casts = columns.map((column, i) => `CAST(${names[i]} AS ${sqlType(column)}) AS ${names[i]}`);
  const lines = rows.map(
    (row) => `(${columns.map((column) => literal(row[column.name]!, column)).join(', ')})`,
  );
  const empty = `(${columns.map(() => 'NULL').join(', ')})`;
  const values = lines.length > 0 ? lines.join(',\n') : empty;
  const where = lines.length > 0 ? '' : ' WHERE false';
  return `COPY (SELECT ${casts.join(', ')} FROM (VALUES ${values}) AS t(${names.join(', ')})${where}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`;
}
