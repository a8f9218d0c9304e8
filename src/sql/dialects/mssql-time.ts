import { WEEKDAYS, type Weekday } from '../../domain/time.ts';
import { join, raw, type Sql, sql } from '../ast.ts';
import type { Dialect } from '../dialect.ts';
import type { ZoneOffsets, ZoneTable } from './zone-table.ts';
import { offsetText } from './zone-table.ts';

/** Years in which a zone's changes are known; outside of them the nearest offset goes on. */
const FROM_YEAR = 1900;
const TO_YEAR = 2101;
/** Changes in one branch, so that a row meets few of them. */
const BRANCH = 24;

/** A Monday, on which also every month, quarter and year of the calendar may be counted. */
const FIRST_DAY = raw(`CONVERT(date, '0001-01-01')`);

/** The instant on the clock of UTC; one that already is stays. */
export const utcOf = (instant: Sql) =>
  sql`CONVERT(datetime2(6), SWITCHOFFSET(CONVERT(datetimeoffset(6), ${instant}), '+00:00'))`;

/**
 * What holds in the zone at the instant. AT TIME ZONE knows the zones of Windows only, and their rules of the last years for all others. The
 * changes are compared with the instant as it stands, in two steps.
 */
function byOffset(instant: Sql, { first, changes }: ZoneOffsets, spelled: (offsetS: number) => string): Sql {
  const edges = edgesOf(instant, first, changes.at(-1)?.offsetS ?? first, spelled);
  if (changes.length === 0)
    return edges.length === 0
      ? raw(spelled(first))
      : sql`CASE${join(edges, '')} ELSE ${raw(spelled(first))} END`;
  const at = (index: number) => `'${new Date(changes[index]!.atS * 1000).toISOString().slice(0, 19)}'`;
  const before = (index: number) => spelled(index === 0 ? first : changes[index - 1]!.offsetS);
  const branches: Sql[] = [];
  for (let from = 0; from < changes.length; from += BRANCH) {
    const to = Math.min(from + BRANCH, changes.length);
    const tests: Sql[] = [];
    for (let i = from; i < to; i++) tests.push(sql` WHEN ${instant} < ${raw(at(i))} THEN ${raw(before(i))}`);
    const inner = sql`CASE${join(tests, '')} END`;
    branches.push(sql` WHEN ${instant} < ${raw(at(to - 1))} THEN ${inner}`);
  }
  return sql`CASE WHEN ${instant} IS NULL THEN NULL${join(edges, '')}${join(branches, '')} ELSE ${raw(spelled(changes.at(-1)!.offsetS))} END`;
}

/** A clock of the zone that would leave the years 1 to 9999 is left as that of UTC, so that 9999-12-31 may stand for no end. */
function edgesOf(instant: Sql, first: number, last: number, spelled: (offsetS: number) => string): Sql[] {
  const low = sql` WHEN ${instant} < '0001-01-02T00:00:00' THEN ${raw(spelled(0))}`;
  const high = sql` WHEN ${instant} >= '9999-12-31T00:00:00' THEN ${raw(spelled(0))}`;
  return [...(first < 0 ? [low] : []), ...(last > 0 ? [high] : [])];
}

export function localOf(zones: ZoneTable): Dialect['localOf'] {
  return (instant, timezone) => {
    if (timezone === 'UTC') return utcOf(instant);
    const offset = byOffset(instant, zones(timezone, FROM_YEAR, TO_YEAR), String);
    return sql`DATEADD(second, ${offset}, ${utcOf(instant)})`;
  };
}

const microseconds = (value: Sql) => sql`DATEPART(microsecond, ${value})`;
const fraction = (value: Sql) =>
  sql`CASE WHEN ${microseconds(value)} = 0 THEN '' ELSE '.' + REPLACE(RTRIM(REPLACE(RIGHT('00000' + CONVERT(varchar(6), ${microseconds(value)}), 6), '0', ' ')), ' ', '0') END`;
