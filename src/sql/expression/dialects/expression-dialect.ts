import { AppError } from '../../../base/errors.ts';
import type { ColumnType } from '../../../domain/column.ts';
import type { Sql } from '../../ast.ts';
import type { Engine } from '../../dialect.ts';

export type TypedNull = (type: ColumnType) => Sql;
export type SpanUnit = 'second' | 'minute' | 'hour' | 'day' | 'month';

/** Digits behind the point of what is calculated with: integers; undefined where those of a column are not known. */
export type Scale = number | 'integers' | undefined;

/** Of exact numbers: integers are as wide as decimals, which have 38 digits. */
export interface Numbers {
  /** Whether a remainder of decimals is exact only where the digits behind their point are known. */
  readonly remainderNeedsScale: boolean;
  /** An exact number without digits behind the point as an integer of up to 38 digits. */
  whole(value: Sql): Sql;
  /** As a decimal of 38 digits; what is cut is rounded, half away from zero. */
  decimal(value: Sql, scale: number): Sql;
  float(value: Sql): Sql;
  /** An integer as it is calculated with: beside another one, or a decimal. */
  operand(integer: Sql, sign: '+' | '-' | '*' | '%', beside: 'integer' | 'decimal'): Sql;
  /** Both of that scale. */
  sum(sign: '+' | '-', left: Sql, right: Sql, scale: Scale): Sql;
  product(left: Sql, right: Sql, scales: readonly [number, number] | 'integers' | undefined): Sql;
  /** With the sign of the left one; the right one is not 0. */
  remainder(left: Sql, right: Sql, scale: Scale): Sql;
  abs(value: Sql): Sql;
  floor(value: Sql): Sql;
  ceil(value: Sql): Sql;
  /** -1, 0 or 1. */
  sign(value: Sql): Sql;
  /** To whole numbers, half away from zero. */
  roundFloat(value: Sql): Sql;
  truncateFloat(value: Sql): Sql;
  /** To that many digits behind the point, or before it where negative; half away from zero. */
  roundExact(value: Sql, digits: number): Sql;
  truncateExact(value: Sql, digits: number): Sql;
  /** Of floats for which they are defined. */
  sqrt(value: Sql): Sql;
  power(base: Sql, exponent: Sql): Sql;
  exp(value: Sql): Sql;
  ln(value: Sql): Sql;
  log10(value: Sql): Sql;
  /** The integer that an exact number below a million is, as functions of text and time take it. */
  count(value: Sql): Sql;
}

/** Positions and lengths count characters (code points); comparing is exact. */
export interface Texts {
  /** Text as functions take and give it. */
  text(value: Sql): Sql;
  join(values: readonly Sql[]): Sql;
  lower(text: Sql): Sql;
  upper(text: Sql): Sql;
  trim(text: Sql, side: 'both' | 'left' | 'right'): Sql;
  length(text: Sql): Sql;
  /** From a position of 1 or more; `count` characters, 0 or more, all where undefined. */
  slice(text: Sql, start: Sql, count: Sql | undefined): Sql;
  /** The last characters; the count is 0 or more. */
  last(text: Sql, count: Sql): Sql;
  /** `from` is not empty. */
  replace(text: Sql, from: Sql, to: Sql): Sql;
  /** 0 where it is not there; 1 where `needle` is empty. */
  position(text: Sql, needle: Sql): Sql;
  reverse(text: Sql): Sql;
  /** Filled to a fixed number of characters, or cut at it; `fill` is not empty. */
  pad(text: Sql, side: 'left' | 'right', count: number, fill: Sql): Sql;
  /** The text itself; an error that says TOO_LONG where it has more characters. */
  atMost(text: Sql, count: number): Sql;
  /** The n-th piece, counted from 1; empty where there are fewer. `separator` is not empty. */
  piece(text: Sql, separator: Sql, n: number): Sql;
}

/** Wall-clock times; dates where they say so. */
export interface Times {
  /** The start of a day. */
  startOfDay(date: Sql): Sql;
  /** The time of day. */
  clock(timestamp: Sql): Sql;
  dayOf(timestamp: Sql): Sql;
  /** A part of a date or timestamp as an integer. */
  year(local: Sql): Sql;
  dayOfYear(local: Sql): Sql;
  minute(local: Sql): Sql;
  second(local: Sql): Sql;
  hour(local: Sql): Sql;
  /** Moved by a number of units; a day that the month does not have is its last. A date moves by days and months and stays one. */
  moved(value: Sql, count: Sql, unit: SpanUnit, type: 'date' | 'timestamp' | 'timestamptz'): Sql;
  /** Days from one date to another. */
  daysBetween(from: Sql, to: Sql): Sql;
  /** Whole units of so many seconds that passed between two wall-clock times or instants, towards zero. */
  elapsed(from: Sql, to: Sql, seconds: number): Sql;
  /** A date of integers within the calendar's bounds but for the day of the month, which is from 1 to 31; null where the month has no such day. */
  dateOf(year: Sql, month: Sql, day: Sql): Sql;
}

/** Casts give null for what the type cannot hold. */
export interface Casts {
  toWhole(text: Sql): Sql;
  toDecimal(text: Sql, precision: number, scale: number): Sql;
  toFloat(text: Sql): Sql;
  /** From a float of a whole value; null past 64 bits. */
  wholeOfFloat(value: Sql): Sql;
  /** From an exact number. */
  fitDecimal(value: Sql, precision: number, scale: number): Sql;
  toDate(text: Sql): Sql;
  toTimestamp(text: Sql): Sql;
}

/** How one engine spells expressions: a function that is new here does not compile until every engine answers or is `unsupported`. */
export interface ExpressionDialect {
  readonly engine: Engine;
  /** How deep CASE may lie in CASE; undefined where that is not limited. */
  readonly caseLevels?: number;
  /** A condition as a value of type boolean; null where it is unknown. */
  valueOf(condition: Sql): Sql;
  /** A value of type boolean as a condition. */
  conditionOf(value: Sql): Sql;
  typedNull: TypedNull;
  /** Neither null where the other is not, nor different; never unknown. */
  isSame(left: Sql, right: Sql): Sql;
  /** The greatest or least of canonical values, nulls left out. */
  extreme(which: 'greatest' | 'least', values: readonly Sql[]): Sql;
  readonly numbers: Numbers;
  readonly texts: Texts;
  readonly times: Times;
  readonly casts: Casts;
}

export const ENGINE_NAMES: Readonly<Record<Engine, string>> = {
  duckdb: 'DuckDB',
  postgres: 'PostgreSQL',
  mysql: 'MySQL',
  mssql: 'SQL Server',
};

/** In place of a spelling that an engine does not have. */
export const unsupported = (engine: Engine, name: string) => (): never => {
  throw new AppError('query.unsupported', `${ENGINE_NAMES[engine]} cannot do ${name}`, {
    params: { function: name },
  });
};
