import type { Grain } from '../../domain/time.ts';
import { raw, type Sql, sql } from '../ast.ts';
import type { SpanUnit } from './dialects/expression-dialect.ts';
import type { Span } from './tree.ts';
import { type Context, typeFault, type Value } from './value.ts';

export type MovedType = 'date' | 'timestamp' | 'timestamptz';

/** Coarse units as so many of those that engines move by. */
const UNITS: Readonly<Record<Grain, readonly [SpanUnit, number]>> = {
  second: ['second', 1],
  minute: ['minute', 1],
  hour: ['hour', 1],
  day: ['day', 1],
  week: ['day', 7],
  month: ['month', 1],
  quarter: ['month', 3],
  year: ['month', 12],
};
const isClock = (unit: Grain) => unit === 'second' || unit === 'minute' || unit === 'hour';

/** A date or time some units later. A date stays one for days and more, and becomes a timestamp by less. */
export function movedBy(value: Value, unit: Grain, count: Sql, at: number, context: Context): Value {
  const { times } = context.spell;
  const [base, factor] = UNITS[unit];
  const times_ = factor === 1 ? count : sql`(${count} * ${raw(String(factor))})`;
  if (value.type === 'timestamptz' && !isClock(unit))
    throw typeFault(
      at,
      `A timestamptz moves by hours, minutes and seconds; cast it to timestamp to move it by a ${unit} of the query's time zone`,
      context,
      { type: 'timestamptz' },
    );
  const starts = value.type === 'date' && isClock(unit);
  const type = (starts ? 'timestamp' : value.type) as MovedType;
  const from = starts ? times.startOfDay(value.sql) : value.sql;
  return { type, sql: times.moved(from, times_, base, type) };
}

/** + or - interval '…', the coarse spans first. */
export function movedBySpans(
  value: Value,
  sign: '+' | '-',
  spans: readonly Span[],
  at: number,
  context: Context,
): Value {
  if (value.type === 'null') return { type: 'timestamp', sql: context.spell.typedNull('timestamp') };
  if (value.type !== 'date' && value.type !== 'timestamp' && value.type !== 'timestamptz')
    throw typeFault(at, `An interval is added to a date or a timestamp, not to ${value.type}`, context, {
      type: value.type,
    });
  const order = (unit: Grain) => ['month', 'day', 'hour', 'minute', 'second'].indexOf(UNITS[unit][0]);
  return [...spans]
    .sort((a, b) => order(a.unit) - order(b.unit))
    .reduce(
      (moved, { count, unit }) =>
        movedBy(moved, unit, raw(String(sign === '-' ? -count : count)), at, context),
      value,
    );
}
