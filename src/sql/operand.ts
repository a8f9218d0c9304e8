import { AppError } from '../base/errors.ts';
import type { ColumnType } from '../domain/column.ts';
import type { Scalar } from '../domain/filter.ts';
import { param, type Sql } from './ast.ts';
import { instantAt, isoText, type Moment, parseMoment } from './moment.ts';
import { nativeOf } from './native.ts';
import { exactNumber } from './number-text.ts';
import type { Field, Scope } from './scope.ts';

/**
 * A value of a request as the field's type. With `end` it is the half-open interval [start, end): a date given for a field with a clock means
 * that whole day, so that `eq` matches the day, `lte` and the upper end of `between` include it, and `gt` begins after it.
 */
export interface Operand {
  start: Sql;
  /** Null where no value of the engine is so late. */
  end?: Sql | null;
  /** The day (ISO 8601) that such an interval is. */
  day?: string;
  /** The same interval by the wall clock (of UTC for instants), for types of a database that hold other moments. */
  moments?: { from: Temporal.PlainDateTime; to: Temporal.PlainDateTime };
}

type Value = Exclude<Scalar, null>;
type Reader = (value: Value, scope: Scope) => Operand | undefined;

interface ValueRule {
  read: Reader;
  expected: string;
}

const MAX_DIGITS = 38;
const MAX_BEFORE = 20;
const MAX_BEHIND = 18;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?$/;
const NOT_FINITE = ['NaN', 'Infinity', '-Infinity'];

const matching =
  (type: 'uuid' | 'time', pattern: RegExp): Reader =>
  (value, scope) =>
    typeof value === 'string' && pattern.test(value)
      ? { start: scope.dialect.given[type](value) }
      : undefined;

const text: Reader = (value, scope) =>
  typeof value === 'string' ? { start: scope.dialect.given.text(value) } : undefined;

/**
 * Whole numbers meet integers as they are. With a fraction, or for decimals, both sides become one DECIMAL of 38 digits, which leaves so many
 * before and behind the point for what a request may give.
 */
const exact =
  (column: 'integer' | 'decimal'): Reader =>
  (value, { dialect }) => {
    if (typeof value === 'boolean' || (Number.isInteger(value) && !Number.isSafeInteger(value)))
      return undefined;
    const given = exactNumber(String(value));
    if (!given) return undefined;
    const { text, precision, scale } = given;
    const whole = column === 'integer' && scale === 0;
    const fits = whole ? precision <= MAX_DIGITS : precision - scale <= MAX_BEFORE && scale <= MAX_BEHIND;
    return fits ? { start: dialect.exactNumber(param(text), precision, scale) } : undefined;
  };

const float: Reader = (value, scope) => {
  const given = String(value);
  const readable =
    typeof value !== 'boolean' && (NOT_FINITE.includes(given) || exactNumber(given) !== undefined);
  return readable ? { start: scope.dialect.given.float(String(Number(given))) } : undefined;
};

const boolean: Reader = (value, scope) => {
  const given = typeof value === 'string' ? ({ true: true, false: false } as const)[value as 'true'] : value;
  return typeof given === 'boolean' ? { start: scope.dialect.given.boolean(given) } : undefined;
};

const temporal =
  (read: (moment: Moment, scope: Scope) => Operand | undefined): Reader =>
  (value, scope) => {
    const moment = typeof value === 'string' ? parseMoment(value) : undefined;
    return moment && read(moment, scope);
  };

const date = temporal(({ date, time, instant }, scope) => {
  if (instant) return undefined;
  if (!time) return { start: scope.dialect.given.date(isoText(date)) };
  return { start: scope.dialect.given.timestamp(isoText(date.toPlainDateTime(time))) };
});

const LAST_YEAR = 9999;
const isPast = (at: Temporal.PlainDateTime, { dialect }: Scope) =>
  dialect.endsWith9999 === true && at.year > LAST_YEAR;

/** One moment, or all from it up to `to`. */
function interval(
  from: Temporal.PlainDateTime,
  to: Temporal.PlainDateTime | undefined,
  given: (at: Temporal.PlainDateTime) => Sql,
  scope: Scope,
): Operand | undefined {
  if (isPast(from, scope)) return undefined;
  const moments = { from, to: to ?? from.add({ microseconds: 1 }) };
  if (!to) return { start: given(from), moments };
  return { start: given(from), end: isPast(to, scope) ? null : given(to), moments };
}

