import { AppError } from '../base/errors.ts';
import type { Range, Weekday } from '../domain/time.ts';
import { isoText, parseMoment } from './moment.ts';
import { addUnits, startOfUnit } from './periods.ts';
import { presetRange } from './presets.ts';

export interface Clock {
  timezone: string;
  weekStart: Weekday;
  nowMs: number;
}

/**
 * A half-open interval of local wall-clock time: `YYYY-MM-DD` (its midnight) or a date with a time, or an explicit `from`/`to` as it was given.
 * `instants` (ISO, UTC) are there for units below a day, whose local times may come twice.
 */
export interface ResolvedRange {
  from?: string;
  to?: string;
  instants?: { from: string; to: string };
}

type Explicit = Extract<Range, { from?: string }>;
type Last = Extract<Range, { last: unknown }>;
type Period = Extract<Range, { period: unknown }>;
type SubDayUnit = 'second' | 'minute' | 'hour';

/** Years that a resolved range may reach: those that four digits spell. */
const FIRST_YEAR = 1;
const LAST_YEAR = 9999;

/**
 * What a range means at one clock reading. `last` counts complete units before the current one, or with `includeCurrent` exactly n up to
 * and with the current one. `toDate` ends with today (or with the same place in the other period); `end` is the last day of the period;
 * `shiftYears` resolves the range as seen from the same date that many years away.
 * Throws `request.invalid`, and `query.not_built` for working days.
 */
export function resolveRange(range: Range, clock: Clock, pointer: string): ResolvedRange {
  if ('preset' in range) return resolveRange(presetRange(range.preset, `${pointer}/preset`), clock, pointer);
  if ('last' in range) return resolveLast(range, clock, pointer);
  if ('period' in range) return resolvePeriod(range, clock, pointer);
  return resolveExplicit(range, pointer);
}

function resolveExplicit({ from, to }: Explicit, pointer: string): ResolvedRange {
  for (const [key, text] of Object.entries({ from, to }))
    if (text !== undefined && !parseMoment(text))
      throw new AppError('request.invalid', `${key} must be an ISO date or time`, {
        pointer: `${pointer}/${key}`,
      });
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

export const todayOf = ({ nowMs, timezone }: Clock): Temporal.PlainDate =>
  nowOf({ nowMs, timezone }).toPlainDate();

const nowOf = ({ nowMs, timezone }: Pick<Clock, 'nowMs' | 'timezone'>) =>
  Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timezone);

function resolveLast(
  { last: { n, unit }, includeCurrent }: Last,
  clock: Clock,
  pointer: string,
): ResolvedRange {
  if (unit === 'second' || unit === 'minute' || unit === 'hour')
    return lastInstants(n, unit, includeCurrent === true, clock);
  const current = startOfUnit(unit, todayOf(clock), clock.weekStart);
  return days(pointer, () => {
    const to = includeCurrent ? addUnits(current, unit, 1) : current;
    return [addUnits(to, unit, -n), to];
  });
}

/** Elapsed time, not wall-clock time, so that the hours of a day that daylight saving changes count as they passed. */
function lastInstants(n: number, unit: SubDayUnit, includeCurrent: boolean, clock: Clock): ResolvedRange {
  const now = nowOf(clock);
  const local = now.toPlainDateTime();
  const cut = local.since(local.round({ smallestUnit: unit, roundingMode: 'trunc' }));
  const current = now.toInstant().subtract(cut);
  const step = { [`${unit}s`]: 1 };
  const to = includeCurrent ? current.add(step) : current;
  const from = to.subtract({ [`${unit}s`]: n });
  const text = (at: Temporal.Instant) => isoText(at.toZonedDateTimeISO(clock.timezone).toPlainDateTime());
  return { from: text(from), to: text(to), instants: { from: isoText(from), to: isoText(to) } };
}

function resolvePeriod(range: Period, clock: Clock, pointer: string): ResolvedRange {
  refuseWorkingDays(range, pointer);
  const { period, offset = 0, span = 'full', shiftYears = 0 } = range;
  return days(pointer, () => {
    const asOf = todayOf(clock).add({ years: shiftYears });
    const start = addUnits(startOfUnit(period, asOf, clock.weekStart), period, offset);
    const next = addUnits(start, period, 1);
    if (span === 'end') return [next.subtract({ days: 1 }), next];
    if (span === 'full') return [start, next];
    return [start, addUnits(asOf, period, offset).add({ days: 1 })];
  });
}

function refuseWorkingDays({ asOf, workingDays, holidays }: Period, pointer: string): void {
  const key =
    asOf === 'lastWorkingDay' ? 'asOf' : workingDays ? 'workingDays' : holidays ? 'holidays' : undefined;
  if (key)
    throw new AppError('query.not_built', 'Working days are not built yet', { pointer: `${pointer}/${key}` });
}

function days(pointer: string, resolve: () => [Temporal.PlainDate, Temporal.PlainDate]): ResolvedRange {
  const outside = (cause?: unknown) =>
    new AppError('request.invalid', `The range leaves the years ${FIRST_YEAR} to ${LAST_YEAR}`, {
      pointer,
      cause,
    });
  try {
    const [from, to] = resolve();
    if (from.year < FIRST_YEAR || to.year > LAST_YEAR) throw outside();
    return { from: isoText(from), to: isoText(to) };
  } catch (error) {
    if (error instanceof RangeError) throw outside(error);
    throw error;
  }
}
