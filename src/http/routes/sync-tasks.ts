import { Elysia } from 'elysia';
import Type from 'typebox';
import { SyncRunInput, type SyncTask, SyncTaskInput, SyncTaskPatch } from '../../domain/sync-task.ts';
import type { ShownRun } from '../../services/runs.ts';
import type { SyncStarts } from '../../services/sync-starts.ts';
import type { SyncTasks } from '../../services/sync-tasks.ts';
import { callerOf } from '../caller.ts';
import { requireScope } from '../context.ts';
import { hangUp } from '../hang-up.ts';
import { PageQuery, pageOf } from '../page.ts';
import { std, stdOptional, stdQuery } from '../validate.ts';

export interface SyncTasksRoutesDeps {
  tasks: SyncTasks;
  starts: SyncStarts;
}

const tags = ['sync'];
const closed = { additionalProperties: false } as const;
const ListQuery = Type.Object(PageQuery, closed);
const ByName = Type.Object({ task: Type.String({ minLength: 1, maxLength: 400 }) });
const DeleteQuery = Type.Object(
  { dataset: Type.Optional(Type.Boolean({ description: 'Delete the dataset too' })) },
  closed,
);

/** Tasks that keep datasets fresh: what they read, how they go on, and their runs. */
export function syncTasksRoutes(deps: SyncTasksRoutesDeps) {
  return new Elysia().use(readRoutes(deps)).use(changeRoutes(deps)).use(runRoutes(deps));
}

function readRoutes({ tasks }: SyncTasksRoutesDeps) {
  return new Elysia()
    .get(
      '/sync-tasks',
      ({ request, query }) => {
        requireScope(request, 'read');
        return pageOf(
          query,
          /^tsk_/,
          ({ id }: SyncTask) => id,
          (limit, after) => tasks.list(limit, after),
        );
      },
      { query: stdQuery(ListQuery), detail: { summary: 'All sync tasks', tags } },
    )
    .get(
      '/sync-tasks/:task',
      ({ request, params }) => {
        requireScope(request, 'read');
        return tasks.get(params.task);
      },
      { params: std(ByName), detail: { summary: 'A sync task and its checkpoint, by id or name', tags } },
    );
}

function changeRoutes({ tasks }: SyncTasksRoutesDeps) {
  return new Elysia()
    .post(
      '/sync-tasks',
      async ({ request, body, set }) => {
        requireScope(request, 'write');
        const made = await tasks.create(body, callerOf(request), hangUp(request));
        set.status = 201;
        set.headers.location = `/api/sync-tasks/${made.id}`;
        return made;
      },
      {
        body: std(SyncTaskInput),
        detail: { summary: 'Make a sync task; its source is asked whether it has what the task names', tags },
      },
    )
    .patch(
      '/sync-tasks/:task',
      ({ request, params, body }) => {
        requireScope(request, 'write');
        return tasks.update(params.task, body as SyncTaskPatch, callerOf(request), hangUp(request));
      },
      {
        params: std(ByName),
        body: std(SyncTaskPatch),
        detail: {
          summary:
            'Change a sync task; null takes an optional field away. What decides rows and columns (source, mode, cursor, key, columns, deletes) begins anew',
          tags,
        },
      },
    )
    .delete(
      '/sync-tasks/:task',
      async ({ request, params, query }) => {
        requireScope(request, 'write');
        await tasks.remove(params.task, query.dataset === true, callerOf(request));
        return new Response(null, { status: 204 });
      },
      {
        params: std(ByName),
        query: stdQuery(DeleteQuery),
        detail: {
          summary: 'Delete a sync task and end its runs; its dataset stays, unless `dataset=true`',
          tags,
        },
      },
    )
    .delete(
      '/sync-tasks/:task/checkpoint',
      ({ request, params }) => {
        requireScope(request, 'write');
        return tasks.reset(params.task, callerOf(request));
      },
      {
        params: std(ByName),
        detail: { summary: 'Forget the checkpoint: the next run makes the dataset anew', tags },
      },
    );
}

function runRoutes({ tasks, starts }: SyncTasksRoutesDeps) {
  return new Elysia()
    .post(
      '/sync-tasks/:task/run',
      async ({ request, params, body, set }) => {
        requireScope(request, 'write');
        const run = await starts.start(params.task, body, callerOf(request));
        set.status = 202;
        set.headers.location = `/api/runs/${run.id}`;
        return run;
      },
      {
        params: std(ByName),
        body: stdOptional(SyncRunInput),
        detail: { summary: 'Queue a run: the next increment, a range of the cursor, or everything', tags },
      },
    )
    .post(
      '/sync-tasks/:task/dry-run',
      ({ request, params }) => {
        requireScope(request, 'write');
        return tasks.dryRun(params.task, hangUp(request));
      },
      { params: std(ByName), detail: { summary: 'What a run would read; nothing is written', tags } },
    )
    .get(
      '/sync-tasks/:task/runs',
      ({ request, params, query }) => {
        requireScope(request, 'read');
        return pageOf(
          query,
          /^run_/,
          ({ id }: ShownRun) => id,
          (limit, before) => starts.list(params.task, limit, before),
        );
      },
      {
        params: std(ByName),
        query: stdQuery(ListQuery),
        detail: { summary: 'Runs of a sync task, the newest first', tags },
      },
    );
}
