import type { Code } from '../../../base/errors.ts';
import {
  Calendar,
  DryRun,
  Fire,
  ImportedHolidays,
  NextInstants,
  Run,
  RunLogLine,
  Schedule,
  SchedulerState,
  StartedRun,
  SyncTask,
} from '../answers/jobs.ts';
import { accepted, created, done, json, type OperationDocs, ok, page } from '../operation.ts';
import { OUTBOUND_CODES, SOURCE_CODES } from './datasources.ts';

const READ_CODES: readonly Code[] = [
  ...SOURCE_CODES,
  'query.refused',
  'query.syntax',
  'query.field',
  'query.failed',
  'query.timeout',
  ...OUTBOUND_CODES,
  'source.http',
  'source.auth',
  'source.format',
  'source.paging',
  'source.template',
  'source.folder',
  'secret.missing',
  'dataset.badFile',
  'sync.value',
  'sync.drift',
  'limit.bytes',
];
const TASK_CODES: readonly Code[] = [
  ...READ_CODES,
  'resource.notFound',
  'resource.conflict',
  'dataset.owned',
];

const SYNC: OperationDocs = {
  'GET /sync-tasks': { id: 'listSyncTasks', description: 'In order of creation.', answers: page(SyncTask) },
  'GET /sync-tasks/:task': {
    id: 'getSyncTask',
    description: 'With its checkpoint: up to where the dataset is.',
    answers: ok(SyncTask),
  },
  'POST /sync-tasks': {
    id: 'createSyncTask',
    description:
      'From a table or SELECT of a datasource, an HTTP API, a file at a URL, or a watched folder. The source is asked whether it has what the task names. The first run makes the dataset.',
    answers: created(SyncTask),
    codes: TASK_CODES,
    bodies: {
      table: {
        name: 'customers nightly',
        source: { kind: 'table', datasource: 'shop', table: 'public.customers' },
        dataset: 'customers',
        mode: 'snapshot',
      },
    },
  },
  'PATCH /sync-tasks/:task': {
    id: 'updateSyncTask',
    description:
      'Null takes an optional field away. What decides rows and columns (source, mode, cursor, key, columns, deletes) starts over with the next run.',
    answers: ok(SyncTask),
    codes: TASK_CODES,
    bodies: { describe: { description: 'All customers of the shop' } },
  },
  'DELETE /sync-tasks/:task': {
    id: 'deleteSyncTask',
    description: 'Ends its runs. The dataset stays, unless `dataset=true`.',
    answers: done,
    codes: ['resource.conflict'],
  },
  'DELETE /sync-tasks/:task/checkpoint': {
    id: 'resetSyncTask',
    description: 'The next run makes the dataset from the start.',
    answers: ok(SyncTask),
    codes: ['resource.conflict'],
  },
  'POST /sync-tasks/:task/run': {
    id: 'startSyncTask',
    description: 'The next increment; with `backfill` a range of the cursor, with `full` everything.',
    answers: accepted(Run),
    codes: ['resource.conflict'],
    bodies: { next: {}, full: { full: true } },
    links: { getRun: 'run', getRunLog: 'run', abortRun: 'run' },
  },
  'POST /sync-tasks/:task/dry-run': {
    id: 'dryRunSyncTask',
    description: 'Columns, drift and a few rows; nothing is written.',
    answers: ok(DryRun),
    codes: READ_CODES,
  },
  'GET /sync-tasks/:task/runs': {
    id: 'listSyncTaskRuns',
    description: 'The newest first.',
    answers: page(Run),
    query: { limit: 10 },
  },
};

const RUNS: OperationDocs = {
  'GET /runs': {
    id: 'listRuns',
    description: 'The newest first; by kind, state and subject.',
    answers: page(Run),
    query: { kind: 'sync', limit: 10 },
  },
  'GET /runs/:run': { id: 'getRun', description: 'By its id.', answers: ok(Run) },
  'GET /runs/:run/log': {
    id: 'getRunLog',
    description: 'In the order in which it was written.',
    answers: page(RunLogLine),
  },
  'POST /runs/:run/abort': {
    id: 'abortRun',
    description:
      'A run that waits ends at once; one that runs ends within a second. 409 for one that has ended.',
    answers: { ...ok(Run, 'It has ended'), 202: json(Run, 'It is about to end') },
    codes: ['resource.conflict'],
  },
};

