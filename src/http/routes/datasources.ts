import { Elysia } from 'elysia';
import Type from 'typebox';
import {
  type Datasource,
  DatasourceInput,
  DatasourcePatch,
  DatasourceTrial,
  type TableInfo,
} from '../../domain/datasource.ts';
import type { DatasourceTests } from '../../services/datasource-tests.ts';
import { type Datasources, summaryOf } from '../../services/datasources.ts';
import type { SourceCatalog } from '../../services/source-catalog.ts';
import { callerOf } from '../caller.ts';
import { contextOf, requireScope } from '../context.ts';
import { hangUp } from '../hang-up.ts';
import { PageQuery, pageOf } from '../page.ts';
import { std, stdQuery } from '../validate.ts';

export interface DatasourcesRoutesDeps {
  datasources: Datasources;
  tests: DatasourceTests;
  catalog: SourceCatalog;
}

const tags = ['datasources'];
const closed = { additionalProperties: false } as const;
const ListQuery = Type.Object(PageQuery, closed);
const Named = Type.String({ minLength: 1, maxLength: 400 });
const Identifier = Type.String({ minLength: 1, maxLength: 256 });
const ByName = Type.Object({ datasource: Named });
const ByTable = Type.Object({ datasource: Named, table: Identifier });
const schema = Type.Optional(Identifier);
const refresh = Type.Optional(Type.Boolean({ description: 'Ask the database, whatever is kept' }));
const SchemasQuery = Type.Object({ refresh }, closed);
const ColumnsQuery = Type.Object({ schema, refresh }, closed);
const MOST_TABLES = 10_000;
const TablesQuery = Type.Object(
  {
    schema,
    refresh,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_TABLES, default: 1000 })),
    cursor: Type.Optional(Type.String({ maxLength: 2000, description: '`nextCursor` of the page before' })),
  },
  closed,
);
const PreviewQuery = Type.Object(
  { schema, limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })) },
  closed,
);

/** Databases that reports are made from: what they are, whether they answer, and what stands in them. */
export function datasourcesRoutes(deps: DatasourcesRoutesDeps) {
  return new Elysia()
    .use(readRoutes(deps))
    .use(changeRoutes(deps))
    .use(testRoutes(deps))
    .use(catalogRoutes(deps))
    .use(contentRoutes(deps));
}

/** Hosts and users of databases are for those who may change them. */
function seenBy(request: Request) {
  const isAdmin = requireScope(request, 'read').scopes.includes('admin');
  return (datasource: Datasource) => (isAdmin ? datasource : summaryOf(datasource));
}

function readRoutes({ datasources }: DatasourcesRoutesDeps) {
  return new Elysia()
    .get(
      '/datasources',
      async ({ request, query }) => {
        const shown = seenBy(request);
        const page = await pageOf(
          query,
          /^ds_/,
          ({ id }: Datasource) => id,
          (limit, after) => datasources.list(limit, after),
        );
        return { ...page, items: page.items.map(shown) };
      },
      {
        query: stdQuery(ListQuery),
        detail: { summary: 'All datasources; their settings for admins only', tags },
      },
    )
    .get(
      '/datasources/:datasource',
      async ({ request, params }) => {
        const shown = seenBy(request);
        return shown(await datasources.get(params.datasource));
      },
      { params: std(ByName), detail: { summary: 'One datasource, by id or name', tags } },
    );
}

function changeRoutes({ datasources }: DatasourcesRoutesDeps) {
  return new Elysia()
    .post(
      '/datasources',
      async ({ request, body, set }) => {
        requireScope(request, 'admin');
        const made = await datasources.create(body, callerOf(request));
        set.status = 201;
        set.headers.location = `/api/datasources/${made.id}`;
        return made;
      },
      {
        body: std(DatasourceInput),
        detail: { summary: 'Add a database, by settings or a DSN; no connection is made', tags },
      },
    )
    .patch(
      '/datasources/:datasource',
      ({ request, params, body }) => {
        requireScope(request, 'admin');
        return datasources.update(params.datasource, body, callerOf(request));
      },
      {
        params: std(ByName),
        body: std(DatasourcePatch),
        detail: { summary: 'Change a datasource; a password that is not given stays', tags },
      },
    )
    .delete(
      '/datasources/:datasource',
      async ({ request, params }) => {
        requireScope(request, 'admin');
        await datasources.remove(params.datasource, callerOf(request));
        return new Response(null, { status: 204 });
      },
      {
        params: std(ByName),
        detail: { summary: 'Remove a datasource; the database itself stays as it is', tags },
      },
    );
}

