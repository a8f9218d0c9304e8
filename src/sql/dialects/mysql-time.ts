import { WEEKDAYS, type Weekday } from '../../domain/time.ts';
import { join, raw, type Sql, sql } from '../ast.ts';
import type { Dialect } from '../dialect.ts';
import { offsetText, type ZoneTable } from './zone-table.ts';

/** Years that a TIMESTAMP can hold, on MySQL (to 2038) and MariaDB (to 2106 since 11.5). */
const FROM_YEAR = 1970;
const TO_YEAR = 2107;

const FIRST_DAY = raw(`DATE'0001-01-01'`);
/** TO_DAYS of a Monday. */
const A_MONDAY = 2;

/**
 * What holds in the zone at the instant: one text of ours for each change of the offset. INTERVAL() searches by halving; the server's own
 * CONVERT_TZ gives null where its zone tables were not loaded.
 */
function byOffset(instant: Sql, zone: ReturnType<ZoneTable>, spelled: (offsetS: number) => string): Sql {
  if (zone.changes.length === 0) return raw(spelled(zone.first));
  const starts = zone.changes.map(({ atS }) => String(atS)).join(',');
  const values = [zone.first, ...zone.changes.map(({ offsetS }) => offsetS)].map(spelled).join(',');
  const seconds = sql`TIMESTAMPDIFF(SECOND, TIMESTAMP'1970-01-01 00:00:00', ${instant})`;
  return sql`ELT(INTERVAL(${seconds}, ${raw(starts)}) + 1, ${raw(values)})`;
}

export function localOf(zones: ZoneTable): Dialect['localOf'] {
  return (instant, timezone) => {
    const offsets = byOffset(instant, zones(timezone, FROM_YEAR, TO_YEAR), String);
    return timezone === 'UTC' ? instant : sql`(${instant} + INTERVAL ${offsets} SECOND)`;
  };
}

const trimmed = (text: Sql) => sql`TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM ${text}))`;
export const isoTimestamp = (value: Sql) => trimmed(sql`DATE_FORMAT(${value}, '%Y-%m-%dT%H:%i:%s.%f')`);
export const isoTime = (value: Sql) => trimmed(sql`TIME_FORMAT(${value}, '%H:%i:%s.%f')`);

/** ISO 8601 with the zone's offset at that instant. */
export function isoInstant(zones: ZoneTable): (value: Sql, timezone: string) => Sql {
  return (value, timezone) => {
    if (timezone === 'UTC') return sql`CONCAT(${isoTimestamp(value)}, 'Z')`;
    const zone = zones(timezone, FROM_YEAR, TO_YEAR);
    const offset = byOffset(value, zone, (offsetS) => `'${offsetText(offsetS)}'`);
    return sql`CONCAT(${isoTimestamp(localOf(zones)(value, timezone))}, ${offset})`;
  };
}

/** Whole units since the first day of the year 1, which begins each of them. */
const since = (unit: string) => (local: Sql) =>
  sql`(${FIRST_DAY} + INTERVAL TIMESTAMPDIFF(${raw(unit)}, ${FIRST_DAY}, ${local}) ${raw(unit)})`;

function startOfWeek(local: Sql, weekStart: Weekday): Sql {
  const shift = raw(String(A_MONDAY + WEEKDAYS.indexOf(weekStart)));
  return sql`FROM_DAYS((TO_DAYS(${local}) - ${shift}) DIV 7 * 7 + ${shift})`;
}

const clocked = (format: string) => (local: Sql) =>
  sql`CAST(DATE_FORMAT(${local}, ${raw(`'${format}'`)}) AS DATETIME)`;
const call = (name: string) => (local: Sql) => sql`${raw(name)}(${local})`;

export const DAY_GRAINS: Dialect['dayGrains'] = {
  day: call('DATE'),
  week: startOfWeek,
  month: since('MONTH'),
  quarter: since('QUARTER'),
  year: since('YEAR'),
};

export const SUB_DAY_GRAINS: Dialect['subDayGrains'] = {
  second: clocked('%Y-%m-%d %H:%i:%s'),
  minute: clocked('%Y-%m-%d %H:%i:00'),
  hour: clocked('%Y-%m-%d %H:00:00'),
};

export const PARTS: Dialect['parts'] = {
  hourOfDay: call('HOUR'),
  dayOfWeek: (local, weekStart) =>
    sql`((TO_DAYS(${local}) + ${raw(String(12 - WEEKDAYS.indexOf(weekStart)))}) % 7 + 1)`,
  dayOfMonth: call('DAYOFMONTH'),
  weekOfYear: (local, weekStart) =>
    sql`((DAYOFYEAR(${startOfWeek(local, weekStart)} + INTERVAL 3 DAY) - 1) DIV 7 + 1)`,
  monthOfYear: call('MONTH'),
  quarterOfYear: call('QUARTER'),
};

/** Both clocks show the same fraction, so whole seconds tell their distance. */
export const movedBack: Dialect['movedBack'] = (instant, later, earlier) =>
  sql`(${earlier} + INTERVAL TIMESTAMPDIFF(SECOND, ${later}, ${instant}) SECOND)`;

export const page = (limit: number | null, offset: number, whole: (value: number) => string): Sql => {
  if (limit === null && offset === 0) return raw('');
  const rows = limit === null ? '18446744073709551615' : whole(limit);
  return join([raw(`LIMIT ${rows}`), ...(offset === 0 ? [] : [raw(`OFFSET ${whole(offset)}`)])], ' ');
};
