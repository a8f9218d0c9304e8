import { Elysia } from 'elysia';
import Type from 'typebox';
import { AppError } from '../../base/errors.ts';
import type { Dataset } from '../../domain/dataset.ts';
import { Name } from '../../domain/name.ts';
import { Reload } from '../../domain/upload.ts';
import type { Staging } from '../../services/dataset-loader.ts';
import type { Datasets } from '../../services/datasets.ts';
import { callerOf } from '../caller.ts';
import { contextOf, requireScope } from '../context.ts';
import { hangUp } from '../hang-up.ts';
import { PageQuery, pageOf } from '../page.ts';
import { parseQuery } from '../query-string.ts';
import { receiveUpload, type UploadPace } from '../upload.ts';
import { std, stdQuery } from '../validate.ts';

export interface DatasetsRoutesDeps {
  datasets: Datasets;
  uploadPace: UploadPace;
}

const tags = ['datasets'];
const closed = { additionalProperties: false } as const;
const ListQuery = Type.Object(PageQuery, closed);
const ByName = Type.Object({ dataset: Type.String({ minLength: 1, maxLength: 400 }) });
const OneGeneration = Type.Object({
  dataset: Type.String({ minLength: 1, maxLength: 400 }),
  generation: Type.String({ pattern: '^[1-9]\\d{0,8}$' }),
});
const PreviewQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000_000, default: 0 })),
  },
  closed,
);
const DatasetPatch = Type.Object(
  { name: Type.Optional(Name), description: Type.Optional(Type.String({ maxLength: 10_000 })) },
  { ...closed, minProperties: 1 },
);
const Rollback = Type.Object({ generation: Type.Integer({ minimum: 1 }) }, closed);

/** Datasets: files that are uploaded, and what can be seen of them. */
export function datasetsRoutes(deps: DatasetsRoutesDeps) {
  return new Elysia().use(uploadRoutes(deps)).use(datasetRoutes(deps)).use(contentRoutes(deps));
}

function uploadRoutes({ datasets, uploadPace }: DatasetsRoutesDeps) {
  const receive = (request: Request, staging: Staging, signal: AbortSignal) =>
    receiveUpload(request, parseQuery(request.url), staging, signal, uploadPace);
  const created = (dataset: Dataset) =>
    Response.json(dataset, { status: 201, headers: { location: `/api/datasets/${dataset.id}` } });
  return new Elysia()
    .post(
      '/datasets',
      ({ request }) => {
        requireScope(request, 'write');
        const signal = hangUp(request);
        return datasets.upload(async (staging) => {
          const { file, fields } = await receive(request, staging, signal);
          return created(await datasets.create(file, fields, callerOf(request), signal));
        });
      },
      {
        parse: 'none',
        detail: { summary: 'Upload a file as a new dataset', tags },
      },
    )
    .post(
      '/datasets/:dataset/generations',
      async ({ request, params }) => {
        requireScope(request, 'write');
        await datasets.get(params.dataset);
        const signal = hangUp(request);
        return datasets.upload(async (staging) => {
          const { file, fields } = await receive(request, staging, signal);
          const { name, description, replace, ...options } = fields;
          for (const [field, value] of Object.entries({ name, description, replace }))
            if (value !== undefined)
              throw new AppError('request.invalid', `/${field} is not a field of a new generation`, {
                pointer: `/${field}`,
              });
          return created(
            await datasets.addGeneration(params.dataset, file, options, callerOf(request), signal),
          );
        });
      },
      {
        parse: 'none',
        params: std(ByName),
        detail: { summary: 'Upload a file as a new generation', tags },
      },
    );
}

function datasetRoutes({ datasets }: DatasetsRoutesDeps) {
  return new Elysia()
    .get(
      '/datasets',
      ({ request, query }) => {
        requireScope(request, 'read');
        return pageOf(
          query,
          /^dst_/,
          ({ id }: Dataset) => id,
          (limit, after) => datasets.list(limit, after),
        );
      },
      { query: stdQuery(ListQuery), detail: { summary: 'All datasets, in order of their making', tags } },
    )
    .get(
      '/datasets/:dataset',
      ({ request, params }) => {
        requireScope(request, 'read');
        return datasets.get(params.dataset);
      },
      { params: std(ByName), detail: { summary: 'One dataset, by id or name', tags } },
    )
    .patch(
      '/datasets/:dataset',
      ({ request, params, body }) => {
        requireScope(request, 'write');
        return datasets.update(params.dataset, body, callerOf(request));
      },
      {
        params: std(ByName),
        body: std(DatasetPatch),
        detail: { summary: 'Rename or describe a dataset', tags },
      },
    )
    .delete(
      '/datasets/:dataset',
      async ({ request, params }) => {
        requireScope(request, 'write');
        await datasets.remove(params.dataset, callerOf(request));
        return new Response(null, { status: 204 });
      },
      { params: std(ByName), detail: { summary: 'Delete a dataset with all its generations', tags } },
    )
    .post(
      '/datasets/:dataset/reload',
      async ({ request, params, body }) => {
        requireScope(request, 'write');
        const dataset = await datasets.reload(params.dataset, body, callerOf(request), hangUp(request));
        return Response.json(dataset, { status: 201, headers: { location: `/api/datasets/${dataset.id}` } });
      },
      {
        params: std(ByName),
        body: std(Reload),
        detail: {
          summary: 'Read a kept upload again with other options, as a new generation',
          tags,
        },
      },
    )
    .post(
      '/datasets/:dataset/rollback',
      ({ request, params, body }) => {
        requireScope(request, 'write');
        return datasets.rollback(params.dataset, body.generation, callerOf(request));
      },
      { params: std(ByName), body: std(Rollback), detail: { summary: 'Serve an earlier generation', tags } },
    );
}

function contentRoutes({ datasets }: DatasetsRoutesDeps) {
  return new Elysia()
    .get(
      '/datasets/:dataset/preview',
      async ({ request, params, query }) => {
        requireScope(request, 'read');
        const { limit = 100, offset = 0 } = query;
        const { dataset, rows } = await datasets.preview(params.dataset, limit, offset, hangUp(request));
        const { requestId } = contextOf(request);
        const isMore = offset + rows.length < dataset.rowCount;
        const { columns, rowCount: totalRows, generation } = dataset;
        return {
          columns,
          rows,
          meta: { requestId, rowCount: rows.length, truncated: isMore, totalRows, generation },
        };
      },
      {
        params: std(ByName),
        query: stdQuery(PreviewQuery),
        detail: { summary: 'Some rows of a dataset', tags },
      },
    )
    .get(
      '/datasets/:dataset/profile',
      ({ request, params }) => {
        requireScope(request, 'read');
        return datasets.profile(params.dataset, hangUp(request));
      },
      { params: std(ByName), detail: { summary: 'What stands in each column', tags } },
    )
    .get(
      '/datasets/:dataset/generations',
      async ({ request, params }) => {
        requireScope(request, 'read');
        return { items: await datasets.generations(params.dataset), nextCursor: null };
      },
      { params: std(ByName), detail: { summary: 'The generations that are kept, newest first', tags } },
    )
    .get(
      '/datasets/:dataset/generations/:generation/rejected',
      async ({ request, params }) => {
        requireScope(request, 'read');
        const path = await datasets.rejectedFile(params.dataset, Number(params.generation), request.signal);
        const headers = { 'content-type': 'application/x-ndjson' };
        return new Response(path === undefined ? '' : Bun.file(path).stream(), { headers });
      },
      { params: std(OneGeneration), detail: { summary: 'The rows of a file that were kept aside', tags } },
    );
}
