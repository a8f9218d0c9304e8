import type { ColumnType } from '../../domain/column.ts';
import { raw, type Sql, sql } from '../ast.ts';
import { literal } from '../literal.ts';

const asIs = (value: Sql) => value;
const text = (value: Sql) => sql`CAST(${value} AS VARCHAR)`;
const isoTimestamp = (value: Sql) => sql`replace(CAST(${value} AS VARCHAR), ' ', 'T')`;

/** ISO 8601 with the zone's offset at that instant. */
function isoInstant(value: Sql, timezone: string): Sql {
  const utc = sql`timezone('UTC', ${value})`;
  if (timezone === 'UTC') return sql`(${isoTimestamp(utc)} || 'Z')`;
  const local = sql`timezone(${raw(literal(timezone))}, ${value})`;
  const minutes = sql`CAST((epoch(${local}) - epoch(${utc})) // 60 AS INTEGER)`;
  return sql`(${isoTimestamp(local)} || CASE WHEN ${minutes} < 0 THEN '-' ELSE '+' END || printf('%02d:%02d', abs(${minutes}) // 60, abs(${minutes}) % 60))`;
}

/** A value in the form in which it leaves the engine: numbers and booleans as they are, all else as text. */
export const SHOWN: Readonly<Record<ColumnType, (value: Sql, timezone: string) => Sql>> = {
  text,
  integer: asIs,
  decimal: asIs,
  float: (value) => sql`CAST(${value} AS DOUBLE)`,
  boolean: asIs,
  date: text,
  time: text,
  timestamp: isoTimestamp,
  timestamptz: isoInstant,
  uuid: text,
  json: text,
  binary: (value) => sql`(CAST(octet_length(${value}) AS VARCHAR) || ' bytes')`,
};
