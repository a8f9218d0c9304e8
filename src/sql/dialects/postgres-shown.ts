import { raw, type Sql, sql } from '../ast.ts';
import { asIs, formsOf } from '../dialect.ts';
import { literal } from '../literal.ts';

export const asText = (value: Sql) => sql`CAST(${value} AS text)`;
export const inZone = (instant: Sql, timezone: string) =>
  sql`timezone(${raw(literal(timezone))}, ${instant})`;

/** The session writes dates in ISO 8601 (DateStyle), but for the years before 1. */
const isoDate = (value: Sql) => sql`replace(${asText(value)}, ' BC', ' (BC)')`;

/** A wall-clock time in ISO 8601 with `offset` behind it, without zeros at the end of a fraction; infinity has none. */
function isoTimestamp(value: Sql, offset: Sql = raw("''")): Sql {
  const text = asText(value);
  const common = sql`${value} >= timestamp '0001-01-01' AND isfinite(${value})`;
  const before = sql`replace(substr(${text}, 1, length(${text}) - 3), ' ', 'T') || ${offset} || ' (BC)'`;
  return sql`CASE WHEN ${common} THEN replace(${text}, ' ', 'T') || ${offset} WHEN isfinite(${value}) THEN ${before} ELSE ${text} END`;
}

/** ISO 8601 with the zone's offset at that instant. */
function isoInstant(value: Sql, timezone: string): Sql {
  const utc = inZone(value, 'UTC');
  if (timezone === 'UTC') return isoTimestamp(utc, raw("'Z'"));
  const local = inZone(value, timezone);
  const offset = sql`CASE WHEN ${local} < ${utc} THEN '-' ELSE '+' END || to_char(greatest(${local} - ${utc}, ${utc} - ${local}), 'HH24:MI')`;
  return isoTimestamp(local, offset);
}

const shownAsText = formsOf(asIs, {
  text: asText,
  date: isoDate,
  time: asText,
  timestamp: (value) => isoTimestamp(value),
  uuid: asText,
  json: asText,
  binary: (value) => sql`(CAST(octet_length(${value}) AS text) || ' bytes')`,
});

export const SHOWN = { ...shownAsText, timestamptz: isoInstant };
