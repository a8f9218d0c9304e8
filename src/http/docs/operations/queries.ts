import Type from 'typebox';
import type { Code } from '../../../base/errors.ts';
import { Model, ModelFields, ModelPreview } from '../answers/models.ts';
import { Explanation, PivotAnswer, QueryAnswer, RunningQuery } from '../answers/queries.ts';
import { type Answer, created, done, list, type OperationDocs, ok, page } from '../operation.ts';
import { SOURCE_CODES } from './datasources.ts';

const PLAN_CODES: readonly Code[] = [
  ...SOURCE_CODES,
  'query.syntax',
  'query.field',
  'query.type',
  'query.ambiguous',
  'query.unsupported',
  'query.not_built',
  'query.refused',
  'query.failed',
  'query.timeout',
  'model.multiplies',
  'resource.notFound',
  'worker.died',
];
export const QUERY_CODES: readonly Code[] = [
  ...PLAN_CODES,
  'resource.conflict',
  'query.cancelled',
  'query.dangerous',
  'limit.cells',
  'limit.rows',
  'limit.bytes',
  'limit.memory',
  'limit.rate',
  'limit.user',
  'bucket.unreachable',
  'bucket.missing',
];

/** JSON, or CSV where `format=csv` or `Accept: text/csv` asks for it. */
function rowsAs(schema: Parameters<typeof ok>[0]): Record<number, Answer> {
  return {
    200: {
      description: 'The result, as JSON or CSV',
      content: { 'application/json': schema, 'text/csv': Type.String() },
      headers: {
        etag: 'Weak: equal for equal content',
        'x-result-hash': 'Equal for equal content, in every format',
      },
    },
  };
}

const ORDERS = { dataset: 'orders' };
const REVENUE = { agg: 'sum', field: 'amount', as: 'revenue' };
const SPEC = {
  from: ORDERS,
  dimensions: ['region'],
  measures: [REVENUE],
  order: [{ by: 'revenue', dir: 'desc' }],
};
const PIVOT = {
  from: ORDERS,
  rows: ['region', 'country'],
  columns: [{ field: 'ordered_at', grain: 'year' }],
  measures: [REVENUE, { agg: 'count', as: 'orders' }],
  totals: { rows: 'all', columns: 'grand' },
};

const QUERY: OperationDocs = {
  'POST /query/spec': {
    id: 'querySpec',
    description:
      'Rows grouped by the dimensions; without a measure the plain rows. Over a dataset, a model, or a table or SELECT of a datasource. Fields and aggregations that are marked `x-not-built` answer 501.',
    answers: rowsAs(QueryAnswer),
    codes: QUERY_CODES,
    bodies: {
      byRegion: SPEC,
      filtered: {
        from: ORDERS,
        dimensions: [{ field: 'ordered_at', grain: 'month', as: 'month' }],
        measures: [REVENUE],
        where: {
          and: [
            { field: 'channel', op: 'in', values: ['web', 'store'] },
            { field: 'ordered_at', op: 'during', range: { from: '2024-01-01', to: '2025-01-01' } },
          ],
        },
        order: [{ by: 'month' }],
        limit: 12,
      },
      rows: { from: ORDERS, dimensions: ['order_id', 'country', 'amount'], limit: 5, totalRows: true },
    },
  },
  'POST /query/pivot': {
    id: 'queryPivot',
    description:
      'Totals are computed from rows at each level, never from shown cells, and no limit touches them. Fields and aggregations that are marked `x-not-built` answer 501.',
    answers: rowsAs(PivotAnswer),
    codes: QUERY_CODES,
    bodies: {
      byYear: PIVOT,
      sorted: {
        from: ORDERS,
        rows: ['category'],
        measures: [REVENUE],
        sort: [{ axis: 'rows', level: 'category', by: 'revenue', dir: 'desc' }],
        page: { rows: { limit: 3 } },
      },
    },
  },
  'POST /query/distinct': {
    id: 'queryDistinct',
    description: 'For filter lists. `search` finds values that contain a text, whatever its case.',
    answers: rowsAs(QueryAnswer),
    codes: QUERY_CODES,
    bodies: { countries: { from: ORDERS, field: 'country', search: 'an', orderBy: 'count', limit: 20 } },
  },
  'POST /query': {
    id: 'querySql',
    description:
      "In the datasource's dialect; without a datasource over datasets, which it names as tables (DuckDB). Values go into `params`, as `:name` in the text. Only reading is allowed.",
    answers: rowsAs(QueryAnswer),
    codes: QUERY_CODES,
    bodies: {
      dataset: {
        sql: 'select region, count(*) as orders from orders where quantity > :least group by region order by region',
        params: { least: 1 },
      },
      datasource: { datasource: 'shop', sql: 'select id, name from customers order by id' },
    },
  },
  'POST /query/pivot/sql': {
    id: 'explainPivot',
    description: 'The statements are not run.',
    answers: ok(Explanation),
    codes: PLAN_CODES,
    bodies: { byYear: PIVOT },
  },
  'POST /query/sql': {
    id: 'explainSpec',
    description: 'The statement is not run.',
    answers: ok(Explanation),
    codes: PLAN_CODES,
    bodies: { byRegion: SPEC },
  },
  'GET /queries': {
    id: 'listQueries',
    description: "The caller's own, in all processes; all users' for admins.",
    answers: list(RunningQuery),
  },
  'DELETE /queries/:requestId': {
    id: 'cancelQuery',
    description:
      'The query answers 409 `query.cancelled`. Give queries a `requestId` of your own to cancel them by.',
    answers: done,
  },
};

const MODEL = {
  name: 'order model',
  from: ORDERS,
  dimensions: [{ name: 'Region', field: 'region' }],
  measures: [{ name: 'Revenue', agg: 'sum', field: 'amount', format: '#,##0.00' }],
};

const MODELS: OperationDocs = {
  'GET /models': { id: 'listModels', description: 'In order of creation.', answers: page(Model) },
  'GET /models/:model': { id: 'getModel', description: 'With its whole definition.', answers: ok(Model) },
  'GET /models/:model/fields': {
    id: 'getModelFields',
    description: 'What a front end offers to choose from.',
    answers: ok(ModelFields),
    codes: PLAN_CODES,
  },
  'POST /models': {
    id: 'createModel',
    description:
      'Every part is checked against its source: fields, expressions, and the keys that joins rely on.',
    answers: created(Model),
    codes: QUERY_CODES,
    bodies: { orders: MODEL },
  },
  'PATCH /models/:model': {
    id: 'updateModel',
    description: 'Give `version` to be refused (409) where the model was changed meanwhile.',
    answers: ok(Model),
    codes: QUERY_CODES,
    bodies: { describe: { description: 'Orders with their revenue' } },
  },
  'DELETE /models/:model': {
    id: 'deleteModel',
    description: 'Its source stays as it is.',
    answers: done,
    codes: ['resource.conflict'],
  },
  'POST /models/preview': {
    id: 'previewModelDefinition',
    description: 'Checked as it would be when made.',
    answers: ok(ModelPreview),
    codes: QUERY_CODES,
    bodies: { orders: { ...MODEL, limit: 5 } },
  },
  'GET /models/:model/preview': {
    id: 'previewModel',
    description: 'Rows as queries over the model see them.',
    answers: ok(ModelPreview),
    codes: QUERY_CODES,
    query: { limit: 5 },
  },
};

export const QUERIES: OperationDocs = { ...QUERY, ...MODELS };
