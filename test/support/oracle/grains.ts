import { DAY_MICROS, type OracleColumn, type Value } from './values.ts';
import { dayOf, offsetAt, toLocal, truncate } from './zones.ts';

export const DAYS_OF_WEEK = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;
export type DayOfWeek = (typeof DAYS_OF_WEEK)[number];

/** Days since the last first day of the week: 0 on that day. 1970-01-01 was a Thursday. */
export const daysIntoWeek = (day: number, weekStart: DayOfWeek): number =>
  (((day + 3 - DAYS_OF_WEEK.indexOf(weekStart)) % 7) + 7) % 7;

const civil = (day: number) => {
  const date = new Date(day * 86_400_000);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, dayOfMonth: date.getUTCDate() };
};

/** Days since 1970 of a civil date; months past 12 or below 1 run into other years. */
export function dayAt(year: number, month: number, dayOfMonth: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, dayOfMonth);
  return date.getTime() / 86_400_000;
}

export type DayUnit = 'day' | 'week' | 'month' | 'quarter' | 'year';

export function startOf(unit: DayUnit, day: number, weekStart: DayOfWeek): number {
  const { year, month } = civil(day);
  if (unit === 'day') return day;
  if (unit === 'week') return day - daysIntoWeek(day, weekStart);
  if (unit === 'month') return dayAt(year, month, 1);
  if (unit === 'quarter') return dayAt(year, Math.floor((month - 1) / 3) * 3 + 1, 1);
  return dayAt(year, 1, 1);
}

/** Moves a day by units; a day that the month lacks becomes its last. */
export function addUnits(day: number, unit: DayUnit, n: number): number {
  if (unit === 'day') return day + n;
  if (unit === 'week') return day + 7 * n;
  const months = n * (unit === 'month' ? 1 : unit === 'quarter' ? 3 : 12);
  const { year, month, dayOfMonth } = civil(day);
  const first = dayAt(year, month + months, 1);
  const next = dayAt(year, month + months + 1, 1);
  return Math.min(first + dayOfMonth - 1, next - 1);
}

function partOf(part: string, day: number, local: bigint, weekStart: DayOfWeek): number {
  const { year, month, dayOfMonth } = civil(day);
  if (part === 'hourOfDay') return Number((local - BigInt(day) * DAY_MICROS) / 3_600_000_000n);
  if (part === 'dayOfWeek') return daysIntoWeek(day, weekStart) + 1;
  if (part === 'dayOfMonth') return dayOfMonth;
  if (part === 'monthOfYear') return month;
  if (part === 'quarterOfYear') return Math.floor((month - 1) / 3) + 1;
  if (part !== 'weekOfYear') throw new Error(`there is no part ${part} (${year})`);
  const fourth = startOf('week', day, weekStart) + 3;
  return Math.floor((fourth - dayAt(civil(fourth).year, 1, 1)) / 7) + 1;
}

const CLOCK_UNITS: Readonly<Record<string, bigint>> = {
  second: 1_000_000n,
  minute: 60_000_000n,
  hour: 3_600_000_000n,
};

/** A temporal value grouped: the column of the groups, and the group of a value. */
export function grained(
  column: OracleColumn,
  grain: string,
  zone: string,
  weekStart: DayOfWeek,
): { type: OracleColumn['type']; group(value: Value): Value } {
  const localOf = (value: Value): bigint => {
    if (column.type === 'date') return BigInt(value as number) * DAY_MICROS;
    return column.type === 'timestamptz' ? toLocal(value as bigint, zone) : (value as bigint);
  };
  const unit = CLOCK_UNITS[grain];
  const present = (group: (value: Value) => Value) => (value: Value) =>
    value === null ? null : group(value);
  if (unit !== undefined) {
    const group = (value: Value) => {
      const start = truncate(localOf(value), unit);
      return column.type === 'timestamptz' ? start - offsetAt(value as bigint, zone) : start;
    };
    return { type: column.type, group: present(group) };
  }
  if (/Of/.test(grain)) {
    const group = (value: Value) => BigInt(partOf(grain, dayOf(localOf(value)), localOf(value), weekStart));
    return { type: 'integer', group: present(group) };
  }
  return {
    type: 'date',
    group: present((value) => startOf(grain as DayUnit, dayOf(localOf(value)), weekStart)),
  };
}
