import type { ColumnType } from '../../../domain/column.ts';
import { TOO_LONG } from '../../../domain/long-text.ts';
import { join, param, raw, type Sql, sql } from '../../ast.ts';
import type { Casts, ExpressionDialect, Numbers, Texts, Times } from './expression-dialect.ts';
import { SHAPES, TIMESTAMP_SHAPE } from './text-shapes.ts';

const cast = (type: string) => (value: Sql) => sql`CAST(${value} AS ${raw(type)})`;
const call =
  (name: string) =>
  (...args: readonly Sql[]) =>
    sql`${raw(name)}(${join(args, ', ')})`;
const number = (value: number) => raw(String(value));
const whole = cast('DECIMAL(38, 0)');
const float = (value: Sql) => sql`(${value} + 0E0)`;
const decimal = (value: Sql, scale: number) => sql`CAST(${value} AS DECIMAL(38, ${number(scale)}))`;

const NATIVE: Readonly<Record<ColumnType, string>> = {
  text: 'CHAR',
  integer: 'SIGNED',
  decimal: 'DECIMAL(38, 6)',
  float: 'DECIMAL(38, 6)',
  boolean: 'SIGNED',
  date: 'DATE',
  time: 'TIME(6)',
  timestamp: 'DATETIME(6)',
  timestamptz: 'DATETIME(6)',
  uuid: 'CHAR',
  json: 'CHAR',
  binary: 'BINARY',
};

const numbers: Numbers = {
  remainderNeedsScale: false,
  whole,
  decimal,
  float,
  operand: whole,
  sum: (sign, left, right) => sql`(${left} ${raw(sign)} ${right})`,
  product: (left, right) => sql`(${left} * ${right})`,
  remainder: (left, right) => sql`(${left} % ${right})`,
  abs: call('ABS'),
  floor: call('FLOOR'),
  ceil: call('CEILING'),
  sign: call('SIGN'),
  // ROUND of a float goes to the even neighbour on MySQL and away from zero on MariaDB; twice the fraction is exact.
  roundFloat: (value) => sql`TRUNCATE(${value} + (${value} - TRUNCATE(${value}, 0)), 0)`,
  truncateFloat: (value) => sql`TRUNCATE(${value}, 0)`,
  roundExact: (value, digits) => sql`ROUND(${value}, ${number(digits)})`,
  truncateExact: (value, digits) => sql`TRUNCATE(${value}, ${number(digits)})`,
  sqrt: call('SQRT'),
  power: call('POWER'),
  exp: call('EXP'),
  ln: call('LN'),
  log10: call('LOG10'),
  count: cast('SIGNED'),
};

const SIDES = { both: 'BOTH', left: 'LEADING', right: 'TRAILING' } as const;

const texts: Texts = {
  text: (value) => sql`(CONVERT(${value} USING utf8mb4) COLLATE utf8mb4_bin)`,
  join: (values) => sql`CONCAT(${join(values, ', ')})`,
  lower: call('LOWER'),
  upper: call('UPPER'),
  trim: (text, side) => sql`TRIM(${raw(SIDES[side])} ' ' FROM ${text})`,
  length: call('CHAR_LENGTH'),
  slice: (text, start, count) =>
    count ? sql`SUBSTRING(${text}, ${start}, ${count})` : sql`SUBSTRING(${text}, ${start})`,
  last: call('RIGHT'),
  replace: call('REPLACE'),
  position: (text, needle) => sql`LOCATE(${needle}, ${text})`,
  reverse: call('REVERSE'),
  pad: (text, side, count, fill) =>
    sql`${raw(side === 'left' ? 'LPAD' : 'RPAD')}(${text}, ${number(count)}, ${fill})`,
  // A number out of range is the one error of both servers that shows a text of the statement.
  atMost: (text, count) =>
    sql`CASE WHEN CHAR_LENGTH(${text}) > ${number(count)} THEN CONCAT(CHAR_LENGTH(CONCAT(${raw(`'${TOO_LONG}'`)}, LEFT(${text}, 0))) * 9223372036854775807, '') ELSE ${text} END`,
  piece: (text, separator, n) =>
    sql`CASE WHEN CHAR_LENGTH(${text}) - CHAR_LENGTH(REPLACE(${text}, ${separator}, '')) < ${number(n - 1)} * CHAR_LENGTH(${separator}) THEN '' ELSE SUBSTRING_INDEX(SUBSTRING_INDEX(${text}, ${separator}, ${number(n)}), ${separator}, -1) END`,
};

