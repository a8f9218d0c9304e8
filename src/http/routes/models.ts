import { Elysia } from 'elysia';
import Type from 'typebox';
import { type Model, ModelInput, ModelPatch, ModelTrial } from '../../domain/model.ts';
import type { ModelPreview, ModelRequest, Models } from '../../services/models.ts';
import { callerOf } from '../caller.ts';
import { contextOf, requireScope } from '../context.ts';
import { hangUp } from '../hang-up.ts';
import { PageQuery, pageOf } from '../page.ts';
import { std, stdQuery } from '../validate.ts';

const tags = ['models'];
const closed = { additionalProperties: false } as const;
const ListQuery = Type.Object(PageQuery, closed);
const ByName = Type.Object({ model: Type.String({ minLength: 1, maxLength: 400 }) });
const PreviewQuery = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })) },
  closed,
);

/** The request of someone who may read, or write. */
function requestOf(request: Request, scope: 'read' | 'write'): ModelRequest {
  const principal = requireScope(request, scope);
  return { principal, requestId: contextOf(request).requestId, signal: hangUp(request) };
}

const previewed = (request: Request, preview: ModelPreview) => ({
  ...preview,
  meta: { requestId: contextOf(request).requestId, rowCount: preview.rows.length },
});

/** Named sources with joins, dimensions and measures. */
export function modelsRoutes(deps: { models: Models }) {
  return new Elysia().use(readRoutes(deps)).use(changeRoutes(deps)).use(previewRoutes(deps));
}

function readRoutes({ models }: { models: Models }) {
  return new Elysia()
    .get(
      '/models',
      ({ request, query }) => {
        requireScope(request, 'read');
        return pageOf(
          query,
          /^mdl_/,
          ({ id }: Model) => id,
          (limit, after) => models.list(limit, after),
        );
      },
      { query: stdQuery(ListQuery), detail: { summary: 'All models', tags } },
    )
    .get(
      '/models/:model',
      ({ request, params }) => {
        requireScope(request, 'read');
        return models.get(params.model);
      },
      { params: std(ByName), detail: { summary: 'One model, by id or name', tags } },
    )
    .get(
      '/models/:model/fields',
      ({ request, params }) => {
        requireScope(request, 'read');
        return models.fields(params.model, hangUp(request));
      },
      {
        params: std(ByName),
        detail: { summary: 'Columns, dimensions and measures with types and labels', tags },
      },
    );
}

function changeRoutes({ models }: { models: Models }) {
  return new Elysia()
    .post(
      '/models',
      async ({ request, body, set }) => {
        const made = await models.create(body, requestOf(request, 'write'), callerOf(request));
        set.status = 201;
        set.headers.location = `/api/models/${made.id}`;
        return made;
      },
      {
        body: std(ModelInput),
        detail: { summary: 'Make a model; every part is checked against its source', tags },
      },
    )
    .patch(
      '/models/:model',
      ({ request, params, body }) =>
        models.update(params.model, body, requestOf(request, 'write'), callerOf(request)),
      {
        params: std(ByName),
        body: std(ModelPatch),
        detail: { summary: 'Change a model; parts that are named are replaced whole, null takes away', tags },
      },
    )
    .delete(
      '/models/:model',
      async ({ request, params }) => {
        requireScope(request, 'write');
        await models.remove(params.model, callerOf(request));
        return new Response(null, { status: 204 });
      },
      { params: std(ByName), detail: { summary: 'Remove a model; its source stays as it is', tags } },
    );
}

function previewRoutes({ models }: { models: Models }) {
  return new Elysia()
    .post(
      '/models/preview',
      async ({ request, body }) => previewed(request, await models.preview(body, requestOf(request, 'read'))),
      {
        body: std(ModelTrial),
        detail: { summary: 'First rows and fields of a model that is not kept', tags },
      },
    )
    .get(
      '/models/:model/preview',
      async ({ request, params, query }) =>
        previewed(
          request,
          await models.previewSaved(params.model, query.limit ?? 100, requestOf(request, 'read')),
        ),
      {
        params: std(ByName),
        query: stdQuery(PreviewQuery),
        detail: { summary: 'First rows and fields of a model', tags },
      },
    );
}