export const isoTimestamp = (value: Sql) => sql`(CONVERT(char(19), ${value}, 126) + ${fraction(value)})`;
export const isoTime = (value: Sql) => sql`(CONVERT(char(8), ${value}, 108) + ${fraction(value)})`;

/** ISO 8601 with the zone's offset at that instant; every offset is of whole seconds, so that the fraction is that of the instant. */
export function isoInstant(zones: ZoneTable): (value: Sql, timezone: string) => Sql {
  return (value, timezone) => {
    const zone = timezone === 'UTC' ? undefined : zones(timezone, FROM_YEAR, TO_YEAR);
    const offset = zone ? byOffset(value, zone, (offsetS) => `'${offsetText(offsetS)}'`) : raw(`'Z'`);
    return sql`(CONVERT(char(19), ${localOf(zones)(value, timezone)}, 126) + ${fraction(value)} + ${offset})`;
  };
}

/** Whole units since the first day of the year 1: DATEDIFF counts the boundaries between, which is what a start wants. */
const since = (unit: string) => (local: Sql) =>
  sql`DATEADD(${raw(unit)}, DATEDIFF(${raw(unit)}, ${FIRST_DAY}, ${local}), ${FIRST_DAY})`;

const daysSinceMonday = (local: Sql) => sql`DATEDIFF(day, ${FIRST_DAY}, ${local})`;

/** Neither SET DATEFIRST nor the language of the session matters. */
function startOfWeek(local: Sql, weekStart: Weekday): Sql {
  const shift = 7 - WEEKDAYS.indexOf(weekStart);
  const days = sql`(${daysSinceMonday(local)} + ${raw(String(shift))}) / 7 * 7 - ${raw(String(shift))}`;
  if (shift === 7) return sql`DATEADD(day, ${days}, ${FIRST_DAY})`;
  // The first days of the year 1 belong to a week that began before it.
  const isFirst = sql`${daysSinceMonday(local)} < ${raw(String(7 - shift))}`;
  return sql`DATEADD(day, CASE WHEN ${isFirst} THEN 0 ELSE ${days} END, ${FIRST_DAY})`;
}

const part = (name: string) => (local: Sql) => sql`DATEPART(${raw(name)}, ${local})`;
const clocked = (chars: number, rest: string) => (local: Sql) =>
  sql`CONVERT(datetime2(6), CONVERT(char(${raw(String(chars))}), ${local}, 126)${raw(rest === '' ? '' : ` + '${rest}'`)})`;

export const DAY_GRAINS: Dialect['dayGrains'] = {
  day: (local) => sql`CONVERT(date, ${local})`,
  week: startOfWeek,
  month: since('month'),
  quarter: since('quarter'),
  year: since('year'),
};

export const SUB_DAY_GRAINS: Dialect['subDayGrains'] = {
  second: clocked(19, ''),
  minute: clocked(16, ':00'),
  hour: clocked(13, ':00:00'),
};

export const PARTS: Dialect['parts'] = {
  hourOfDay: part('hour'),
  dayOfWeek: (local, weekStart) =>
    sql`((${daysSinceMonday(local)} + ${raw(String(7 - WEEKDAYS.indexOf(weekStart)))}) % 7 + 1)`,
  dayOfMonth: part('day'),
  weekOfYear: (local, weekStart) =>
    sql`((DATEPART(dayofyear, DATEADD(day, 3, ${startOfWeek(local, weekStart)})) - 1) / 7 + 1)`,
  monthOfYear: part('month'),
  quarterOfYear: part('quarter'),
};

/** Both clocks show the same fraction, so whole seconds tell their distance. */
export const movedBack: Dialect['movedBack'] = (instant, later, earlier) =>
  sql`DATEADD(second, DATEDIFF(second, ${later}, ${utcOf(instant)}), ${earlier})`;
