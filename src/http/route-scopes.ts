import type { Scope } from '../domain/principal.ts';

/** The least right that each endpoint needs, known before its parameters and body are read. A handler may ask for more. */
const ENDPOINTS: Readonly<Record<Scope, string>> = {
  read: `
    POST /ai/describe
    POST /ai/enhance
    POST /ai/plan
    POST /ai/suggest
    POST /ai/ask
    POST /ai/explain
    POST /ai/fix
    GET /api-keys
    POST /api-keys
    GET /api-keys/:id
    PATCH /api-keys/:id
    DELETE /api-keys/:id
    POST /auth/logout
    POST /auth/change-password
    GET /auth/me
    GET /calendars
    GET /calendars/:calendar
    GET /datasets
    GET /datasets/:dataset
    GET /datasets/:dataset/preview
    GET /datasets/:dataset/profile
    GET /datasets/:dataset/generations
    GET /datasets/:dataset/generations/:generation/rejected
    GET /datasources
    GET /datasources/:datasource
    GET /datasources/:datasource/schemas
    GET /datasources/:datasource/tables
    GET /datasources/:datasource/tables/:table/columns
    GET /datasources/:datasource/tables/:table/preview
    GET /live
    POST /mcp
    GET /models
    GET /models/:model
    GET /models/:model/fields
    POST /models/preview
    GET /models/:model/preview
    POST /query/spec
    POST /query/pivot
    POST /query/distinct
    POST /query
    POST /query/pivot/sql
    POST /query/sql
    GET /queries
    DELETE /queries/:requestId
    GET /runs
    GET /runs/:run
    GET /runs/:run/log
    GET /schedules
    GET /schedules/:schedule
    GET /schedules/:schedule/fires
    POST /schedules/preview
    GET /sync-tasks
    GET /sync-tasks/:task
    GET /sync-tasks/:task/runs`,
  write: `
    POST /calendars
    PATCH /calendars/:calendar
    POST /calendars/:calendar/import
    DELETE /calendars/:calendar
    POST /datasets
    POST /datasets/:dataset/generations
    PATCH /datasets/:dataset
    DELETE /datasets/:dataset
    POST /datasets/:dataset/reload
    POST /datasets/:dataset/rollback
    POST /models
    PATCH /models/:model
    DELETE /models/:model
    POST /runs/:run/abort
    POST /schedules
    PATCH /schedules/:schedule
    DELETE /schedules/:schedule
    POST /schedules/:schedule/run
    POST /sync-tasks
    PATCH /sync-tasks/:task
    DELETE /sync-tasks/:task
    DELETE /sync-tasks/:task/checkpoint
    POST /sync-tasks/:task/run
    POST /sync-tasks/:task/dry-run`,
  admin: `
    GET /ai/config
    PUT /ai/config
    GET /admin/audit
    GET /admin/backup
    POST /admin/backup
    GET /admin/scheduler/jobs
    GET /admin/stats
    POST /datasources
    PATCH /datasources/:datasource
    DELETE /datasources/:datasource
    POST /datasources/test
    POST /datasources/:datasource/test
    GET /datasources/:datasource/stats
    GET /secrets
    GET /secrets/:secret
    POST /secrets
    PATCH /secrets/:secret
    DELETE /secrets/:secret
    GET /users
    POST /users
    GET /users/:id
    PATCH /users/:id
    DELETE /users/:id`,
};

const SCOPE_OF: ReadonlyMap<string, Scope> = new Map(
  Object.entries(ENDPOINTS).flatMap(([scope, listed]) =>
    listed
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map((line) => [line.replace(' /', ' /api/'), scope as Scope] as const),
  ),
);

/** `endpoint` as in `GET /api/runs/:run`; undefined for those that need no right, or whose handler alone knows. */
export const scopeOfEndpoint = (endpoint: string): Scope | undefined => SCOPE_OF.get(endpoint);
