import type { Range } from '../../../src/domain/time.ts';
import { addUnits, type DayOfWeek, type DayUnit, startOf } from './grains.ts';
import { DAY_MICROS } from './values.ts';
import { dayNumber, dayOf, offsetAt, toInstant, toLocal, truncate } from './zones.ts';

export interface Clock {
  zone: string;
  weekStart: DayOfWeek;
  nowMs: number;
}

/** A date or time of a request: microseconds of its wall clock, and of UTC where it has an offset. */
export interface Moment {
  local: bigint;
  isDay: boolean;
  instant?: bigint;
}

const MOMENT =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;

export function momentOf(text: string): Moment {
  const [, date, hour, minute, second = '0', fraction = '', offset] = MOMENT.exec(text) ?? [];
  if (date === undefined) throw new Error(`${text} is no moment`);
  const day = BigInt(dayNumber(date)) * DAY_MICROS;
  if (hour === undefined) return { local: day, isDay: true };
  const seconds = BigInt(hour) * 3600n + BigInt(minute!) * 60n + BigInt(second);
  const local = day + seconds * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
  if (offset === undefined) return { local, isDay: false };
  const digits = offset === 'Z' ? '+0000' : offset.replace(':', '').padEnd(5, '0');
  const size = BigInt(digits.slice(1, 3)) * 60n + BigInt(digits.slice(3, 5));
  return {
    local,
    isDay: false,
    instant: local - (digits.startsWith('-') ? -size : size) * 60_000_000n,
  };
}

/** A half-open interval; an instant where the wall clock alone would not do. */
export interface Interval {
  from?: Moment;
  to?: Moment;
}

const atDay = (day: number): Moment => ({ local: BigInt(day) * DAY_MICROS, isDay: true });

const CLOCK_UNITS: Readonly<Record<string, bigint>> = {
  second: 1_000_000n,
  minute: 60_000_000n,
  hour: 3_600_000_000n,
};

function lastUnits(n: number, unit: string, includeCurrent: boolean, clock: Clock): Interval {
  const now = BigInt(clock.nowMs) * 1000n;
  const size = CLOCK_UNITS[unit];
  if (size !== undefined) {
    const current = truncate(toLocal(now, clock.zone), size) - offsetAt(now, clock.zone);
    const to = includeCurrent ? current + size : current;
    const moment = (instant: bigint) => ({ instant, local: toLocal(instant, clock.zone), isDay: false });
    return { from: moment(to - BigInt(n) * size), to: moment(to) };
  }
  const today = dayOf(toLocal(now, clock.zone));
  const current = startOf(unit as DayUnit, today, clock.weekStart);
  const to = includeCurrent ? addUnits(current, unit as DayUnit, 1) : current;
  return { from: atDay(addUnits(to, unit as DayUnit, -n)), to: atDay(to) };
}

const LETTERS: Readonly<Record<string, DayUnit>> = { w: 'week', m: 'month', q: 'quarter', y: 'year' };

function presetOf(name: string): Range {
  const lower = (unit: string) => unit.toLowerCase() as DayUnit;
  const days: Record<string, number> = { today: 0, yesterday: -1, tomorrow: 1 };
  if (name in days) return { period: 'day', offset: days[name]! };
  const counted = /^last(\d+)([A-Z][a-z]+)s$/.exec(name);
  if (counted) return { last: { n: Number(counted[1]), unit: lower(counted[2]!) } };
  const toDate = /^([wmqy])td$/.exec(name);
  if (toDate) return { period: LETTERS[toDate[1]!] as 'week', span: 'toDate' };
  const [, which, unit] = /^(this|last|next|endOf)([A-Z][a-z]+)$/.exec(name) ?? [];
  if (which === undefined) throw new Error(`there is no preset ${name}`);
  if (which === 'endOf') return { period: lower(unit!), span: 'end' };
  return { period: lower(unit!), offset: { this: 0, last: -1, next: 1 }[which]! };
}

export function intervalOf(range: Range, clock: Clock): Interval {
  if ('preset' in range) return intervalOf(presetOf(range.preset), clock);
  if ('last' in range) return lastUnits(range.last.n, range.last.unit, range.includeCurrent === true, clock);
  if ('period' in range) {
    const { period, offset = 0, span = 'full', shiftYears = 0 } = range;
    const today = dayOf(toLocal(BigInt(clock.nowMs) * 1000n, clock.zone));
    const asOf = addUnits(today, 'year', shiftYears);
    const start = addUnits(startOf(period, asOf, clock.weekStart), period, offset);
    const end = addUnits(start, period, 1);
    if (span === 'end') return { from: atDay(end - 1), to: atDay(end) };
    if (span === 'full') return { from: atDay(start), to: atDay(end) };
    return { from: atDay(start), to: atDay(Math.min(addUnits(asOf, period, offset) + 1, end)) };
  }
  return {
    ...(range.from === undefined ? {} : { from: momentOf(range.from) }),
    ...(range.to === undefined ? {} : { to: momentOf(range.to) }),
  };
}

/** A moment in the units of a temporal column's values. */
export function pointOf(moment: Moment, type: string, zone: string): bigint {
  return type === 'timestamptz' ? (moment.instant ?? toInstant(moment.local, zone)) : moment.local;
}
