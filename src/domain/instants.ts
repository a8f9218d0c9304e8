import { Cron } from 'croner';
import { AppError } from '../base/errors.ts';
import type { BlackoutWindow, ScheduleTiming } from './schedule.ts';
import { WEEKDAYS } from './time.ts';
import type { WorkingDays } from './working-days.ts';
import { dayOf, startOfDay, type Zone, zoneOf } from './zone.ts';

/**
 * Gives the first instant after `afterMs`; null where there is none. A time that a blackout window puts off comes at the window's end, asked
 * for before or inside of the window; not so one that was at `doneMs` or before.
 */
export type NextInstant = (afterMs: number, doneMs?: number) => number | null;

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
    // croner 11 takes three times as long by the name of a zone as by a fixed offset.
    const clock = timezone === 'UTC' ? { utcOffset: 0 } : { timezone };
    return new Cron(text.trim(), { ...clock, paused: true, mode: '5-or-6-parts' });
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

/** The days of a cron expression, whatever its times. Gives the first at or after a day; null where there is none. */
function daysOf(text: string): (day: number) => number | null {
  const cron = cronOf(`0 0 ${text.trim().split(/\s+/).slice(-3).join(' ')}`, 'UTC');
  let [from, found]: [number, number | null] = [Number.NaN, null];
  return (day) => {
    if (day >= from && (found === null || day <= found)) return found;
    const wall = cron.nextRun(new Date(startOfDay(day) - 1));
    [from, found] = [day, wall && dayOf(wall.getTime())];
    return found;
  };
}

/** Moves the times of days off to the next working day, or the one before. */
function shifted(text: string, zone: Zone, days: WorkingDays, direction: 'next' | 'previous'): NextInstant {
  const fromDay = daysOf(text);
  // Every day of the expression has the same times, so that moved ones fall together with a day's own.
  const times = cronOf(`${text.trim().split(/\s+/).slice(0, -3).join(' ')} * * *`, 'UTC');
  const [back, ahead] = direction === 'next' ? [MAX_OFF, 0] : [0, MAX_OFF];
  /** The last day of those off in a row, in the direction of `step`. */
  const edge = (day: number, step: 1 | -1, most: number) => {
    let last = day;
    for (let i = 0; i < most && !days.isWorking(last + step); i++) last += step;
    return last;
  };
  const firstOn = (day: number, afterMs: number): number | null => {
    let wall = times.nextRun(new Date(Math.max(startOfDay(day) - 1, zone.wallOf(afterMs))));
    while (wall && dayOf(wall.getTime()) === day) {
      const instant = zone.instantOf(wall.getTime());
      if (instant > afterMs) return instant;
      wall = times.nextRun(wall);
    }
    return null;
  };
  return (afterMs) => {
    const first = dayOf(zone.wallOf(afterMs));
    for (let day = first; day < first + MAX_DAYS; day++) {
      if (!days.isWorking(day)) continue;
      const come = fromDay(edge(day, -1, back));
      if (come === null) return null;
      if (come > edge(day, 1, ahead)) continue;
      const found = firstOn(day, afterMs);
      if (found !== null) return found;
    }
    return null;
  };
}

type Blackout = Pick<ScheduleTiming, 'timezone' | 'blackout'>;

const minutesOf = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

interface Span {
  opens: number;
  /** Not a part of it. */
  closes: number;
}
type Window = (instant: number) => Span | undefined;

/** The window that an instant is in. */
function windowOf({ days, from, to, timezone }: BlackoutWindow, scheduleZone: Zone, at: string): Window {
  const zone = timezone === undefined ? scheduleZone : zoneFor(timezone, `${at}/timezone`);
  const [start, end] = [minutesOf(from), minutesOf(to)];
  if (start === end) refuse(`${at}/to`, 'must differ from /from');
  const onDays = new Set((days ?? WEEKDAYS).map((name) => WEEKDAYS.indexOf(name)));
  const length = end > start ? end : end + 24 * 60;
  return (instant) => {
    const wall = zone.wallOf(instant);
    for (const day of [dayOf(wall), dayOf(wall) - 1]) {
      if (!onDays.has((((day + 3) % 7) + 7) % 7)) continue;
      const opens = zone.instantOf(startOfDay(day) + start * MINUTE_MS);
      const closes = zone.instantOf(startOfDay(day) + length * MINUTE_MS);
      if (instant >= opens && instant < closes) return { opens, closes };
    }
    return undefined;
  };
}

const windowsOf = (blackout: readonly BlackoutWindow[], zone: Zone) =>
  blackout.map((window, i) => windowOf(window, zone, `blackout/${i}`));

/** Windows one after another must end some time. */
const MAX_WINDOWS = 100;

/** Where one is after leaving window after window, as `step` leads; null where that never ends. */
function through(windows: readonly Window[], instant: number, step: (span: Span) => number): number | null {
  let at = instant;
  for (let i = 0; i < MAX_WINDOWS; i++) {
    const span = windows.map((window) => window(at)).find((found) => found !== undefined);
    if (span === undefined) return at;
    at = step(span);
  }
  return null;
}

const leave = (windows: readonly Window[], instant: number) =>
  through(windows, instant, ({ closes }) => closes);

/** The last instant before the windows that the instant is in; itself where it is in none. */
const before = (windows: readonly Window[], instant: number) =>
  through(windows, instant, ({ opens }) => opens - 1) ?? instant;

/** The instant itself, or where the blackout windows that it is in are over; null where they never are. */
export function leaveBlackout({ timezone = 'UTC', blackout = [] }: Blackout, instant: number): number | null {
  return leave(windowsOf(blackout, zoneFor(timezone, 'timezone')), instant);
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
  const windows = windowsOf(blackout, zone);
  return (afterMs, doneMs = Number.NEGATIVE_INFINITY) => {
    const instant = next(Math.max(before(windows, afterMs), Math.min(doneMs, afterMs)));
    return instant === null ? null : leave(windows, instant);
  };
}

/** At most `count` instants after `afterMs`. */
export function instantsAfter(next: NextInstant, afterMs: number, count: number): number[] {
  const found: number[] = [];
  for (let at = next(afterMs); at !== null && found.length < count; at = next(at)) found.push(at);
  return found;
}
