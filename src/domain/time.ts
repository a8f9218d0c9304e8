import Type, { type Static } from 'typebox';

export const GRAINS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
export type Grain = (typeof GRAINS)[number];

/** Parts of a time: numbers, of which `dayOfWeek` is 1 on the query's first day of the week. */
export const PARTS = [
  'hourOfDay',
  'dayOfWeek',
  'dayOfMonth',
  'weekOfYear',
  'monthOfYear',
  'quarterOfYear',
] as const;
export type Part = (typeof PARTS)[number];

export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;
export const Weekday = Type.Enum([...WEEKDAYS]);
export type Weekday = (typeof WEEKDAYS)[number];

const UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
const closed = { additionalProperties: false } as const;
const NOT_BUILT = {
  description: 'Working days are not built yet: they answer 501 query.not_built',
  'x-not-built': true,
} as const;
const Instant = Type.String({ minLength: 4, maxLength: 40 });

/** A range of time; every form means a half-open interval [from, to). */
export const Range = Type.Union([
  Type.Object({ from: Type.Optional(Instant), to: Type.Optional(Instant) }, { ...closed, minProperties: 1 }),
  Type.Object(
    {
      last: Type.Object(
        { n: Type.Integer({ minimum: 1, maximum: 100_000 }), unit: Type.Enum([...UNITS]) },
        closed,
      ),
      includeCurrent: Type.Optional(Type.Boolean()),
    },
    closed,
  ),
  Type.Object(
    {
      period: Type.Enum(['day', 'week', 'month', 'quarter', 'year']),
      offset: Type.Optional(Type.Integer({ minimum: -10_000, maximum: 10_000 })),
      span: Type.Optional(Type.Enum(['full', 'toDate', 'end'])),
      asOf: Type.Optional(
        Type.Enum(['today', 'lastWorkingDay'], { ...NOT_BUILT, 'x-not-built': ['lastWorkingDay'] }),
      ),
      workingDays: Type.Optional(Type.Boolean(NOT_BUILT)),
      holidays: Type.Optional(Type.Boolean(NOT_BUILT)),
      shiftYears: Type.Optional(Type.Integer({ minimum: -100, maximum: 100 })),
    },
    closed,
  ),
  Type.Object({ preset: Type.String({ minLength: 1, maxLength: 40 }) }, closed),
]);
export type Range = Static<typeof Range>;
