import type { ColumnType } from '../../../domain/column.ts';
import { TOO_LONG } from '../../../domain/long-text.ts';
import { join, raw, type Sql, sql } from '../../ast.ts';
import type { Casts, ExpressionDialect, Numbers, Texts, Times } from './expression-dialect.ts';
import { SHAPES, TIMESTAMP_SHAPE } from './text-shapes.ts';

const cast = (type: string) => (value: Sql) => sql`CAST(${value} AS ${raw(type)})`;
const call =
  (name: string) =>
  (...args: readonly Sql[]) =>
    sql`${raw(name)}(${join(args, ', ')})`;
const number = (value: number) => raw(String(value));
const exact = cast('numeric');
const float = cast('double precision');
const decimal = (value: Sql, scale: number) => sql`CAST(${value} AS numeric(38, ${number(scale)}))`;

const NATIVE: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  integer: 'bigint',
  decimal: 'numeric',
  float: 'double precision',
  boolean: 'boolean',
  date: 'date',
  time: 'time',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
  uuid: 'uuid',
  json: 'json',
  binary: 'bytea',
};

const numbers: Numbers = {
  remainderNeedsScale: false,
  whole: cast('numeric(38, 0)'),
  decimal,
  float,
  operand: exact,
  sum: (sign, left, right) => sql`(${exact(left)} ${raw(sign)} ${exact(right)})`,
  product: (left, right) => sql`(${exact(left)} * ${exact(right)})`,
  remainder: (left, right) => sql`(${exact(left)} % ${exact(right)})`,
  abs: call('abs'),
  floor: call('floor'),
  ceil: call('ceil'),
  sign: call('sign'),
  // round() of a float goes to the even neighbour; twice the fraction is exact.
  roundFloat: (value) => sql`trunc(${value} + (${value} - trunc(${value})))`,
  truncateFloat: call('trunc'),
  roundExact: (value, digits) => sql`round(${exact(value)}, ${number(digits)})`,
  truncateExact: (value, digits) => sql`trunc(${exact(value)}, ${number(digits)})`,
  sqrt: call('sqrt'),
  power: call('power'),
  exp: call('exp'),
  ln: call('ln'),
  log10: (value) => sql`log(${value})`,
  count: cast('integer'),
};

const asText = cast('text');
const TRIM = { both: 'btrim', left: 'ltrim', right: 'rtrim' } as const;
const byDefault = (text: Sql) => sql`CAST(${text} AS text) COLLATE "default"`;

const texts: Texts = {
  text: asText,
  join: (values) => sql`(${join(values, ' || ')})`,
  lower: (text) => sql`lower(${byDefault(text)})`,
  upper: (text) => sql`upper(${byDefault(text)})`,
  trim: (text, side) => sql`${raw(TRIM[side])}(${text}, ' ')`,
  length: call('char_length'),
  slice: (text, start, count) =>
    count ? sql`substr(${text}, ${start}, ${count})` : sql`substr(${text}, ${start})`,
  last: call('right'),
  // A collation that takes different texts for equal finds no part of a text.
  replace: (text, from, to) => sql`replace(${byDefault(text)}, ${from}, ${to})`,
  position: (text, part) => sql`strpos(${byDefault(text)}, ${part})`,
  reverse: call('reverse'),
  pad: (text, side, count, fill) =>
    sql`${raw(side === 'left' ? 'lpad' : 'rpad')}(${text}, ${number(count)}, ${fill})`,
  // A cast that fails; with the text in it, so that it is not evaluated as a constant.
  atMost: (text, count) =>
    sql`CASE WHEN char_length(${text}) > ${number(count)} THEN CAST(CAST(${raw(`'${TOO_LONG}'`)} || left(${text}, 0) AS integer) AS text) ELSE ${text} END`,
  piece: (text, separator, n) => sql`split_part(${byDefault(text)}, ${separator}, ${number(n)})`,
};

const part = (name: string) => (local: Sql) =>
  sql`CAST(trunc(CAST(extract(${raw(name)} FROM ${local}) AS numeric)) AS integer)`;
const lastDay = (year: Sql, month: Sql) =>
  sql`extract(day FROM make_date(${year}, ${month}, 1) + interval '1 month -1 day')`;

const times: Times = {
  startOfDay: cast('timestamp'),
  clock: cast('time'),
  dayOf: cast('date'),
  year: part('year'),
  dayOfYear: part('doy'),
  hour: part('hour'),
  minute: part('minute'),
  second: part('second'),
  moved: (value, count, unit, type) => {
    const moved = sql`(${value} + ${count} * interval ${raw(`'1 ${unit}'`)})`;
    return type === 'date' ? sql`CAST(${moved} AS date)` : moved;
  },
  daysBetween: (from, to) => sql`(${to} - ${from})`,
  elapsed: (from, to, seconds) =>
    sql`trunc(CAST(extract(epoch FROM (${to} - ${from})) AS numeric) / ${number(seconds)})`,
  dateOf: (year, month, day) =>
    sql`CASE WHEN ${day} <= ${lastDay(year, month)} THEN make_date(${year}, ${month}, ${day}) END`,
};

/** CASE is what PostgreSQL promises not to evaluate past, but for constants. */
const matching = (text: Sql, pattern: string, value: Sql) =>
  sql`CASE WHEN ${byDefault(text)} ~ ${raw(`'^(?:${pattern})$'`)} THEN ${value} END`;
const within = (value: Sql, digits: number, cast: Sql) =>
  sql`CASE WHEN abs(${value}) < ${raw(`1${'0'.repeat(digits)}`)} THEN ${cast} END`;
const rounded = (value: Sql, scale: number) => sql`round(${exact(value)}, ${number(scale)})`;
const fitDecimal = (value: Sql, precision: number, scale: number) =>
  within(
    rounded(value, scale),
    precision - scale,
    sql`CAST(${value} AS numeric(${number(precision)}, ${number(scale)}))`,
  );

const digitsAt = (text: Sql, start: number, count: number) =>
  sql`CAST(substr(${text}, ${number(start)}, ${number(count)}) AS integer)`;
/** Where the month has such a day. */
const onCalendar = (text: Sql, value: Sql) =>
  sql`CASE WHEN ${digitsAt(text, 9, 2)} <= ${lastDay(digitsAt(text, 1, 4), digitsAt(text, 6, 2))} THEN ${value} END`;

const casts: Casts = {
  toWhole: (text) => matching(text, SHAPES.whole, sql`CAST(${text} AS numeric(38, 0))`),
  toDecimal: (text, precision, scale) => matching(text, SHAPES.decimal, fitDecimal(text, precision, scale)),
  toFloat: (text) => matching(text, SHAPES.float, float(text)),
  wholeOfFloat: (value) => sql`CASE WHEN abs(${value}) < 9.2e18 THEN CAST(${value} AS bigint) END`,
  fitDecimal,
  toDate: (text) => matching(text, SHAPES.date, onCalendar(text, sql`CAST(${text} AS date)`)),
  toTimestamp: (text) => matching(text, TIMESTAMP_SHAPE, onCalendar(text, sql`CAST(${text} AS timestamp)`)),
};

export const postgresExpressions: ExpressionDialect = {
  engine: 'postgres',
  valueOf: (condition) => condition,
  conditionOf: (value) => value,
  typedNull: (type) => sql`CAST(NULL AS ${raw(NATIVE[type])})`,
  isSame: (left, right) => sql`(${left} IS NOT DISTINCT FROM ${right})`,
  extreme: (which, values) => sql`${raw(which)}(${join(values, ', ')})`,
  numbers,
  texts,
  times,
  casts,
};
