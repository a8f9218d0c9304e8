import { iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { PLAIN_CALENDAR } from '../domain/calendar.ts';
import { type NextInstant, nextInstantOf } from '../domain/instants.ts';
import type { ScheduleDefinition, ScheduleTiming } from '../domain/schedule.ts';
import { workingDays } from '../domain/working-days.ts';
import type { Nouns } from '../store/store.ts';

/** Where a schedule stands in time. */
export interface Place {
  nextAt: string | null;
  nextInstant: string | null;
}

/** The timing of a schedule, as `nextInstantOf` takes it. */
export function timingOf(definition: ScheduleDefinition): ScheduleTiming {
  const { cron, timezone, onHoliday, blackout, calendar, onlyOn } = definition;
  return {
    ...{ cron, timezone, onHoliday, blackout },
    ...(calendar === null ? {} : { calendar }),
    ...(onlyOn === null ? {} : { onlyOn }),
  };
}

/** When it comes, by the calendar in force. Throws `request.invalid`, and `resource.notFound` where it names a calendar that is not there. */
export async function planOf(timing: ScheduleTiming, nouns: Pick<Nouns, 'calendars'>): Promise<NextInstant> {
  const { calendar } = timing;
  const found =
    calendar === undefined ? await nouns.calendars.default() : await nouns.calendars.find(calendar);
  if (calendar !== undefined && !found)
    throw new AppError('resource.notFound', `There is no calendar ${JSON.stringify(calendar)}`, {
      pointer: '/calendar',
      params: { calendar },
    });
  return nextInstantOf(timing, workingDays(found ?? PLAIN_CALENDAR));
}

/** The same for the same instant in every process, so that a leader that takes over waits no second time. */
function jitterMs(scheduleId: string, instantMs: number, jitterS: number): number {
  if (jitterS === 0) return 0;
  return Number(Bun.hash(`${scheduleId} ${instantMs}`) % BigInt(jitterS * 1000 + 1));
}

export function placeAt(id: string, { jitterS }: ScheduleDefinition, instantMs: number | null): Place {
  if (instantMs === null) return { nextAt: null, nextInstant: null };
  return { nextAt: iso(instantMs + jitterMs(id, instantMs, jitterS)), nextInstant: iso(instantMs) };
}
