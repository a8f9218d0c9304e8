import { Cron } from 'croner';
import { AppError } from '../base/errors.ts';
import type { BlackoutWindow, ScheduleTiming } from './schedule.ts';
import { WEEKDAYS } from './time.ts';
import type { WorkingDays } from './working-days.ts';
import { dayOf, startOfDay, type Zone, zoneOf } from './zone.ts';

/** Gives the first instant after `afterMs`; null where there is none. */
export type NextInstant = (afterMs: number) => number | null;

const MINUTE_MS = 60_000;
/** A schedule that finds no day in so many years never comes. */
const MAX_DAYS = 366 * 8;
/** Days off in a row that a shift looks over. */
const MAX_OFF = 60;

function refuse(field: string, why: string, cause?: unknown): never {
  throw new AppError('request.invalid', `/${field} ${why}`, { pointer: `/${field}`, cause });
}

function zoneFor(name: string, field: string): Zone {
  try {
    return zoneOf(name);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    refuse(field, 'must be an IANA time zone, such as Europe/Rome', error);
  }
}

function cronOf(text: string, timezone: string): Cron {
  if (!/^\S+(?:\s+\S+){4,5}$/.test(text.trim()))
    refuse('cron', 'must have 5 fields, or 6 with seconds in front');
  try {
    return new Cron(text.trim(), { timezone, paused: true, mode: '5-or-6-parts' });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    refuse('cron', error.message.replace(/^CronPattern: /, 'is not valid: '), error);
  }
}

/** The hours are named: the expression means times of the day, not steps of time. */
function namesHours(text: string): boolean {
  const hours = text.trim().split(/\s+/).at(-4) ?? '*';
  return !/[*?/]/.test(hours);
}

/**
 * Instants of a cron expression. Where it names its hours, they are times of the wall clock: one that does not exist comes at the next
 * valid instant, one that exists twice comes once, the first time. Where it does not (every ten minutes), time goes on through the change.
 */
