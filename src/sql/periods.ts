import { WEEKDAYS, type Weekday } from '../domain/time.ts';

export type DayUnit = 'day' | 'week' | 'month' | 'quarter' | 'year';

/** First day of the unit that holds `date`. */
export function startOfUnit(unit: DayUnit, date: Temporal.PlainDate, weekStart: Weekday): Temporal.PlainDate {
  return STARTS[unit](date, weekStart);
}

const STARTS: Readonly<
  Record<DayUnit, (date: Temporal.PlainDate, weekStart: Weekday) => Temporal.PlainDate>
> = {
  day: (date) => date,
  week: (date, weekStart) => date.subtract({ days: (date.dayOfWeek + 6 - WEEKDAYS.indexOf(weekStart)) % 7 }),
  month: (date) => date.with({ day: 1 }),
  quarter: (date) => date.with({ month: date.month - ((date.month - 1) % 3), day: 1 }),
  year: (date) => date.with({ month: 1, day: 1 }),
};

const STEPS: Readonly<Record<DayUnit, (n: number) => Temporal.DurationLike>> = {
  day: (days) => ({ days }),
  week: (weeks) => ({ weeks }),
  month: (months) => ({ months }),
  quarter: (quarters) => ({ months: 3 * quarters }),
  year: (years) => ({ years }),
};

/** `date` moved by n units; a day that the month lacks becomes its last one. */
export const addUnits = (date: Temporal.PlainDate, unit: DayUnit, n: number): Temporal.PlainDate =>
  date.add(STEPS[unit](n));
