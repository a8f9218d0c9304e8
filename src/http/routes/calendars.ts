import { Elysia } from 'elysia';
import Type from 'typebox';
import { type Calendar, CalendarImport, CalendarInput, CalendarPatch } from '../../domain/calendar.ts';
import type { Calendars } from '../../services/calendars.ts';
import { callerOf } from '../caller.ts';
import { requireScope } from '../context.ts';
import { PageQuery, pageOf } from '../page.ts';
import { std, stdQuery } from '../validate.ts';

const tags = ['jobs'];
const ListQuery = Type.Object(PageQuery, { additionalProperties: false });
const ByName = Type.Object({ calendar: Type.String({ minLength: 1, maxLength: 400 }) });

/** Which days are worked on. */
export function calendarsRoutes({ calendars }: { calendars: Calendars }) {
  return new Elysia()
    .get(
      '/calendars',
      ({ request, query }) => {
        requireScope(request, 'read');
        return pageOf(
          query,
          /^cal_/,
          ({ id }: Calendar) => id,
          (limit, after) => calendars.list(limit, after),
        );
      },
      { query: stdQuery(ListQuery), detail: { summary: 'All calendars', tags } },
    )
    .get(
      '/calendars/:calendar',
      ({ request, params }) => {
        requireScope(request, 'read');
        return calendars.get(params.calendar);
      },
      { params: std(ByName), detail: { summary: 'One calendar, by id or name', tags } },
    )
    .post(
      '/calendars',
      async ({ request, body, set }) => {
        requireScope(request, 'write');
        const made = await calendars.create(body, callerOf(request));
        set.status = 201;
        set.headers.location = `/api/calendars/${made.id}`;
        return made;
      },
      { body: std(CalendarInput), detail: { summary: 'Add a calendar', tags } },
    )
    .patch(
      '/calendars/:calendar',
      ({ request, params, body }) => {
        requireScope(request, 'write');
        return calendars.update(params.calendar, body, callerOf(request));
      },
      {
        params: std(ByName),
        body: std(CalendarPatch),
        detail: { summary: 'Change a calendar; schedules follow at once', tags },
      },
    )
    .post(
      '/calendars/:calendar/import',
      ({ request, params, body }) => {
        requireScope(request, 'write');
        return calendars.import(params.calendar, body, callerOf(request));
      },
      {
        params: std(ByName),
        body: std(CalendarImport),
        detail: { summary: 'Take over the holidays of a CSV or iCalendar file', tags },
      },
    )
    .delete(
      '/calendars/:calendar',
      async ({ request, params }) => {
        requireScope(request, 'write');
        await calendars.remove(params.calendar, callerOf(request));
        return new Response(null, { status: 204 });
      },
      { params: std(ByName), detail: { summary: 'Remove a calendar that no schedule names', tags } },
    );
}
