import { WEEKDAYS, type Weekday } from '../../domain/time.ts';
import { ident, join, type Param, param, raw, type Sql, sql } from '../ast.ts';
import { asIs, type FileDialect, formsOf, type TextTestOf } from '../dialect.ts';
import { literal } from '../literal.ts';
import { SHOWN, uncommon } from './duckdb-shown.ts';
import { wholeNumber } from './paging.ts';

const asDate = (local: Sql) => sql`CAST(${local} AS DATE)`;
const truncated = (unit: string) => (local: Sql) => sql`date_trunc(${raw(`'${unit}'`)}, ${local})`;
const startOf = (unit: string) => (local: Sql) => asDate(truncated(unit)(local));
const part = (unit: string) => (local: Sql) => sql`extract(${raw(unit)} FROM ${local})`;

/** Days since the last `weekStart`: 0 on that day. */
function daysIntoWeek(local: Sql, weekStart: Weekday): Sql {
  const shift = 6 - WEEKDAYS.indexOf(weekStart);
  return sql`((extract(isodow FROM ${local}) + ${raw(String(shift))}) % 7)`;
}

/** Infinity has no day of the week. */
const startOfWeek = (local: Sql, weekStart: Weekday) =>
  sql`(${asDate(local)} - COALESCE(CAST(${daysIntoWeek(local, weekStart)} AS INTEGER), 0))`;

/** A week belongs to the year that holds its fourth day. */
function weekOfYear(local: Sql, weekStart: Weekday): Sql {
  return sql`((extract(doy FROM (${startOfWeek(local, weekStart)} + 3)) - 1) // 7 + 1)`;
}

const cast =
  (type: string) =>
  (value: Param): Sql =>
    sql`CAST(${param(value)} AS ${raw(type)})`;
const text = cast('VARCHAR');
const UNCHANGED = formsOf(asIs);

const folding =
  (name: string): TextTestOf =>
  (value, pattern, caseSensitive) => {
    const call = raw(name);
    return caseSensitive
      ? sql`${call}(${value}, ${text(pattern)})`
      : sql`${call}(lower(${value}), lower(${text(pattern)}))`;
  };

export const duckdb: FileDialect = {
  engine: 'duckdb',
  fullJoin: true,
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  placeholder: (index) => `$${index}`,
  given: {
    text,
    float: cast('DOUBLE'),
    boolean: cast('BOOLEAN'),
    date: cast('DATE'),
    time: cast('TIME'),
    timestamp: cast('TIMESTAMP'),
    timestamptz: cast('TIMESTAMPTZ'),
    uuid: cast('UUID'),
  },
  exactNumber: (value, precision, scale) =>
    scale === 0 && precision < 19
      ? sql`CAST(${value} AS BIGINT)`
      : sql`CAST(${value} AS DECIMAL(${raw(String(precision))}, ${raw(String(scale))}))`,
  asText: (value) => sql`CAST(${value} AS VARCHAR)`,
  shown: SHOWN,
  canonical: UNCHANGED,
  restored: UNCHANGED,
  uncommon,
  equalityForms: () => [asIs],
  orderForms: UNCHANGED,
  asFloat: (value) => sql`CAST(${value} AS DOUBLE)`,
  withOneZero: (float) => sql`(${float} + 0.0)`,
  localOf: (instant, timezone) => sql`timezone(${raw(literal(timezone))}, ${instant})`,
  dayGrains: {
    day: asDate,
    week: startOfWeek,
    month: startOf('month'),
    quarter: startOf('quarter'),
    year: startOf('year'),
  },
  subDayGrains: { second: truncated('second'), minute: truncated('minute'), hour: truncated('hour') },
  movedBack: (instant, later, earlier) =>
    sql`CASE WHEN isfinite(${instant}) THEN ${instant} - (${later} - ${earlier}) ELSE ${instant} END`,
  parts: {
    hourOfDay: part('hour'),
    dayOfWeek: (local, weekStart) => sql`(${daysIntoWeek(local, weekStart)} + 1)`,
    dayOfMonth: part('day'),
    weekOfYear,
    monthOfYear: part('month'),
    quarterOfYear: part('quarter'),
  },
  textTests: {
    contains: folding('contains'),
    startsWith: folding('starts_with'),
    endsWith: folding('ends_with'),
    like: (value, pattern, caseSensitive) =>
      caseSensitive
        ? sql`(${value} LIKE ${text(pattern)} ESCAPE '\\')`
        : sql`(lower(${value}) LIKE lower(${text(pattern)}) ESCAPE '\\')`,
    matches: (value, pattern, caseSensitive) =>
      caseSensitive
        ? sql`regexp_matches(${value}, ${text(pattern)}, 'c')`
        : sql`regexp_matches(${value}, ${text(pattern)}, 'i')`,
  },
  complement: (condition) => sql`((${condition}) IS NOT TRUE)`,
  always: raw('TRUE'),
  never: raw('FALSE'),
  aggregates: {
    count: (input) => sql`count(${input})`,
    countDistinct: (input) => sql`count(DISTINCT ${input})`,
    sum: (input) => sql`sum(${input})`,
    min: (input) => sql`min(${input})`,
    max: (input) => sql`max(${input})`,
    median: (input) => sql`median(CAST(${input} AS DOUBLE))`,
  },
  countRows: raw('count(*)'),
  quotient: (sum, count) => sql`(CAST(${sum} AS DOUBLE) / nullif(${count}, 0))`,
  asCount: (sum) => sql`CAST(coalesce(${sum}, 0) AS BIGINT)`,
  orderTerm: (by, direction, nulls) =>
    sql`${by} ${raw(direction === 'asc' ? 'ASC' : 'DESC')} NULLS ${raw(nulls === 'first' ? 'FIRST' : 'LAST')}`,
  page: (limit, offset) =>
    join(
      [
        ...(limit === null ? [] : [raw(`LIMIT ${wholeNumber(limit)}`)]),
        ...(offset === 0 ? [] : [raw(`OFFSET ${wholeNumber(offset)}`)]),
      ],
      ' ',
    ),
  outputName: (name) => ident(name),
  parquet: (files) => raw(`read_parquet([${files.map(literal).join(', ')}], union_by_name = true)`),
};