const SCHEDULE = {
  name: 'customers every night',
  cron: '30 2 * * *',
  timezone: 'Europe/Rome',
  job: { kind: 'sync', task: 'customers nightly' },
};

const SCHEDULES: OperationDocs = {
  'GET /schedules': {
    id: 'listSchedules',
    description: 'With their next ten instants.',
    answers: page(Schedule),
  },
  'GET /schedules/:schedule': {
    id: 'getSchedule',
    description: 'With its next ten instants.',
    answers: ok(Schedule),
  },
  'GET /schedules/:schedule/fires': {
    id: 'listScheduleFires',
    description: 'Each instant that came: the run that it started, or why it was skipped.',
    answers: page(Fire),
  },
  'POST /schedules/preview': {
    id: 'previewSchedule',
    description: 'To show a timing before it is saved.',
    answers: ok(NextInstants),
    codes: ['resource.notFound'],
    bodies: { weekdays: { cron: '0 7 * * 1-5', timezone: 'Europe/Rome' } },
  },
  'GET /admin/scheduler/jobs': {
    id: 'getSchedulerState',
    description: 'At most 100 of each list.',
    answers: ok(SchedulerState),
  },
  'POST /schedules': {
    id: 'createSchedule',
    description: 'Five fields of cron, or six with seconds in front, in the time zone.',
    answers: created(Schedule),
    codes: ['resource.notFound', 'resource.conflict'],
    bodies: { nightly: SCHEDULE },
  },
  'PATCH /schedules/:schedule': {
    id: 'updateSchedule',
    description: '`enabled: false` pauses it.',
    answers: ok(Schedule),
    codes: ['resource.conflict'],
    bodies: { pause: { enabled: false } },
  },
  'DELETE /schedules/:schedule': {
    id: 'deleteSchedule',
    description: 'Runs that it started go on.',
    answers: done,
    codes: ['resource.conflict'],
  },
  'POST /schedules/:schedule/run': {
    id: 'startSchedule',
    description: 'Besides its times, which stay as they are.',
    answers: accepted(StartedRun),
    codes: ['resource.conflict'],
  },
};

const CALENDARS: OperationDocs = {
  'GET /calendars': { id: 'listCalendars', description: 'In order of creation.', answers: page(Calendar) },
  'GET /calendars/:calendar': { id: 'getCalendar', description: 'With its holidays.', answers: ok(Calendar) },
  'POST /calendars': {
    id: 'createCalendar',
    description: 'Without `weekend` it is Saturday and Sunday.',
    answers: created(Calendar),
    codes: ['resource.conflict'],
    bodies: {
      italy: {
        name: 'Italy',
        holidays: [
          { name: 'New Year', month: 1, day: 1 },
          { name: 'Easter Monday', easter: 1 },
        ],
      },
    },
  },
  'PATCH /calendars/:calendar': {
    id: 'updateCalendar',
    description: 'Lists are replaced whole. Schedules follow at once.',
    answers: ok(Calendar),
    codes: ['resource.conflict'],
    bodies: { weekStart: { weekStart: 'sunday' } },
  },
  'POST /calendars/:calendar/import': {
    id: 'importHolidays',
    description: 'From CSV (`date,name`) or iCalendar; with `replace` in place of those that are there.',
    answers: ok(ImportedHolidays),
    codes: ['resource.conflict'],
    bodies: { csv: { format: 'csv', text: 'date,name\n2025-06-02,Republic Day\n' } },
  },
  'DELETE /calendars/:calendar': {
    id: 'deleteCalendar',
    description: 'Refused while a schedule names it.',
    answers: done,
    codes: ['resource.conflict'],
  },
  'GET /live': {
    id: 'openLive',
    description:
      'Ask for an upgrade (RFC 6455). Messages are JSON: `{"type":"auth","token":…}` unless the upgrade was signed in, then `{"type":"subscribe","topics":["runs","run:<id>","dataset:<id>"]}`. Plain HTTP answers 400.',
    answers: { 101: { description: 'The connection is a WebSocket from now on' } },
  },
};

export const JOBS: OperationDocs = { ...SYNC, ...RUNS, ...SCHEDULES, ...CALENDARS };
