import type { ColumnType } from '../../../domain/column.ts';
import { join, raw, type Sql, sql } from '../../ast.ts';
import type { Casts, ExpressionDialect, Numbers, Scale, Times } from './expression-dialect.ts';
import { texts } from './mssql-texts.ts';

const cast = (type: string) => (value: Sql) => sql`CONVERT(${raw(type)}, ${value})`;
const call =
  (name: string) =>
  (...args: readonly Sql[]) =>
    sql`${raw(name)}(${join(args, ', ')})`;
const number = (value: number) => raw(String(value));
const digits = (value: Sql, precision: number, scale: number) =>
  sql`CONVERT(decimal(${number(precision)}, ${number(scale)}), ${value})`;
const decimal = (value: Sql, scale: number) => digits(value, 38, scale);
/** One digit less than the most, so that a sum keeps its scale. */
const addend = (value: Sql, scale: Scale) =>
  scale === undefined ? value : digits(value, 37, scale === 'integers' ? 0 : scale);

/** Past 38 digits a product keeps six behind the point at least; factors of fewer digits let it keep more. */
function product(left: Sql, right: Sql, scales: readonly [number, number] | 'integers' | undefined): Sql {
  if (typeof scales !== 'object') return sql`(${left} * ${right})`;
  const [first, second] = scales;
  return first + second <= 6
    ? sql`(${decimal(left, first)} * ${decimal(right, second)})`
    : sql`(${digits(left, 18, first)} * ${digits(right, 19, second)})`;
}

const NATIVE: Readonly<Record<ColumnType, string>> = {
  text: 'nvarchar(max)',
  integer: 'decimal(38, 0)',
  decimal: 'decimal(38, 6)',
  float: 'float',
  boolean: 'bit',
  date: 'date',
  time: 'time(6)',
  timestamp: 'datetime2(6)',
  timestamptz: 'datetimeoffset(6)',
  uuid: 'uniqueidentifier',
  json: 'nvarchar(max)',
  binary: 'varbinary(max)',
};

const numbers: Numbers = {
  remainderNeedsScale: false,
  whole: cast('decimal(38, 0)'),
  decimal,
  float: cast('float'),
  operand: cast('decimal(38, 0)'),
  sum: (sign, left, right, scale) => sql`(${addend(left, scale)} ${raw(sign)} ${addend(right, scale)})`,
  product,
  remainder: (left, right, scale) => sql`(${addend(left, scale)} % ${addend(right, scale)})`,
  abs: call('ABS'),
  floor: call('FLOOR'),
  ceil: call('CEILING'),
  sign: call('SIGN'),
  roundFloat: (value) => sql`ROUND(${value}, 0)`,
  truncateFloat: (value) => sql`ROUND(${value}, 0, 1)`,
  roundExact: (value, places) => sql`ROUND(${value}, ${number(places)})`,
  truncateExact: (value, places) => sql`ROUND(${value}, ${number(places)}, 1)`,
  sqrt: call('SQRT'),
  power: call('POWER'),
  exp: call('EXP'),
  ln: call('LOG'),
  log10: call('LOG10'),
  count: cast('int'),
};

const part = (name: string) => (local: Sql) => sql`DATEPART(${raw(name)}, ${local})`;

const times: Times = {
  startOfDay: cast('datetime2(6)'),
  clock: cast('time(6)'),
  dayOf: cast('date'),
  year: part('year'),
  dayOfYear: part('dayofyear'),
  hour: part('hour'),
  minute: part('minute'),
  second: part('second'),
  moved: (value, count, unit) => sql`DATEADD(${raw(unit)}, ${count}, ${value})`,
  daysBetween: (from, to) => sql`DATEDIFF(day, ${from}, ${to})`,
  // DATEDIFF counts boundaries; those of microseconds are the smallest that are kept.
  elapsed: (from, to, seconds) =>
    sql`(DATEDIFF_BIG(microsecond, ${from}, ${to}) / CONVERT(bigint, ${number(seconds * 1e6)}))`,
  dateOf: (year, month, day) =>
    sql`CASE WHEN ${day} <= DAY(EOMONTH(DATEFROMPARTS(${year}, ${month}, 1))) THEN DATEFROMPARTS(${year}, ${month}, ${day}) END`,
};

