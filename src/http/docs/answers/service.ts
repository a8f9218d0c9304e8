import Type from 'typebox';
import { CODES } from '../../../base/errors.ts';
import { AnyObject, Count, closed, orNull, TextOrNull, Time } from './parts.ts';

const Role = Type.Enum(['leader', 'standby', 'web']);

export const Health = Type.Object(
  {
    status: Type.Literal('ok'),
    version: Type.String(),
    uptimeS: Count,
    role: Role,
    scheduler: Type.Enum(['alive', 'none']),
  },
  closed,
);

export const ReadyCheck = Type.Object(
  {
    ok: Type.Boolean(),
    detail: Type.Optional(Type.String({ description: 'For signed-in callers: what is wrong' })),
    role: Type.Optional(Role),
  },
  closed,
);

export const Readiness = Type.Object(
  { status: Type.Enum(['ready', 'notReady']), checks: Type.Record(Type.String(), ReadyCheck) },
  closed,
);

export const ErrorCode = Type.Object(
  { code: Type.Enum(Object.keys(CODES)), status: Type.Integer(), title: Type.String() },
  closed,
);
export const ErrorCodes = Type.Object({ items: Type.Array(ErrorCode) }, closed);

const Lane = Type.Object({ size: Count, started: Count, busy: Count, jobs: Count }, closed);

const PROCESS = {
  version: Type.String(),
  versions: Type.Record(Type.String(), Type.String()),
  process: Type.Object({ pid: Count, startedAt: Time, uptimeS: Count }, closed),
  memory: Type.Record(Type.String(), orNull(Type.Number())),
  workers: Type.Record(Type.String(), Lane),
  engines: Type.Object(
    {
      processes: Type.Array(
        Type.Object(
          { kind: Type.String(), pid: Count, rssBytes: Count, running: Count, ageS: Count },
          closed,
        ),
      ),
      dangerous: Type.Array(Type.Unknown()),
    },
    closed,
  ),
  queries: Type.Object(
    {
      running: Type.Array(
        Type.Object(
          {
            requestId: Type.String(),
            userId: Type.String(),
            kind: Type.String(),
            dataset: Type.String(),
            state: Type.String(),
            startedAt: Time,
            ageS: Count,
          },
          closed,
        ),
      ),
      waiting: Count,
      cache: Type.Object({ entries: Count, bytes: Count, maxBytes: Count }, closed),
      slow: Type.Array(
        Type.Object(
          {
            at: Time,
            requestId: Type.String(),
            userId: Type.String(),
            kind: Type.String(),
            engine: Type.String(),
            source: Type.String(),
            ms: Type.Number(),
            outcome: Type.String(),
            rows: orNull(Count),
          },
          closed,
        ),
      ),
    },
    closed,
  ),
  datasources: Type.Object({ pools: Type.Array(AnyObject) }, closed),
  datasets: Type.Object({ count: Count, bytes: Count }, closed),
  disk: Type.Object({ free: Count, total: Count }, closed),
  limitsHit: Type.Record(Type.String(), Count),
  runs: Type.Record(Type.String(), Type.Unknown()),
  schedules: Type.Record(Type.String(), Count),
  ai: Type.Record(Type.String(), Type.Unknown()),
};

/** Numbers of the running service. */
export const ServiceStats = Type.Object(
  {
    ...PROCESS,
    processes: Type.Array(Type.Object({ slot: Count, requests: Count, ...PROCESS }, closed)),
  },
  closed,
);

export const Backup = Type.Object(
  {
    name: Type.String(),
    path: Type.String(),
    kind: Type.Enum(['metadata', 'full']),
    createdAt: Time,
    bytes: Count,
  },
  closed,
);

export const Backups = Type.Object(
  {
    isSupported: Type.Boolean({ description: 'False where the metadata is in PostgreSQL' }),
    folder: TextOrNull,
    keep: Count,
    cron: Type.String({ description: '`off`, or when backups are made' }),
    items: Type.Array(Backup),
  },
  closed,
);

export const AuditEntry = Type.Object(
  {
    id: Type.Integer(),
    at: Time,
    actor: TextOrNull,
    action: Type.String({ description: 'A stable dotted name, such as `user.create`' }),
    target: TextOrNull,
    address: TextOrNull,
    requestId: TextOrNull,
    detail: AnyObject,
  },
  closed,
);
