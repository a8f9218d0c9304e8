import { Elysia } from 'elysia';
import Type from 'typebox';
import { type Fire, ScheduleInput, SchedulePatch, ScheduleTiming } from '../../domain/schedule.ts';
import type { SchedulerState } from '../../services/scheduler-state.ts';
import type { Schedules, ShownSchedule } from '../../services/schedules.ts';
import { callerOf } from '../caller.ts';
import { requireScope } from '../context.ts';
import { PageQuery, pageOf } from '../page.ts';
import { std, stdQuery } from '../validate.ts';

export interface SchedulesRoutesDeps {
  schedules: Schedules;
  state: SchedulerState;
}

const tags = ['jobs'];
const closed = { additionalProperties: false } as const;
const ListQuery = Type.Object(PageQuery, closed);
const ByName = Type.Object({ schedule: Type.String({ minLength: 1, maxLength: 400 }) });

/** What starts runs at times, and how the scheduler does. */
export function schedulesRoutes(deps: SchedulesRoutesDeps) {
  return new Elysia().use(readRoutes(deps)).use(changeRoutes(deps));
}

function readRoutes({ schedules, state }: SchedulesRoutesDeps) {
  return new Elysia()
    .get(
      '/schedules',
      ({ request, query }) => {
        requireScope(request, 'read');
        return pageOf(
          query,
          /^sch_/,
          ({ id }: ShownSchedule) => id,
          (limit, after) => schedules.list(limit, after),
        );
      },
      {
        query: stdQuery(ListQuery),
        detail: { summary: 'All schedules, with their next ten instants', tags },
      },
    )
    .get(
      '/schedules/:schedule',
      ({ request, params }) => {
        requireScope(request, 'read');
        return schedules.get(params.schedule);
      },
      { params: std(ByName), detail: { summary: 'One schedule, by id or name', tags } },
    )
    .get(
      '/schedules/:schedule/fires',
      ({ request, params, query }) => {
        requireScope(request, 'read');
        return pageOf(
          query,
          /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
          ({ instant }: Fire) => instant,
          (limit, before) => schedules.fires(params.schedule, limit, before),
        );
      },
      {
        params: std(ByName),
        query: stdQuery(ListQuery),
        detail: { summary: 'What became of the instants of a schedule, the latest first', tags },
      },
    )
    .post(
      '/schedules/preview',
      async ({ request, body }) => {
        requireScope(request, 'read');
        return { next: await schedules.preview(body) };
      },
      { body: std(ScheduleTiming), detail: { summary: 'The next ten instants of a timing', tags } },
    )
    .get(
      '/admin/scheduler/jobs',
      ({ request }) => {
        requireScope(request, 'admin');
        return state.jobs();
      },
      {
        detail: { summary: 'Who leads, what fires next, which runs are stuck or failed', tags: ['admin'] },
      },
    );
}

function changeRoutes({ schedules }: SchedulesRoutesDeps) {
  return new Elysia()
    .post(
      '/schedules',
      async ({ request, body, set }) => {
        requireScope(request, 'write');
        const made = await schedules.create(body, callerOf(request));
        set.status = 201;
        set.headers.location = `/api/schedules/${made.id}`;
        return made;
      },
      { body: std(ScheduleInput), detail: { summary: 'Start a job at times', tags } },
    )
    .patch(
      '/schedules/:schedule',
      ({ request, params, body }) => {
        requireScope(request, 'write');
        return schedules.update(params.schedule, body as SchedulePatch, callerOf(request));
      },
      {
        params: std(ByName),
        body: std(SchedulePatch),
        detail: { summary: 'Change, pause or resume a schedule; in force at once', tags },
      },
    )
    .delete(
      '/schedules/:schedule',
      async ({ request, params }) => {
        requireScope(request, 'write');
        await schedules.remove(params.schedule, callerOf(request));
        return new Response(null, { status: 204 });
      },
      { params: std(ByName), detail: { summary: 'Remove a schedule; runs that it started go on', tags } },
    )
    .post(
      '/schedules/:schedule/run',
      async ({ request, params, set }) => {
        requireScope(request, 'write');
        const runId = await schedules.run(params.schedule, callerOf(request));
        set.status = 202;
        set.headers.location = `/api/runs/${runId}`;
        return { runId };
      },
      { params: std(ByName), detail: { summary: "Start a schedule's job now, beside its times", tags } },
    );
}
