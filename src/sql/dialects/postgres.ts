import { WEEKDAYS, type Weekday } from '../../domain/time.ts';
import { join, param, raw, type Sql, sql } from '../ast.ts';
import { asIs, type Dialect, type Form, formsOf, type TextTestOf } from '../dialect.ts';
import { literalPattern } from './like-pattern.ts';
import type { DialectOptions } from './options.ts';
import { wholeNumber } from './paging.ts';
import { manyOf, nativeType, numberList, uncommon } from './postgres-native.ts';
import { postgresRegex } from './postgres-regex.ts';
import { asText, inZone, SHOWN } from './postgres-shown.ts';

const asDate = (local: Sql) => sql`CAST(${local} AS date)`;
const truncated = (unit: string) => (local: Sql) =>
  sql`date_trunc(${raw(`'${unit}'`)}, CAST(${local} AS timestamp))`;
const startOf = (unit: string) => (local: Sql) => asDate(truncated(unit)(local));
const part = (unit: string) => (local: Sql) => sql`CAST(extract(${raw(unit)} FROM ${local}) AS integer)`;
const asFloat = (value: Sql) => sql`CAST(${value} AS double precision)`;

/** Days since the last `weekStart`: 0 on that day. */
function daysIntoWeek(local: Sql, weekStart: Weekday): Sql {
  const shift = 6 - WEEKDAYS.indexOf(weekStart);
  return sql`((${part('isodow')(local)} + ${raw(String(shift))}) % 7)`;
}

/** Infinity has no day of the week. */
const startOfWeek = (local: Sql, weekStart: Weekday) =>
  sql`(${asDate(local)} - COALESCE(${daysIntoWeek(local, weekStart)}, 0))`;

/** A week belongs to the year that holds its fourth day. */
const weekOfYear = (local: Sql, weekStart: Weekday) =>
  sql`((${part('doy')(sql`(${startOfWeek(local, weekStart)} + 3)`)} - 1) / 7 + 1)`;

/** By code point, whatever the collation, also of types that are shown as text. */
const byCodePoint: Form = (value) => sql`CAST(${value} AS text) COLLATE "C"`;
/** Letters have their case by the database's own rules, as a column with code point order would know only those of ASCII. */
const FOLDING = { database: raw('"default"'), icu: raw('"und-x-icu"') };
const folded = (value: Sql, collation: Sql) => sql`lower(CAST(${value} AS text) COLLATE ${collation})`;

/** The parameter itself has the type: a cast of its text would run for each row, and no index or hash would serve it. */
const cast = (type: string) => (value: string | boolean) =>
  sql`CAST(${param(String(value))} AS ${raw(type)})`;
const text = (value: string) => sql`CAST(${param(value)} AS text)`;

const like =
  (patternOf: (value: string) => string, folding: Sql): TextTestOf =>
  (value, pattern, caseSensitive) => {
    const given = text(patternOf(pattern));
    return caseSensitive
      ? sql`(${byCodePoint(value)} LIKE ${given})`
      : sql`(${folded(value, folding)} LIKE ${folded(given, folding)})`;
  };
const literalLike = (pattern: string) => literalPattern(pattern, '\\', '%_');

const EXACT_FORMS = formsOf(asIs, {
  text: byCodePoint,
  decimal: (value) => sql`CAST(${value} AS numeric)`,
  float: asFloat,
  uuid: byCodePoint,
  json: byCodePoint,
});
const AS_TYPED = formsOf(asIs, { text: asText, decimal: EXACT_FORMS.decimal });

const extreme =
  (call: 'min' | 'max', ofBooleans: string): Dialect['aggregates']['min'] =>
  (input, type) =>
    sql`${raw(type === 'boolean' ? ofBooleans : call)}(${input})`;

export const postgresDialect = ({
  textComparison,
  hasArrays = true,
  foldsByIcu = false,
}: Pick<DialectOptions, 'textComparison' | 'hasArrays' | 'foldsByIcu'>): Dialect => {
  const folding = foldsByIcu ? FOLDING.icu : FOLDING.database;
  const forms = textComparison === 'exact' ? EXACT_FORMS : { ...EXACT_FORMS, text: asText };
  return {
    engine: 'postgres',
    explain: ({ text, params }) => ({ text: `EXPLAIN ${text}`, params }),
    fullJoin: true,
    quote: (name) => `"${name.replaceAll('"', '""')}"`,
    placeholder: (index) => `$${index}`,
    repeatsParameters: true,
    given: {
      text,
      float: cast('double precision'),
      boolean: cast('boolean'),
      date: cast('date'),
      time: cast('time'),
      timestamp: cast('timestamp'),
      timestamptz: cast('timestamptz'),
      uuid: cast('uuid'),
    },
    exactNumber: (value, precision, scale) =>
      scale === 0 && precision < 19
        ? sql`CAST(${value} AS bigint)`
        : sql`CAST(${value} AS numeric(${raw(String(precision))}, ${raw(String(scale))}))`,
    asText,
    canonical: forms,
    restored: formsOf(asIs, { uuid: (value) => sql`CAST(${value} AS uuid)` }),
    nativeType,
    uncommon,
    numberList,
    ...(hasArrays ? { manyOf } : {}),
    equalityForms: (type) =>
      type === 'text' && textComparison === 'exact' ? [asText, byCodePoint] : [AS_TYPED[type]],
    orderForms: { ...AS_TYPED, text: forms.text },
    shown: SHOWN,
    binaryKey: (value) =>
      sql`(rpad(encode(substr(${value}, 1, 32), 'hex'), 64) || md5(${value}) || chr(31) || ${SHOWN.binary(value)})`,
    asFloat,
    withOneZero: (float) => sql`(${float} + 0.0)`,
    localOf: inZone,
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
      contains: like((pattern) => `%${literalLike(pattern)}%`, folding),
      startsWith: like((pattern) => `${literalLike(pattern)}%`, folding),
      endsWith: like((pattern) => `%${literalLike(pattern)}`, folding),
      like: like((pattern) => pattern, folding),
      matches: (value, pattern, caseSensitive) => {
        const subject = sql`CAST(${value} AS text) COLLATE ${folding}`;
        const given = text(postgresRegex(pattern));
        return caseSensitive ? sql`(${subject} ~ ${given})` : sql`(${subject} ~* ${given})`;
      },
    },
    complement: (condition) => sql`((${condition}) IS NOT TRUE)`,
    always: raw('TRUE'),
    never: raw('FALSE'),
    aggregates: {
      count: (input) => sql`count(${input})`,
      countDistinct: (input) => sql`count(DISTINCT ${input})`,
      sum: (input) => sql`sum(${input})`,
      min: extreme('min', 'bool_and'),
      max: extreme('max', 'bool_or'),
      median: (input) => sql`percentile_cont(0.5) WITHIN GROUP (ORDER BY ${asFloat(input)})`,
    },
    countRows: raw('count(*)'),
    quotient: (sum, count) => sql`(${asFloat(sum)} / nullif(${count}, 0))`,
    asCount: (sum) => sql`CAST(coalesce(${sum}, 0) AS bigint)`,
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
    outputName: (_, index) => raw(`c${index}`),
  };
};
