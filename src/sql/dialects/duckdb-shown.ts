import type { ColumnType } from '../../domain/column.ts';
import { param, raw, type Sql, sql } from '../ast.ts';
import { literal } from '../literal.ts';

const asIs = (value: Sql) => value;
const text = (value: Sql) => sql`CAST(${value} AS VARCHAR)`;

/** A wall-clock time in ISO 8601 with `offset` behind it; infinity has none. Years before 1 have their era in the middle of DuckDB's text. */
function isoTimestamp(value: Sql, offset: Sql = raw("''")): Sql {
  const common = sql`${value} >= TIMESTAMP '0001-01-01' AND isfinite(${value})`;
  const before = sql`regexp_replace(${text(value)}, '^(\\S+) \\(BC\\) (\\S+)$', '\\1T\\2') || ${offset} || ' (BC)'`;
  return sql`CASE WHEN ${common} THEN replace(${text(value)}, ' ', 'T') || ${offset} WHEN isfinite(${value}) THEN ${before} ELSE ${text(value)} END`;
}

/** ISO 8601 with the zone's offset at that instant. */
function isoInstant(value: Sql, timezone: string): Sql {
  const utc = sql`timezone('UTC', ${value})`;
  if (timezone === 'UTC') return isoTimestamp(utc, raw("'Z'"));
  const local = sql`timezone(${raw(literal(timezone))}, ${value})`;
  const minutes = sql`CAST((epoch(${local}) - epoch(${utc})) // 60 AS INTEGER)`;
  const offset = sql`CASE WHEN ${minutes} < 0 THEN '-' ELSE '+' END || printf('%02d:%02d', abs(${minutes}) // 60, abs(${minutes}) % 60)`;
  return isoTimestamp(local, offset);
}

const UNCOMMON =
  /^(\d{4,6}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)(Z|[+-]\d{2}:\d{2})?)?( \(BC\))?$/;
const TEMPORAL: Readonly<Partial<Record<ColumnType, string>>> = {
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
};

/** Infinity and the years before 1 and past 9999. */
export function uncommon(type: ColumnType, given: string): Sql | undefined {
  const name = TEMPORAL[type];
  if (name === undefined) return undefined;
  const cast = (spelled: string) => sql`CAST(${param(spelled)} AS ${raw(name)})`;
  if (/^-?infinity$/.test(given)) return cast(given);
  const [, date, time, offset, era = ''] = UNCOMMON.exec(given) ?? [];
  const fits = date !== undefined && (time !== undefined) === (type !== 'date');
  if (!fits || (offset !== undefined) !== (type === 'timestamptz')) return undefined;
  return cast(time === undefined ? `${date}${era}` : `${date}${era} ${time}${offset ?? ''}`);
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
  timestamp: (value) => isoTimestamp(value),
  timestamptz: isoInstant,
  uuid: text,
  json: text,
  binary: (value) => sql`(CAST(octet_length(${value}) AS VARCHAR) || ' bytes')`,
};