/** There are no regular expressions: LIKE under a binary collation, on the text without its sign. */
const unsigned = (text: Sql) =>
  sql`CASE WHEN LEFT(${text}, 1) IN (N'+', N'-') THEN SUBSTRING(${text}, 2, 100) ELSE ${text} END`;
const tryConvert = (type: string, value: Sql, style = '') =>
  sql`TRY_CONVERT(${raw(type)}, ${value}${raw(style)})`;
const guarded = (tests: readonly Sql[], value: Sql) =>
  sql`CASE WHEN ${join(tests, ' AND ')} THEN ${value} END`;
const bytesAtMost = (text: Sql, bytes: number) => sql`DATALENGTH(${text}) <= ${number(bytes)}`;
const DAY = '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]';

const casts: Casts = {
  toWhole: (text) =>
    guarded(
      [
        bytesAtMost(text, 160),
        sql`${unsigned(text)} LIKE N'[0-9]%'`,
        sql`${unsigned(text)} NOT LIKE N'%[^0-9]%'`,
      ],
      tryConvert('decimal(38, 0)', text),
    ),
  toDecimal: (text, precision, scale) =>
    guarded(
      [
        bytesAtMost(text, 160),
        sql`${unsigned(text)} LIKE N'%[0-9]%'`,
        sql`${unsigned(text)} NOT LIKE N'%[^0-9.]%'`,
        sql`${text} NOT LIKE N'%.%.%'`,
      ],
      tryConvert(`decimal(${precision}, ${scale})`, text),
    ),
  toFloat: (text) =>
    guarded(
      [
        bytesAtMost(text, 160),
        sql`(${text} LIKE N'[0-9.]%' OR ${text} LIKE N'[-+][0-9.]%')`,
        sql`${text} LIKE N'%[0-9.]'`,
        sql`${text} NOT LIKE N'%[^0-9.eE+-]%'`,
        sql`${text} LIKE N'%[0-9]%'`,
      ],
      tryConvert('float', text),
    ),
  wholeOfFloat: (value) => tryConvert('bigint', value),
  fitDecimal: (value, precision, scale) => tryConvert(`decimal(${precision}, ${scale})`, value),
  toDate: (text) =>
    guarded([bytesAtMost(text, 20), sql`${text} LIKE ${raw(`N'${DAY}'`)}`], tryConvert('date', text, ', 23')),
  toTimestamp: (text) =>
    guarded(
      [
        bytesAtMost(text, 52),
        sql`(${text} LIKE ${raw(`N'${DAY}'`)} OR ${text} LIKE ${raw(`N'${DAY}[T ][0-2][0-9]:[0-5][0-9]%'`)})`,
        sql`${text} NOT LIKE N'%[^0-9T:. -]%'`,
        sql`${text} LIKE N'%[0-9]'`,
      ],
      tryConvert('datetime2(6)', sql`REPLACE(${text}, N'T', N' ')`, ', 121'),
    ),
};

export const mssqlExpressions: ExpressionDialect = {
  engine: 'mssql',
  caseLevels: 10,
  valueOf: (condition) =>
    sql`CASE WHEN ${condition} THEN CAST(1 AS bit) WHEN NOT (${condition}) THEN CAST(0 AS bit) END`,
  conditionOf: (value) => sql`(${value} = 1)`,
  typedNull: (type) => sql`CONVERT(${raw(NATIVE[type])}, NULL)`,
  isSame: (left, right) =>
    sql`((${left} = ${right} AND ${left} IS NOT NULL AND ${right} IS NOT NULL) OR (${left} IS NULL AND ${right} IS NULL))`,
  extreme: (which, values) => {
    const rows = join(
      values.map((value) => sql`(${value})`),
      ', ',
    );
    return sql`(SELECT ${raw(which === 'greatest' ? 'MAX' : 'MIN')}(t.v) FROM (VALUES ${rows}) AS t(v))`;
  },
  numbers,
  texts,
  times,
  casts,
};