function testRoutes({ tests }: DatasourcesRoutesDeps) {
  return new Elysia()
    .post(
      '/datasources/test',
      ({ request, body }) => {
        requireScope(request, 'admin');
        return tests.unsaved(body, callerOf(request), hangUp(request));
      },
      {
        body: std(DatasourceTrial),
        detail: { summary: 'Try settings without keeping them; says what is wrong', tags },
      },
    )
    .post(
      '/datasources/:datasource/test',
      ({ request, params }) => {
        requireScope(request, 'admin');
        return tests.saved(params.datasource, callerOf(request), hangUp(request));
      },
      { params: std(ByName), detail: { summary: 'Try a datasource; says what is wrong', tags } },
    );
}

const placeOf = ({ schema, name }: TableInfo) => JSON.stringify([schema, name]);

/** Those after the place; tables come by schema and name. */
function after(tables: readonly TableInfo[], place: string | undefined): readonly TableInfo[] {
  if (place === undefined) return tables;
  const [schema = '', name = ''] = JSON.parse(place) as string[];
  return tables.filter((table) => table.schema > schema || (table.schema === schema && table.name > name));
}

const TEXT = '"(?:[^"\\\\\\u0000-\\u001f]|\\\\(?:["\\\\/bfnrt]|u[\\da-fA-F]{4}))*"';
const PLACE = new RegExp(`^\\[${TEXT},${TEXT}\\]$`);

function catalogRoutes({ catalog }: DatasourcesRoutesDeps) {
  return new Elysia()
    .get(
      '/datasources/:datasource/schemas',
      async ({ request, params, query }) => {
        requireScope(request, 'read');
        const look = { signal: hangUp(request), refresh: query.refresh };
        const names = await catalog.schemas(params.datasource, look);
        return { items: names.map((name) => ({ name })), nextCursor: null };
      },
      {
        params: std(ByName),
        query: stdQuery(SchemasQuery),
        detail: { summary: 'The schemas that the database user may see', tags },
      },
    )
    .get(
      '/datasources/:datasource/tables',
      async ({ request, params, query }) => {
        requireScope(request, 'read');
        const look = { signal: hangUp(request), refresh: query.refresh };
        const { limit = 1000, cursor } = query;
        return pageOf(
          { limit, ...(cursor === undefined ? {} : { cursor }) },
          PLACE,
          placeOf,
          async (count, place) =>
            after(await catalog.tables(params.datasource, query.schema, look), place).slice(0, count),
        );
      },
      {
        params: std(ByName),
        query: stdQuery(TablesQuery),
        detail: { summary: 'Tables and views, by schema and name', tags },
      },
    )
    .get(
      '/datasources/:datasource/tables/:table/columns',
      async ({ request, params, query }) => {
        requireScope(request, 'read');
        const look = { signal: hangUp(request), refresh: query.refresh };
        const table = { schema: query.schema, name: params.table };
        return { items: await catalog.columns(params.datasource, table, look), nextCursor: null };
      },
      {
        params: std(ByTable),
        query: stdQuery(ColumnsQuery),
        detail: { summary: 'The columns of a table, with types, comments and keys', tags },
      },
    );
}

function contentRoutes({ catalog }: DatasourcesRoutesDeps) {
  return new Elysia()
    .get(
      '/datasources/:datasource/tables/:table/preview',
      async ({ request, params, query }) => {
        requireScope(request, 'read');
        const { limit = 100 } = query;
        const table = { schema: query.schema, name: params.table };
        const { columns, rows } = await catalog.preview(params.datasource, table, limit, hangUp(request));
        const { requestId } = contextOf(request);
        return { columns, rows, meta: { requestId, rowCount: rows.length } };
      },
      {
        params: std(ByTable),
        query: stdQuery(PreviewQuery),
        detail: { summary: 'Some rows of a table', tags },
      },
    )
    .get(
      '/datasources/:datasource/stats',
      async ({ request, params }) => {
        requireScope(request, 'admin');
        return { pool: await catalog.stats(params.datasource) };
      },
      { params: std(ByName), detail: { summary: 'The connections of a datasource in this process', tags } },
    );
}