const UNITS = { second: 'SECOND', minute: 'MINUTE', hour: 'HOUR', day: 'DAY', month: 'MONTH' } as const;
const firstOf = (year: Sql, month: Sql) =>
  sql`(DATE'0001-01-01' + INTERVAL (${year} - 1) YEAR + INTERVAL (${month} - 1) MONTH)`;

const times: Times = {
  startOfDay: cast('DATETIME(6)'),
  clock: cast('TIME(6)'),
  dayOf: call('DATE'),
  year: call('YEAR'),
  dayOfYear: call('DAYOFYEAR'),
  hour: call('HOUR'),
  minute: call('MINUTE'),
  second: call('SECOND'),
  moved: (value, count, unit) => sql`(${value} + INTERVAL ${count} ${raw(UNITS[unit])})`,
  daysBetween: (from, to) => sql`DATEDIFF(${to}, ${from})`,
  elapsed: (from, to, seconds) =>
    sql`(TIMESTAMPDIFF(MICROSECOND, ${from}, ${to}) DIV ${number(seconds * 1e6)})`,
  dateOf: (year, month, day) =>
    sql`CASE WHEN ${day} <= DAY(LAST_DAY(${firstOf(year, month)})) THEN ${firstOf(year, month)} + INTERVAL (${day} - 1) DAY END`,
};

const matching = (text: Sql, shape: string, value: Sql) =>
  sql`CASE WHEN ${text} REGEXP ${param(`^(?:${shape})\\z`)} THEN ${value} END`;
/** CAST cuts at the greatest number of the type. */
const fitDecimal = (value: Sql, precision: number, scale: number) =>
  sql`CASE WHEN ABS(ROUND(${value}, ${number(scale)})) < ${raw(`1${'0'.repeat(precision - scale)}`)} THEN CAST(${value} AS DECIMAL(${number(precision)}, ${number(scale)})) END`;

const casts: Casts = {
  toWhole: (text) => matching(text, SHAPES.whole, whole(text)),
  toDecimal: (text, precision, scale) =>
    matching(text, SHAPES.decimal, fitDecimal(sql`CAST(${text} AS DECIMAL(65, 30))`, precision, scale)),
  toFloat: (text) => matching(text, SHAPES.float, float(text)),
  wholeOfFloat: (value) => sql`CASE WHEN ABS(${value}) < 9.2e18 THEN CAST(${value} AS SIGNED) END`,
  fitDecimal,
  toDate: (text) => matching(text, SHAPES.date, sql`CAST(${text} AS DATE)`),
  toTimestamp: (text) =>
    matching(text, TIMESTAMP_SHAPE, sql`CAST(REPLACE(${text}, 'T', ' ') AS DATETIME(6))`),
};

/** GREATEST and LEAST give null where one is null: each place takes the next value that is there. */
function extreme(which: 'greatest' | 'least', values: readonly Sql[]): Sql {
  const turned = values.map(
    (_, index) => sql`COALESCE(${join([...values.slice(index), ...values.slice(0, index)], ', ')})`,
  );
  return sql`${raw(which.toUpperCase())}(${join(turned, ', ')})`;
}

export const mysqlExpressions: ExpressionDialect = {
  engine: 'mysql',
  valueOf: (condition) => condition,
  conditionOf: (value) => sql`(${value} <> 0)`,
  typedNull: (type) => {
    const value = sql`CAST(NULL AS ${raw(NATIVE[type])})`;
    return type === 'float' ? float(value) : value;
  },
  isSame: (left, right) => sql`(${left} <=> ${right})`,
  extreme,
  numbers,
  texts,
  times,
  casts,
};
