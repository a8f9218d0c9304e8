import { Elysia } from 'elysia';
import Type, { type Static } from 'typebox';
import { AppError } from '../../base/errors.ts';
import { PivotSpec } from '../../domain/pivot-spec.ts';
import type { PivotFormat, RowFormat } from '../../domain/query-result.ts';
import { DistinctSpec, QuerySpec } from '../../domain/query-spec.ts';
import { SqlQuery } from '../../domain/sql-query.ts';
import type { QueryRequest, QueryService } from '../../services/query.ts';
import { contextOf, requireScope } from '../context.ts';
import { queryResponse } from '../query-answer.ts';
import { std } from '../validate.ts';

const FORMATS = ['json', 'csv'] as const;
const LATER_FORMATS = ['xlsx', 'parquet', 'arrow'] as const;

const closed = { additionalProperties: false } as const;
const format = Type.Optional(Type.Enum([...FORMATS, ...LATER_FORMATS], { 'x-not-built': LATER_FORMATS }));
const RowOptions = Type.Object(
  { format, shape: Type.Optional(Type.Enum(['arrays', 'objects', 'columns'])) },
  closed,
);
const PivotOptions = Type.Object({ format, shape: Type.Optional(Type.Enum(['grid', 'long'])) }, closed);
const QueryId = Type.Object({ requestId: Type.String({ minLength: 1, maxLength: 100 }) }, closed);

/** What the client asked for by `?format=`, else by `Accept`. */
function formatOf(
  asked: (typeof FORMATS | typeof LATER_FORMATS)[number] | undefined,
  request: Request,
): 'json' | 'csv' {
  if (asked === 'json' || asked === 'csv') return asked;
  if (asked !== undefined)
    throw new AppError('query.not_built', `The format ${asked} is not there yet`, {
      pointer: '/format',
      params: { in: 'query' },
    });
  const accept = request.headers.get('accept') ?? '';
  return /\btext\/csv\b/.test(accept) && !/\bjson\b/.test(accept) ? 'csv' : 'json';
}

function rowFormat(options: Static<typeof RowOptions>, request: Request): RowFormat {
  if (formatOf(options.format, request) === 'csv') return 'csv';
  return options.shape === 'objects' || options.shape === 'columns' ? options.shape : 'json';
}

function pivotFormat(options: Static<typeof PivotOptions>, request: Request): PivotFormat {
  if (formatOf(options.format, request) === 'csv') return 'csv';
  return options.shape === 'long' ? 'long' : 'json';
}

function queryRequest(request: Request): QueryRequest {
  const principal = requireScope(request, 'read');
  const { requestId, span } = contextOf(request);
  return {
    principal,
    requestId,
    span,
    signal: request.signal,
    fresh: /\bno-cache\b/i.test(request.headers.get('cache-control') ?? ''),
  };
}

const tags = ['queries'];

export function queryRoutes({ queries }: { queries: QueryService }) {
  return new Elysia()
    .post(
      '/query/spec',
      async ({ body, query, request }) => {
        const asked = rowFormat(query, request);
        return queryResponse(await queries.spec(body, asked, queryRequest(request)), asked);
      },
      {
        body: std(QuerySpec),
        query: std(RowOptions),
        detail: { summary: 'Groups and measures of a dataset', tags, operationId: 'querySpec' },
      },
    )
    .post(
      '/query/pivot',
      async ({ body, query, request }) => {
        const asked = pivotFormat(query, request);
        return queryResponse(await queries.pivot(body, asked, queryRequest(request)), asked);
      },
      {
        body: std(PivotSpec),
        query: std(PivotOptions),
        detail: { summary: 'A pivot with totals at every level asked for', tags, operationId: 'queryPivot' },
      },
    )
    .post(
      '/query/distinct',
      async ({ body, query, request }) => {
        const asked = rowFormat(query, request);
        return queryResponse(await queries.distinct(body, asked, queryRequest(request)), asked);
      },
      {
        body: std(DistinctSpec),
        query: std(RowOptions),
        detail: {
          summary: 'The distinct values of a field and how often each occurs',
          tags,
          operationId: 'queryDistinct',
        },
      },
    )
    .post(
      '/query',
      async ({ body, query, request }) => {
        const asked = rowFormat(query, request);
        return queryResponse(await queries.sql(body, asked, queryRequest(request)), asked);
      },
      {
        body: std(SqlQuery),
        query: std(RowOptions),
        detail: {
          summary: "One SELECT of the caller's own over a datasource, or over datasets",
          tags,
          operationId: 'querySql',
        },
      },
    )
    .post(
      '/query/pivot/sql',
      ({ body, request }) => {
        requireScope(request, 'read');
        return queries.explain('pivot', body, request.signal);
      },
      {
        body: std(PivotSpec),
        detail: { summary: 'The statements that a pivot would run', tags, operationId: 'explainPivot' },
      },
    )
    .post(
      '/query/sql',
      ({ body, request }) => {
        requireScope(request, 'read');
        return queries.explain('spec', body, request.signal);
      },
      {
        body: std(QuerySpec),
        detail: { summary: 'The statement that a spec would run', tags, operationId: 'explainSpec' },
      },
    )
    .get(
      '/queries',
      async ({ request }) => ({
        items: await queries.running(requireScope(request, 'read')),
        nextCursor: null,
      }),
      {
        detail: { summary: 'Queries that are running', tags, operationId: 'listQueries' },
      },
    )
    .delete(
      '/queries/:requestId',
      async ({ params, request }) => {
        await queries.cancel(params.requestId, requireScope(request, 'read'));
        return new Response(null, { status: 204 });
      },
      {
        params: std(QueryId),
        detail: { summary: 'Cancels a running query', tags, operationId: 'cancelQuery' },
      },
    );
}
