import { AppError } from '../base/errors.ts';
import type { Calendar, Holiday } from './calendar.ts';
import { WEEKDAYS } from './time.ts';
import { dayOf } from './zone.ts';

const date = (year: number, month: number, day: number) => dayOf(Date.UTC(year, month - 1, day));
/** 0 is Monday; 1970-01-01 was a Thursday. */
const weekdayOf = (day: number) => (((day + 3) % 7) + 7) % 7;
const yearOf = (day: number) => new Date(day * 86_400_000).getUTCFullYear();

/** Easter Sunday by the Gregorian reckoning (Meeus, Jones, Butcher). */
function westernEaster(year: number): number {
  const [a, b, c] = [year % 19, Math.floor(year / 100), year % 100];
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - Math.floor(b / 4) - g + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return date(year, Math.floor(n / 31), (n % 31) + 1);
}

/** Easter Sunday by the Julian reckoning (Meeus), as a day of the Gregorian calendar. */
function orthodoxEaster(year: number): number {
  const d = (19 * (year % 19) + 15) % 30;
  const e = (2 * (year % 4) + 4 * (year % 7) - d + 34) % 7;
  const n = d + e + 114;
  const behind = Math.floor(year / 100) - Math.floor(year / 400) - 2;
  return date(year, Math.floor(n / 31), (n % 31) + 1) + behind;
}

function nthWeekday(year: number, month: number, weekday: number, nth: number): number | undefined {
  const first = date(year, month, 1);
  const last = date(year, month + 1, 1) - 1;
  const day =
    nth > 0
      ? first + ((weekday - weekdayOf(first) + 7) % 7) + 7 * (nth - 1)
      : last - ((weekdayOf(last) - weekday + 7) % 7) + 7 * (nth + 1);
  return day >= first && day <= last ? day : undefined;
}

/** The holiday's day of a year; undefined where it has none. */
function dayIn(year: number, holiday: Holiday): number | undefined {
  if ('date' in holiday) {
    const day = dayOf(Date.parse(`${holiday.date}T00:00:00Z`));
    return yearOf(day) === year ? day : undefined;
  }
  if ('easter' in holiday) {
    const sunday = holiday.church === 'orthodox' ? orthodoxEaster(year) : westernEaster(year);
    return sunday + holiday.easter;
  }
  if ('nth' in holiday)
    return nthWeekday(year, holiday.month, WEEKDAYS.indexOf(holiday.weekday), holiday.nth);
  const day = date(year, holiday.month, holiday.day);
  return new Date(day * 86_400_000).getUTCMonth() === holiday.month - 1 ? day : undefined;
}

/** Throws `request.invalid` for a holiday that never is. */
export function checkHolidays(holidays: readonly Holiday[]): void {
  for (const [i, holiday] of holidays.entries()) {
    const at = `/holidays/${i}`;
    const refuse = (field: string, why: string) => {
      throw new AppError('request.invalid', `${at}/${field} ${why}`, { pointer: `${at}/${field}` });
    };
    if ('date' in holiday && !isDate(holiday.date)) refuse('date', 'is no date');
    if ('nth' in holiday && holiday.nth === 0) refuse('nth', 'counts from 1, or back from -1');
    if ('day' in holiday && dayIn(2024, holiday) === undefined) refuse('day', 'is past the end of the month');
  }
}

function isDate(text: string): boolean {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** Which days are worked on; days are counted from 1970-01-01. */
export interface WorkingDays {
  isWorking(day: number): boolean;
  isFirstOfMonth(day: number): boolean;
  isLastOfMonth(day: number): boolean;
}

export function workingDays({ weekend, holidays }: Pick<Calendar, 'weekend' | 'holidays'>): WorkingDays {
  const free = new Set(weekend.map((name) => WEEKDAYS.indexOf(name)));
  const years = new Map<number, ReadonlySet<number>>();
  const monthOf = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 7);

  function holidaysOf(year: number): ReadonlySet<number> {
    let found = years.get(year);
    if (!found) {
      const days = holidays.flatMap((holiday) =>
        [year - 1, year, year + 1].map((each) => dayIn(each, holiday)),
      );
      found = new Set(days.filter((day) => day !== undefined));
      years.set(year, found);
    }
    return found;
  }

  const isWorking = (day: number) => !free.has(weekdayOf(day)) && !holidaysOf(yearOf(day)).has(day);

  /** Whether it is worked on that day and on none after it (or before it) in its month. */
  function isEdge(day: number, step: 1 | -1): boolean {
    if (!isWorking(day)) return false;
    for (let other = day + step; monthOf(other) === monthOf(day); other += step)
      if (isWorking(other)) return false;
    return true;
  }

  return { isWorking, isFirstOfMonth: (day) => isEdge(day, -1), isLastOfMonth: (day) => isEdge(day, 1) };
}
