import Type, { type Static } from 'typebox';
import { Name } from './name.ts';
import { Weekday } from './time.ts';

const closed = { additionalProperties: false } as const;
const name = Type.Optional(Type.String({ minLength: 1, maxLength: 200 }));
const month = Type.Integer({ minimum: 1, maximum: 12 });

/** A day, the same day of each year, the nth weekday of a month of each year (-1 the last), or days from Easter Sunday. */
export const Holiday = Type.Union([
  Type.Object({ name, date: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }) }, closed),
  Type.Object({ name, month, day: Type.Integer({ minimum: 1, maximum: 31 }) }, closed),
  Type.Object({ name, month, weekday: Weekday, nth: Type.Integer({ minimum: -5, maximum: 5 }) }, closed),
  Type.Object(
    {
      name,
      easter: Type.Integer({ minimum: -120, maximum: 250 }),
      church: Type.Optional(Type.Enum(['western', 'orthodox'])),
    },
    closed,
  ),
]);
export type Holiday = Static<typeof Holiday>;

/** Which days are worked on, and how weeks and fiscal years are counted. */
export const CalendarInput = Type.Object(
  {
    name: Name,
    weekend: Type.Optional(Type.Array(Weekday, { maxItems: 6, uniqueItems: true })),
    holidays: Type.Optional(Type.Array(Holiday, { maxItems: 5000 })),
    weekStart: Type.Optional(Weekday),
    fiscalYearStart: Type.Optional(month),
    isDefault: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type CalendarInput = Static<typeof CalendarInput>;

export const CalendarPatch = Type.Partial(CalendarInput, { ...closed, minProperties: 1 });
export type CalendarPatch = Static<typeof CalendarPatch>;

export interface Calendar extends Required<CalendarInput> {
  id: string;
  version: number;
  createdAt: string;
  updatedAt: string;
}

/** Of the calendar where nobody made one. */
export const PLAIN_CALENDAR = {
  weekend: ['saturday', 'sunday'] as Weekday[],
  holidays: [] as Holiday[],
  weekStart: 'monday' as Weekday,
  fiscalYearStart: 1,
};

export const CalendarImport = Type.Object(
  {
    format: Type.Enum(['csv', 'ics']),
    text: Type.String({ minLength: 1, maxLength: 1_000_000 }),
    /** Instead of the holidays that are there, not beside them. */
    replace: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type CalendarImport = Static<typeof CalendarImport>;
