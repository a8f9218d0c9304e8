import Type, { type Static } from 'typebox';
import { Name } from './name.ts';
import { Weekday } from './time.ts';

const closed = { additionalProperties: false } as const;
const Zone = Type.String({ minLength: 1, maxLength: 100 });
const TimeOfDay = Type.String({ pattern: '^(?:[01]\\d|2[0-3]):[0-5]\\d$' });

/** Times in which nothing starts; one that ends before it begins goes on over midnight. A time inside runs at its end, once. */
export const BlackoutWindow = Type.Object(
  {
    days: Type.Optional(Type.Array(Weekday, { minItems: 1, maxItems: 7, uniqueItems: true })),
    from: TimeOfDay,
    to: TimeOfDay,
    timezone: Type.Optional(Zone),
  },
  closed,
);
export type BlackoutWindow = Static<typeof BlackoutWindow>;

/** When something is to be done. */
const When = {
  /** Minute, hour, day, month, weekday; a sixth field in front is the second. */
  cron: Type.String({ minLength: 1, maxLength: 200 }),
  timezone: Type.Optional(Zone),
  calendar: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  /** On a day that is not worked on: run all the same, not at all, or at the same time of the next or previous working day. */
  onHoliday: Type.Optional(Type.Enum(['run', 'skip', 'next', 'previous'])),
  /** Of the days of the cron expression, only the month's first or last working day. */
  onlyOn: Type.Optional(Type.Enum(['firstWorkingDay', 'lastWorkingDay'])),
  blackout: Type.Optional(Type.Array(BlackoutWindow, { maxItems: 20 })),
};

export const ScheduleTiming = Type.Object(When, closed);
export type ScheduleTiming = Static<typeof ScheduleTiming>;

const Fields = {
  ...When,
  name: Name,
  /** What is done: `kind` and what that kind asks for. */
  job: Type.Unsafe<{ kind: string; [field: string]: unknown }>(
    Type.Object({ kind: Type.String({ minLength: 1, maxLength: 100 }) }, { additionalProperties: true }),
  ),
  /** Times that passed while nothing ran: none of them, the last one, or all. */
  catchUp: Type.Optional(Type.Enum(['skip', 'latest', 'all'])),
  /** Up to so many seconds later, so that schedules of one time do not start together. */
  jitterS: Type.Optional(Type.Integer({ minimum: 0, maximum: 3600 })),
  enabled: Type.Optional(Type.Boolean()),
};

export const ScheduleInput = Type.Object(Fields, closed);
export type ScheduleInput = Static<typeof ScheduleInput>;

/** Fields that are not named stay; null takes a field away that may be left out. */
export const SchedulePatch = Type.Object(
  Object.fromEntries(
    Object.entries(Fields).map(([field, schema]) => [
      field,
      Type.Optional(field === 'calendar' || field === 'onlyOn' ? Type.Union([schema, Type.Null()]) : schema),
    ]),
  ),
  { ...closed, minProperties: 1 },
);
export type SchedulePatch = { [F in keyof ScheduleInput]?: ScheduleInput[F] | null | undefined };

/** A schedule with every choice made. */
export interface ScheduleDefinition extends Required<Omit<ScheduleInput, 'calendar' | 'onlyOn' | 'enabled'>> {
  calendar: string | null;
  onlyOn: 'firstWorkingDay' | 'lastWorkingDay' | null;
}

export interface Schedule extends ScheduleDefinition {
  id: string;
  enabled: boolean;
  version: number;
  /** Null when it is paused or never comes. */
  nextAt: string | null;
  lastInstant: string | null;
  createdAt: string;
  createdBy: string | null;
  updatedAt: string;
}

/** What became of an instant of a schedule. */
export interface Fire {
  id: string;
  scheduleId: string;
  instant: string;
  outcome: 'run' | 'skipped';
  reason: string | null;
  /** How many instants it stands for. */
  count: number;
  runId: string | null;
  firedAt: string;
}
