import { GRAINS, type Grain } from '../../domain/time.ts';
import { raw, type Sql, sql } from '../ast.ts';
import { atGrain, localOf } from '../grain.ts';
import { isoText } from '../moment.ts';
import type { Field } from '../scope.ts';
import {
  type Call,
  callFault,
  countAt,
  type FunctionRule,
  integerOf,
  temporalAt,
  writtenText,
} from './call.ts';
import { type MovedType, movedBy } from './moved.ts';
import { adapt, type Context, commonType, type Value } from './value.ts';

const TEMPORAL = ['date', 'timestamp', 'timestamptz'] as const;
type Temporal_ = (typeof TEMPORAL)[number];

const fieldOf = ({ sql, type }: Value & { type: Temporal_ }): Field => ({ sql, column: { name: '', type } });

function unitAt(call: Call, index: number): Grain {
  const unit = writtenText(call, index).toLowerCase();
  const found = GRAINS.find((grain) => grain === unit);
  if (found) return found;
  throw callFault(call, `does not know the unit ${JSON.stringify(unit)}; there are ${GRAINS.join(', ')}`);
}

const dateTrunc: FunctionRule = {
  usage: "date_trunc('month', x)",
  min: 2,
  max: 2,
  build: (call) => {
    const field = fieldOf(temporalAt(call, 1, TEMPORAL));
    return atGrain(field, unitAt(call, 0), call.context.scope, call.context.place.pointer);
  },
};

type PartOf = (local: Sql, context: Context) => Sql;
const dayOfWeek =
  (first: 'sunday' | 'monday'): PartOf =>
  (local, { scope }) =>
    scope.dialect.parts.dayOfWeek(local, first);

/** Parts of a date, and those of a clock. */
const DATE_PARTS: Readonly<Record<string, PartOf>> = {
  year: (local, { spell }) => spell.times.year(local),
  quarter: (local, { scope }) => scope.dialect.parts.quarterOfYear(local, scope.weekStart),
  month: (local, { scope }) => scope.dialect.parts.monthOfYear(local, scope.weekStart),
  week: (local, { scope }) => scope.dialect.parts.weekOfYear(local, scope.weekStart),
  day: (local, { scope }) => scope.dialect.parts.dayOfMonth(local, scope.weekStart),
  doy: (local, { spell }) => spell.times.dayOfYear(local),
  dow: (local, context) => sql`(${dayOfWeek('sunday')(local, context)} - 1)`,
  isodow: dayOfWeek('monday'),
};
const CLOCK_PARTS: Readonly<Record<string, PartOf>> = {
  hour: (local, { spell }) => spell.times.hour(local),
  minute: (local, { spell }) => spell.times.minute(local),
  second: (local, { spell }) => spell.times.second(local),
};
const ALL_PARTS = { ...DATE_PARTS, ...CLOCK_PARTS };

/** Whole numbers, of an instant by the clock of the query's zone. */
const part = (usage: string): FunctionRule => ({
  usage,
  min: 2,
  max: 2,
  build: (call) => {
    const name = writtenText(call, 0).toLowerCase();
    const build = Object.hasOwn(ALL_PARTS, name) ? ALL_PARTS[name] : undefined;
    if (!build)
      throw callFault(
        call,
        `does not know the part ${JSON.stringify(name)}; there are ${Object.keys(ALL_PARTS).join(', ')}`,
      );
    const isClock = Object.hasOwn(CLOCK_PARTS, name);
    const value = isClock
      ? temporalAt(call, 1, ['timestamp', 'timestamptz', 'time'])
      : temporalAt(call, 1, TEMPORAL);
    const local = localOf({ sql: value.sql, column: { name: '', type: value.type } }, call.context.scope);
    return integerOf(build(local, call.context));
  },
});

const SECONDS: Partial<Record<Grain, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
};
const MONTHS: Partial<Record<Grain, number>> = { month: 1, quarter: 3, year: 12 };

