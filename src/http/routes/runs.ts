import { Elysia } from 'elysia';
import Type from 'typebox';
import { RUN_STATES } from '../../domain/run.ts';
import type { Runs, ShownRun } from '../../services/runs.ts';
import { callerOf } from '../caller.ts';
import { requireScope } from '../context.ts';
import { PageQuery, pageOf } from '../page.ts';
import { std, stdQuery } from '../validate.ts';

const tags = ['jobs'];
const closed = { additionalProperties: false } as const;
const Term = Type.Optional(Type.String({ minLength: 1, maxLength: 200 }));
const ListQuery = Type.Object(
  { ...PageQuery, kind: Term, state: Type.Optional(Type.Enum([...RUN_STATES])), subject: Term },
  closed,
);
const LogQuery = Type.Object(PageQuery, closed);
const ById = Type.Object({ run: Type.String({ minLength: 1, maxLength: 100 }) });

const page = (query: { limit?: number; cursor?: string }) => ({
  ...(query.limit === undefined ? {} : { limit: query.limit }),
  ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
});

/** Work that runs apart from requests: what there is, how far it is, what it said, and ending it. */
export function runsRoutes({ runs }: { runs: Runs }) {
  return new Elysia()
    .get(
      '/runs',
      ({ request, query }) => {
        requireScope(request, 'read');
        const { limit, cursor, ...filter } = query;
        return pageOf(
          query,
          /^run_/,
          ({ id }: ShownRun) => id,
          (count, before) => runs.list(filter, count, before),
        );
      },
      { query: stdQuery(ListQuery), detail: { summary: 'Runs, the newest first', tags } },
    )
    .get(
      '/runs/:run',
      ({ request, params }) => {
        requireScope(request, 'read');
        return runs.get(params.run);
      },
      { params: std(ById), detail: { summary: 'A run: its state, progress, fault and result', tags } },
    )
    .get(
      '/runs/:run/log',
      ({ request, params, query }) => {
        requireScope(request, 'read');
        return pageOf(
          page(query),
          /^\d{1,9}$/,
          ({ line }: { line: number }) => String(line),
          (count, after) => runs.log(params.run, count, after === undefined ? undefined : Number(after)),
        );
      },
      {
        params: std(ById),
        query: stdQuery(LogQuery),
        detail: { summary: 'What a run said, in order', tags },
      },
    )
    .post(
      '/runs/:run/abort',
      async ({ request, params, set }) => {
        requireScope(request, 'write');
        const run = await runs.abort(params.run, callerOf(request));
        set.status = run.state === 'running' ? 202 : 200;
        return run;
      },
      {
        params: std(ById),
        detail: { summary: 'End a run: at once while it waits, within a second while it runs', tags },
      },
    );
}