function wholeDay(
  date: Temporal.PlainDate,
  at: (local: Temporal.PlainDateTime) => Temporal.PlainDateTime,
  given: (at: Temporal.PlainDateTime) => Sql,
  scope: Scope,
): Operand | undefined {
  const next = date.add({ days: 1 }).toPlainDateTime();
  const operand = interval(at(date.toPlainDateTime()), at(next), given, scope);
  return operand && { ...operand, day: isoText(date) };
}

const timestamp = temporal(({ date, time, instant }, scope) => {
  if (instant) return undefined;
  const given = (at: Temporal.PlainDateTime) => scope.dialect.given.timestamp(isoText(at));
  if (time) return interval(date.toPlainDateTime(time), undefined, given, scope);
  return wholeDay(date, (local) => local, given, scope);
});

const utcOf = (instant: Temporal.Instant) => instant.toZonedDateTimeISO('UTC').toPlainDateTime();
const givenInstant = (scope: Scope) => (at: Temporal.PlainDateTime) =>
  scope.dialect.given.timestamptz(isoText(at.toZonedDateTime('UTC').toInstant()));

/** An instant as an operand; undefined where the engine has none so late. */
export const instantOperand = (instant: Temporal.Instant, scope: Scope) =>
  interval(utcOf(instant), undefined, givenInstant(scope), scope);

const timestamptz = temporal(({ date, time, instant }, scope) => {
  const at = (local: Temporal.PlainDateTime) => utcOf(instantAt(local, scope.timezone));
  if (instant) return instantOperand(instant, scope);
  const given = givenInstant(scope);
  if (time) return interval(at(date.toPlainDateTime(time)), undefined, given, scope);
  return wholeDay(date, at, given, scope);
});

const EXACT = `a number of at most ${MAX_BEFORE} digits before the point and ${MAX_BEHIND} behind it (as text where it is past 2^53)`;

const RULES: Readonly<Record<ColumnType, ValueRule>> = {
  text: { read: text, expected: 'text' },
  json: { read: text, expected: 'text' },
  integer: { read: exact('integer'), expected: EXACT },
  decimal: { read: exact('decimal'), expected: EXACT },
  float: { read: float, expected: 'a number' },
  boolean: { read: boolean, expected: 'true or false' },
  date: { read: date, expected: 'an ISO date, without offset' },
  time: { read: matching('time', TIME), expected: 'a time such as 13:45:00' },
  timestamp: {
    read: timestamp,
    expected: 'an ISO date or time without offset, as the field has no time zone',
  },
  timestamptz: { read: timestamptz, expected: 'an ISO date or time' },
  uuid: { read: matching('uuid', UUID), expected: 'a UUID' },
  binary: { read: () => undefined, expected: 'nothing: binary values are not compared' },
};

/** The value as a type, or undefined where it is none. */
export function operandOf(value: Value, type: ColumnType, scope: Scope): Operand | undefined {
  const common = RULES[type].read(value, scope);
  if (common || typeof value !== 'string') return common;
  const start = scope.dialect.uncommon?.(type, value);
  return start && { start };
}

/** The single-precision float that a number means; beyond their range the number itself. */
function single(value: Value): Value {
  const number = typeof value === 'boolean' ? Number.NaN : Number(value);
  return Number.isFinite(Math.fround(number)) ? Math.fround(number) : value;
}

function fieldOperand(value: Value, { column }: Field, scope: Scope): Operand | undefined {
  const native = nativeOf(column, scope.dialect);
  if (native?.forms) {
    const start = typeof value === 'string' ? native.forms.given(value) : undefined;
    return start && { start };
  }
  if (native?.isSingle) return operandOf(single(value), column.type, scope);
  if (native?.takesTruth && column.type === 'integer' && typeof value === 'boolean')
    return operandOf(Number(value), column.type, scope);
  return operandOf(value, column.type, scope);
}

/** The value as the field's type, or `query.type` that says what was expected. */
export function readOperand(value: Value, field: Field, scope: Scope, pointer: string): Operand {
  const { column } = field;
  const operand = fieldOperand(value, field, scope);
  if (operand) return operand;
  const { expected } = nativeOf(column, scope.dialect)?.forms ?? RULES[column.type];
  const detail = `${JSON.stringify(column.name)} is of type ${column.type}; its value must be ${expected}`;
  throw new AppError('query.type', detail, { pointer, params: { field: column.name, type: column.type } });
}