function cronInstants(text: string, timezone: string, zone: Zone): NextInstant {
  if (!namesHours(text)) {
    const cron = cronOf(text, timezone);
    return (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() ?? null;
  }
  const wallCron = cronOf(text, 'UTC');
  return (afterMs) => {
    let wall = wallCron.nextRun(new Date(zone.wallOf(afterMs)));
    while (wall) {
      const instant = zone.instantOf(wall.getTime());
      if (instant > afterMs) return instant;
      wall = wallCron.nextRun(wall);
    }
    return null;
  };
}

/** Leaves out the days that do not fit, a day at a step. */
function filtered(next: NextInstant, zone: Zone, fits: (day: number) => boolean): NextInstant {
  return (afterMs) => {
    let after = afterMs;
    for (let i = 0; i < MAX_DAYS; i++) {
      const instant = next(after);
      if (instant === null) return null;
      const day = dayOf(zone.wallOf(instant));
      if (fits(day)) return instant;
      after = Math.max(instant, zone.instantOf(startOfDay(day + 1)) - 1);
    }
    return null;
  };
}

/** Moves the times of days off to the next working day, or the one before. */
function shifted(text: string, zone: Zone, days: WorkingDays, direction: 'next' | 'previous'): NextInstant {
  const cron = cronOf(text, 'UTC');
  const timesOf = (day: number): number[] => {
    const times: number[] = [];
    let wall = cron.nextRun(new Date(startOfDay(day) - 1));
    while (wall && dayOf(wall.getTime()) === day) {
      times.push(wall.getTime() - startOfDay(day));
      wall = cron.nextRun(wall);
    }
    return times;
  };
  const step = direction === 'next' ? -1 : 1;
  const instantsOn = (day: number): number[] => {
    const times = new Set(timesOf(day));
    for (let off = day + step, i = 0; i < MAX_OFF && !days.isWorking(off); off += step, i++)
      for (const time of timesOf(off)) times.add(time);
    return [...times].map((time) => zone.instantOf(startOfDay(day) + time)).sort((a, b) => a - b);
  };
  return (afterMs) => {
    const first = dayOf(zone.wallOf(afterMs));
    for (let day = first; day < first + MAX_DAYS; day++) {
      if (!days.isWorking(day)) continue;
      const found = instantsOn(day).find((instant) => instant > afterMs);
      if (found !== undefined) return found;
    }
    return null;
  };
}

type Blackout = Pick<ScheduleTiming, 'timezone' | 'blackout'>;

const minutesOf = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

/** The end of the window that the instant is in; undefined where it is in none. */
function windowEnd({ days, from, to, timezone }: BlackoutWindow, scheduleZone: Zone, at: string) {
  const zone = timezone === undefined ? scheduleZone : zoneFor(timezone, `${at}/timezone`);
  const [start, end] = [minutesOf(from), minutesOf(to)];
  if (start === end) refuse(`${at}/to`, 'must differ from /from');
  const onDays = new Set((days ?? WEEKDAYS).map((name) => WEEKDAYS.indexOf(name)));
  const length = end > start ? end : end + 24 * 60;
  return (instant: number): number | undefined => {
    const wall = zone.wallOf(instant);
    for (const day of [dayOf(wall), dayOf(wall) - 1]) {
      if (!onDays.has((((day + 3) % 7) + 7) % 7)) continue;
      const opens = zone.instantOf(startOfDay(day) + start * MINUTE_MS);
      const closes = zone.instantOf(startOfDay(day) + length * MINUTE_MS);
      if (instant >= opens && instant < closes) return closes;
    }
    return undefined;
  };
}

/** Windows one after another must end some time. */
const MAX_WINDOWS = 100;

/** The instant itself, or where the blackout windows that it is in are over; null where they never are. */
export function leaveBlackout({ timezone = 'UTC', blackout = [] }: Blackout, instant: number): number | null {
  const zone = zoneFor(timezone, 'timezone');
  const windows = blackout.map((window, i) => windowEnd(window, zone, `blackout/${i}`));
  return leave(windows, instant);
}

function leave(
  windows: readonly ((instant: number) => number | undefined)[],
  instant: number,
): number | null {
  let at = instant;
  for (let i = 0; i < MAX_WINDOWS; i++) {
    const end = windows.map((window) => window(at)).find((found) => found !== undefined);
    if (end === undefined) return at;
    at = end;
  }
  return null;
}

/** When a schedule comes, jitter apart. Throws `request.invalid` that names the field at fault. */
export function nextInstantOf(timing: ScheduleTiming, days: WorkingDays): NextInstant {
  const { cron, timezone = 'UTC', onHoliday = 'run', onlyOn, blackout = [] } = timing;
  const zone = zoneFor(timezone, 'timezone');
  const isShifting = onHoliday === 'next' || onHoliday === 'previous';
  if (isShifting && !namesHours(cron)) refuse('onHoliday', 'can move only times whose hours the cron names');
  if (isShifting && onlyOn) refuse('onlyOn', `does not go together with onHoliday ${onHoliday}`);
  let next = isShifting ? shifted(cron, zone, days, onHoliday) : cronInstants(cron, timezone, zone);
  if (onlyOn === 'firstWorkingDay') next = filtered(next, zone, days.isFirstOfMonth);
  else if (onlyOn === 'lastWorkingDay') next = filtered(next, zone, days.isLastOfMonth);
  else if (onHoliday === 'skip') next = filtered(next, zone, days.isWorking);
  const windows = blackout.map((window, i) => windowEnd(window, zone, `blackout/${i}`));
  return (afterMs) => {
    const instant = next(afterMs);
    return instant === null ? null : leave(windows, instant);
  };
}

/** At most `count` instants after `afterMs`. */
export function instantsAfter(next: NextInstant, afterMs: number, count: number): number[] {
  const found: number[] = [];
  for (let at = next(afterMs); at !== null && found.length < count; at = next(at)) found.push(at);
  return found;
}