/** Whole units that passed; less than 0 where the second time is the earlier one. */
const dateDiff: FunctionRule = {
  usage: "date_diff('day', from, to)",
  min: 3,
  max: 3,
  build: (call) => {
    const { context, at } = call;
    const unit = unitAt(call, 0);
    const ends = [temporalAt(call, 1, TEMPORAL), temporalAt(call, 2, TEMPORAL)];
    const common = commonType(ends, at, context);
    const isClock = unit === 'second' || unit === 'minute' || unit === 'hour';
    const type = (common.type === 'date' && isClock ? 'timestamp' : common.type) as Temporal_;
    const [from, to] = ends.map((end) => {
      const sql = adapt(end, { type }, at, context);
      const canonical = context.scope.dialect.canonical[type](sql);
      return isClock ? canonical : localOf({ sql, column: { name: '', type } }, context.scope);
    });
    return integerOf(difference(unit, from!, to!, type, context));
  },
};

function difference(unit: Grain, from: Sql, to: Sql, type: Temporal_, context: Context): Sql {
  const { times } = context.spell;
  const months = MONTHS[unit];
  if (months === undefined && type === 'date') {
    const days = times.daysBetween(from, to);
    return unit === 'day' ? days : quotientOf(days, 7, context);
  }
  if (months === undefined) return times.elapsed(from, to, SECONDS[unit]!);
  const between = monthsBetween(from, to, type === 'date' ? 'date' : 'timestamp', context);
  return months === 1 ? between : quotientOf(between, months, context);
}

/** Towards zero. */
function quotientOf(value: Sql, divisor: number, { spell: { numbers } }: Context): Sql {
  const by = raw(String(divisor));
  const whole = numbers.whole(value);
  return numbers.whole(sql`((${whole} - ${numbers.remainder(whole, by, 'integers')}) / ${by})`);
}

/** Months that fit between, as `from` moved by them says: to the last of a month that is shorter. */
function monthsBetween(from: Sql, to: Sql, type: MovedType, context: Context): Sql {
  const { scope, spell } = context;
  const month = (local: Sql) =>
    sql`(${spell.times.year(local)} * 12 + ${scope.dialect.parts.monthOfYear(local, scope.weekStart)})`;
  const count = spell.numbers.count(sql`(${month(to)} - ${month(from)})`);
  const moved = spell.times.moved(from, count, 'month', type);
  return spell.numbers.whole(
    sql`(${count} - CASE WHEN ${to} >= ${from} AND ${moved} > ${to} THEN 1 WHEN ${to} < ${from} AND ${moved} < ${to} THEN -1 ELSE 0 END)`,
  );
}

const dateAdd: FunctionRule = {
  usage: "date_add('month', count, x)",
  min: 3,
  max: 3,
  build: (call) => {
    const value = temporalAt(call, 2, TEMPORAL);
    return movedBy(value, unitAt(call, 0), countAt(call, 1), call.at, call.context);
  },
};

const makeDate: FunctionRule = {
  usage: 'make_date(year, month, day)',
  min: 3,
  max: 3,
  build: (call) => {
    const [year, month, day] = [countAt(call, 0), countAt(call, 1), countAt(call, 2)];
    const { times } = call.context.spell;
    return {
      type: 'date',
      sql: sql`CASE WHEN ${year} BETWEEN 1 AND 9999 AND ${month} BETWEEN 1 AND 12 AND ${day} BETWEEN 1 AND 31 THEN ${times.dateOf(year, month, day)} END`,
    };
  },
};

/** The request's one clock reading. */
function now({ scope, place }: Context): Temporal.Instant {
  scope.clockReads?.push(place.pointer);
  return Temporal.Instant.fromEpochMilliseconds(scope.nowMs);
}

const currentDate: FunctionRule = {
  usage: 'current_date',
  min: 0,
  max: 0,
  build: ({ context }) => {
    const { dialect, timezone } = context.scope;
    const today = now(context).toZonedDateTimeISO(timezone).toPlainDate();
    return { type: 'date', sql: dialect.given.date(isoText(today)) };
  },
};

const currentTimestamp: FunctionRule = {
  usage: 'current_timestamp',
  min: 0,
  max: 0,
  build: ({ context }) => ({
    type: 'timestamptz',
    sql: context.scope.dialect.given.timestamptz(isoText(now(context))),
  }),
};

export const TIME_FUNCTIONS = {
  date_trunc: dateTrunc,
  extract: part('extract(year from x)'),
  date_part: part("date_part('year', x)"),
  date_diff: dateDiff,
  date_add: dateAdd,
  make_date: makeDate,
  current_date: currentDate,
  current_timestamp: currentTimestamp,
} satisfies Record<string, FunctionRule>;
