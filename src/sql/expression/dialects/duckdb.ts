import type { ColumnType } from '../../../domain/column.ts';
import { TOO_LONG } from '../../../domain/long-text.ts';
import { join, raw, type Sql, sql } from '../../ast.ts';
import type { Casts, ExpressionDialect, Numbers, Scale, Texts, Times } from './expression-dialect.ts';
import { SHAPES, TIMESTAMP_SHAPE } from './text-shapes.ts';

const cast = (type: string) => (value: Sql) => sql`CAST(${value} AS ${raw(type)})`;
const call =
  (name: string) =>
  (...args: readonly Sql[]) =>
    sql`${raw(name)}(${join(args, ', ')})`;
const number = (value: number) => raw(String(value));
const whole = cast('HUGEINT');
const float = cast('DOUBLE');
const decimal = (value: Sql, scale: number) => sql`CAST(${value} AS DECIMAL(38, ${number(scale)}))`;
const scaled = (value: Sql, scale: Scale) => (typeof scale === 'number' ? decimal(value, scale) : value);

const NATIVE: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  integer: 'HUGEINT',
  decimal: 'DECIMAL(38, 6)',
  float: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
  uuid: 'UUID',
  json: 'JSON',
  binary: 'BLOB',
};

const numbers: Numbers = {
  // That of a decimal and an integer of 128 bits would be a float.
  remainderNeedsScale: true,
  whole,
  decimal,
  float,
  // Of 128 bits where 64 may not do. Beside decimals and in remainders an integer is wide enough as it is, and ten times as fast.
  operand: (integer, sign, beside) => (beside === 'decimal' || sign === '%' ? integer : whole(integer)),
  // DuckDB gives decimals the width that they need, and an error past 38 digits.
  sum: (sign, left, right) => sql`(${left} ${raw(sign)} ${right})`,
  product: (left, right) => sql`(${left} * ${right})`,
  remainder: (left, right, scale) => sql`(${scaled(left, scale)} % ${scaled(right, scale)})`,
  abs: call('abs'),
  floor: call('floor'),
  ceil: call('ceil'),
  sign: (value) => sql`CAST(sign(${value}) AS HUGEINT)`,
  roundFloat: call('round'),
  truncateFloat: call('trunc'),
  roundExact: (value, digits) => sql`round(${value}, ${number(digits)})`,
  truncateExact: (value, digits) => {
    if (digits >= 0) return sql`trunc(${value}, ${number(digits)})`;
    const cut = whole(sql`trunc(${value})`);
    return sql`(${cut} - ${cut} % ${whole(number(10 ** -digits))})`;
  },
  sqrt: call('sqrt'),
  power: call('pow'),
  exp: call('exp'),
  ln: call('ln'),
  log10: call('log10'),
  count: cast('INTEGER'),
};

const texts: Texts = {
  text: cast('VARCHAR'),
  join: (values) => sql`(${join(values, ' || ')})`,
  lower: call('lower'),
  upper: call('upper'),
  trim: (text, side) => sql`${raw({ both: 'trim', left: 'ltrim', right: 'rtrim' }[side])}(${text}, ' ')`,
  length: call('length'),
  slice: (text, start, count) =>
    count ? sql`substring(${text}, ${start}, ${count})` : sql`substring(${text}, ${start})`,
  last: call('right'),
  replace: call('replace'),
  position: call('strpos'),
  // reverse() keeps what is drawn as one together; characters are code points here.
  reverse: (text) =>
    sql`array_to_string(list_reverse(list_transform(range(1, length(${text}) + 1), i -> substring(${text}, i, 1))), '')`,
  pad: (text, side, count, fill) =>
    sql`${raw(side === 'left' ? 'lpad' : 'rpad')}(${text}, ${number(count)}, ${fill})`,
  atMost: (text, count) =>
    sql`CASE WHEN length(${text}) > ${number(count)} THEN CAST(error(${raw(`'${TOO_LONG}'`)}) AS VARCHAR) ELSE ${text} END`,
  piece: (text, separator, n) => sql`split_part(${text}, ${separator}, ${number(n)})`,
};

const part = (name: string) => (local: Sql) => sql`extract(${raw(name)} FROM ${local})`;
const INTERVAL = {
  second: 'to_seconds',
  minute: 'to_minutes',
  hour: 'to_hours',
  day: 'to_days',
  month: 'to_months',
};

const times: Times = {
  startOfDay: cast('TIMESTAMP'),
  clock: cast('TIME'),
  dayOf: cast('DATE'),
  year: part('year'),
  dayOfYear: part('doy'),
  hour: part('hour'),
  minute: part('minute'),
  second: part('second'),
  moved: (value, count, unit, type) => {
    const moved = sql`(${value} + ${raw(INTERVAL[unit])}(${count}))`;
    return type === 'date' ? sql`CAST(${moved} AS DATE)` : moved;
  },
  daysBetween: (from, to) => sql`date_diff('day', ${from}, ${to})`,
  elapsed: (from, to, seconds) =>
    sql`CAST(trunc(CAST(epoch_us(${to}) - epoch_us(${from}) AS HUGEINT) // ${number(seconds * 1e6)}) AS BIGINT)`,
  dateOf: (year, month, day) =>
    sql`CASE WHEN ${day} <= extract(day FROM last_day(make_date(${year}, ${month}, 1))) THEN make_date(${year}, ${month}, ${day}) END`,
};

const matching = (text: Sql, shape: string, value: Sql) =>
  sql`CASE WHEN regexp_full_match(${text}, ${raw(`'${shape}'`)}) THEN ${value} END`;
const tryCast = (value: Sql, type: string) => sql`TRY_CAST(${value} AS ${raw(type)})`;
const fitDecimal = (value: Sql, precision: number, scale: number) =>
  tryCast(value, `DECIMAL(${precision}, ${scale})`);

const casts: Casts = {
  toWhole: (text) => matching(text, SHAPES.whole, tryCast(text, 'HUGEINT')),
  toDecimal: (text, precision, scale) => matching(text, SHAPES.decimal, fitDecimal(text, precision, scale)),
  toFloat: (text) => matching(text, SHAPES.float, tryCast(text, 'DOUBLE')),
  wholeOfFloat: (value) => tryCast(value, 'BIGINT'),
  fitDecimal,
  toDate: (text) => matching(text, SHAPES.date, tryCast(text, 'DATE')),
  toTimestamp: (text) => matching(text, TIMESTAMP_SHAPE, tryCast(text, 'TIMESTAMP')),
};

export const duckdbExpressions: ExpressionDialect = {
  engine: 'duckdb',
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
