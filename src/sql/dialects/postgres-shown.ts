import { raw, type Sql, sql } from '../ast.ts';
import { asIs, formsOf } from '../dialect.ts';
import { literal } from '../literal.ts';

export const asText = (value: Sql) => sql`CAST(${value} AS text)`;
/** The session writes dates in ISO 8601 (DateStyle), without zeros at the end of a fraction. */
const isoTimestamp = (value: Sql) => sql`replace(CAST(${value} AS text), ' ', 'T')`;
export const inZone = (instant: Sql, timezone: string) =>
  sql`timezone(${raw(literal(timezone))}, ${instant})`;

/** ISO 8601 with the zone's offset at that instant. */
function isoInstant(value: Sql, timezone: string): Sql {
  const utc = inZone(value, 'UTC');
  if (timezone === 'UTC') return sql`(${isoTimestamp(utc)} || 'Z')`;
  const local = inZone(value, timezone);
  return sql`(${isoTimestamp(local)} || CASE WHEN ${local} < ${utc} THEN '-' ELSE '+' END || to_char(greatest(${local} - ${utc}, ${utc} - ${local}), 'HH24:MI'))`;
}

const shownAsText = formsOf(asIs, {
  text: asText,
  date: asText,
  time: asText,
  timestamp: isoTimestamp,
  uuid: asText,
  json: asText,
  binary: (value) => sql`(CAST(octet_length(${value}) AS text) || ' bytes')`,
});

export const SHOWN = { ...shownAsText, timestamptz: isoInstant };
