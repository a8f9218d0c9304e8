import Type from 'typebox';
import { CODES } from '../../../base/errors.ts';
import { CalendarInput } from '../../../domain/calendar.ts';
import { Column, ColumnType } from '../../../domain/column.ts';
import { RUN_LOG_LEVELS, RUN_STATES, RUN_TRIGGERS } from '../../../domain/run.ts';
import { BlackoutWindow, ScheduleInput } from '../../../domain/schedule.ts';
import { DRIFT_POLICIES, SyncTaskInput } from '../../../domain/sync-task.ts';
import { AnyObject, Count, closed, orNull, Rows, TextOrNull, Texts, Time, TimeOrNull } from './parts.ts';

const State = Type.Enum([...RUN_STATES]);

export const Progress = Type.Object(
  { phase: TextOrNull, rows: orNull(Count), bytes: orNull(Count), expectedRows: orNull(Count) },
  closed,
);

export const RunFault = Type.Object(
  {
    code: Type.Enum(Object.keys(CODES)),
    detail: Type.String(),
    pointer: Type.Optional(Type.String()),
    params: Type.Optional(AnyObject),
    step: TextOrNull,
  },
  closed,
);

const SHORT = {
  id: Type.String(),
  kind: Type.String(),
  subjectId: TextOrNull,
  state: State,
  attempt: Type.Integer({ description: 'How often it was started' }),
  availableAt: Time,
  startedAt: TimeOrNull,
  endedAt: TimeOrNull,
  claimedBy: orNull(Type.String({ description: 'The process that runs or ran it' })),
  fault: orNull(RunFault),
};
const ShortRun = Type.Object(SHORT, closed);

export const Run = Type.Object(
  {
    ...SHORT,
    trigger: Type.Enum([...RUN_TRIGGERS]),
    fireId: TextOrNull,
    input: AnyObject,
    progress: Progress,
    result: orNull(AnyObject),
    abortRequested: Type.Boolean(),
    createdAt: Time,
    createdBy: TextOrNull,
    estimatedEndAt: TimeOrNull,
    warnings: Type.Array(Type.String(), { description: 'Why it may not start' }),
  },
  closed,
);

export const RunLogLine = Type.Object(
  {
    line: Type.Integer(),
    at: Time,
    level: Type.Enum([...RUN_LOG_LEVELS]),
    text: Type.String(),
    facts: orNull(AnyObject),
  },
  closed,
);

export const StartedRun = Type.Object({ runId: Type.String() }, closed);

const { name, job, cron } = ScheduleInput.properties;
const Instants = Type.Array(Time);

export const Schedule = Type.Object(
  {
    id: Type.String(),
    name,
    job,
    cron,
    timezone: Type.String(),
    calendar: TextOrNull,
    onHoliday: Type.Enum(['run', 'skip', 'next', 'previous']),
    onlyOn: orNull(Type.Enum(['firstWorkingDay', 'lastWorkingDay'])),
    blackout: Type.Array(BlackoutWindow),
    catchUp: Type.Enum(['skip', 'latest', 'all']),
    jitterS: Type.Integer(),
    enabled: Type.Boolean(),
    version: Type.Integer(),
    nextAt: orNull(Type.String({ description: 'Null where it is paused or never comes' })),
    lastInstant: TimeOrNull,
    createdAt: Time,
    createdBy: TextOrNull,
    updatedAt: Time,
    next: Type.Array(Time, { description: 'The next ten instants, without jitter' }),
    warnings: Type.Array(Type.String(), { description: 'Why it may not start anything' }),
  },
  closed,
);

export const NextInstants = Type.Object({ next: Instants }, closed);

export const Fire = Type.Object(
  {
    id: Type.String(),
    scheduleId: Type.String(),
    instant: Time,
    outcome: Type.Enum(['run', 'skipped']),
    reason: TextOrNull,
    count: Type.Integer({ description: 'How many instants it stands for' }),
    runId: TextOrNull,
    firedAt: Time,
  },
  closed,
);

const { name: _name, ...CALENDAR } = Type.Required(CalendarInput).properties;

export const Calendar = Type.Object(
  { id: Type.String(), name, ...CALENDAR, version: Type.Integer(), createdAt: Time, updatedAt: Time },
  closed,
);

export const ImportedHolidays = Type.Object(
  {
    calendar: Calendar,
    imported: Count,
    ignored: Type.Array(Type.Object({ line: Type.Integer(), why: Type.String() }, closed), {
      description: 'Lines that are no holidays, at most 100',
    }),
  },
  closed,
);

export const SyncedColumn = Type.Object(
  {
    name: Type.String(),
    source: Type.String(),
    type: ColumnType,
    precision: Type.Optional(Type.Integer()),
    scale: Type.Optional(Type.Integer()),
  },
  closed,
);

export const Checkpoint = Type.Object(
  {
    generation: Type.Integer(),
    cursor: TextOrNull,
    schema: Type.Array(SyncedColumn),
    newColumns: Type.Optional(Type.Object({ cursor: TextOrNull, names: Texts }, closed)),
    mark: Type.Optional(Type.Unknown({ description: 'What the source itself remembers' })),
  },
  closed,
);

export const SyncTask = Type.Object(
  {
    ...SyncTaskInput.properties,
    id: Type.String(),
    description: Type.String(),
    drift: Type.Enum([...DRIFT_POLICIES]),
    datasetId: orNull(Type.String({ description: 'Null until the first run has made the dataset' })),
    checkpoint: orNull(Checkpoint),
    version: Type.Integer(),
    createdAt: Time,
    createdBy: TextOrNull,
    updatedAt: Time,
  },
  closed,
);

export const DryRun = Type.Object(
  {
    columns: Type.Array(SyncedColumn),
    absent: Type.Array(Type.String(), { description: 'Columns of the dataset that the source lacks' }),
    drift: Type.Object(
      {
        added: Texts,
        dropped: Texts,
        changed: Type.Array(
          Type.Object({ name: Type.String(), from: Type.String(), to: Type.String() }, closed),
        ),
      },
      closed,
    ),
    estimatedRows: orNull(Type.Number()),
    cursor: orNull(Type.String({ description: 'Where an incremental run would go on; null for everything' })),
    sample: Type.Object({ columns: Type.Array(Column), rows: Rows }, closed),
  },
  closed,
);

const ScheduledJob = Type.Object(
  {
    id: Type.String(),
    name,
    enabled: Type.Boolean(),
    job,
    nextAt: TimeOrNull,
    next: Instants,
    lastInstant: TimeOrNull,
    lastFire: orNull(Fire),
  },
  closed,
);

export const SchedulerState = Type.Object(
  {
    leader: TextOrNull,
    isAlive: Type.Boolean(),
    role: Type.Enum(['leader', 'standby', 'web']),
    token: orNull(Type.Integer()),
    leaseAgeS: orNull(Type.Number()),
    leaderSince: TimeOrNull,
    kinds: Type.Array(Type.String(), { description: 'Kinds of jobs that this version can run' }),
    schedules: Type.Array(ScheduledJob),
    running: Type.Array(ShortRun),
    stuck: Type.Array(ShortRun),
    failed: Type.Array(ShortRun),
    truncated: Type.Array(Type.String(), { description: 'Lists that have more than is shown' }),
  },
  closed,
);
