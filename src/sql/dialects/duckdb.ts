import { WEEKDAYS, type Weekday } from '../../domain/time.ts';
import { join, raw, type Sql, sql } from '../ast.ts';
import type { Dialect, TextTestOf } from '../dialect.ts';
import { literal } from '../literal.ts';
import { SHOWN } from './duckdb-shown.ts';

const asDate = (local: Sql) => sql`CAST(${local} AS DATE)`;
const truncated = (unit: string) => (local: Sql) => sql`date_trunc(${raw(`'${unit}'`)}, ${local})`;
const startOf = (unit: string) => (local: Sql) => asDate(truncated(unit)(local));
const part = (unit: string) => (local: Sql) => sql`extract(${raw(unit)} FROM ${local})`;

/** Days since the last `weekStart`: 0 on that day. */
function daysIntoWeek(local: Sql, weekStart: Weekday): Sql {
  const shift = 6 - WEEKDAYS.indexOf(weekStart);
  return sql`((extract(isodow FROM ${local}) + ${raw(String(shift))}) % 7)`;
}

const startOfWeek = (local: Sql, weekStart: Weekday) =>
  sql`(${asDate(local)} - CAST(${daysIntoWeek(local, weekStart)} AS INTEGER))`;

/** A week belongs to the year that holds its fourth day. */
function weekOfYear(local: Sql, weekStart: Weekday): Sql {
  return sql`((extract(doy FROM (${startOfWeek(local, weekStart)} + 3)) - 1) // 7 + 1)`;
}

const folding =
  (name: string): TextTestOf =>
  (text, pattern, caseSensitive) => {
    const call = raw(name);
    return caseSensitive
      ? sql`${call}(${text}, ${pattern})`
      : sql`${call}(lower(${text}), lower(${pattern}))`;
  };

export const duckdb: Dialect = {
  engine: 'duckdb',
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  placeholder: (index) => `$${index}`,
  casts: {
    text: 'VARCHAR',
    integer: 'HUGEINT',
    float: 'DOUBLE',
    boolean: 'BOOLEAN',
    date: 'DATE',
    time: 'TIME',
    timestamp: 'TIMESTAMP',
    timestamptz: 'TIMESTAMPTZ',
    uuid: 'UUID',
  },
  exactNumber: (value, precision, scale) =>
    scale === 0 && precision < 19
      ? sql`CAST(${value} AS BIGINT)`
      : sql`CAST(${value} AS DECIMAL(${raw(String(precision))}, ${raw(String(scale))}))`,
  asText: (value) => sql`CAST(${value} AS VARCHAR)`,
  shown: SHOWN,
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
  movedBack: (instant, later, earlier) => sql`(${instant} - (${later} - ${earlier}))`,
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
    like: (text, pattern, caseSensitive) =>
      caseSensitive
        ? sql`(${text} LIKE ${pattern} ESCAPE '\\')`
        : sql`(lower(${text}) LIKE lower(${pattern}) ESCAPE '\\')`,
    matches: (text, pattern, caseSensitive) =>
      caseSensitive
        ? sql`regexp_matches(${text}, ${pattern}, 'c')`
        : sql`regexp_matches(${text}, ${pattern}, 'i')`,
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
  parquet: (files) => raw(`read_parquet([${files.map(literal).join(', ')}], union_by_name = true)`),
};

// A literal, not a parameter: DuckDB 1.5 chooses its top-n operator only for constants.
const wholeNumber = (value: number) => String(BigInt(Math.min(Math.floor(value), Number.MAX_SAFE_INTEGER)));
