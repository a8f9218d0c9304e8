import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startMariadb } from '../support/mariadb-server.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { openService, type TestService } from '../support/service-kit.ts';

/** A table as its schema and name, and how the paths that take one text write it. */
interface Hostile {
  schema?: string;
  name: string;
  /** What SQL calls it. */
  sql: string;
}

const table = (schema: string, name: string, sql = `${schema}.${name}`): Hostile => ({ schema, name, sql });
const bare = (name: string): Hostile => ({ name, sql: name });

const POSTGRES: Hostile[] = [
  table('pg_catalog', 'pg_shadow'),
  table('pg_catalog', 'pg_class'),
  table('PG_CATALOG', 'pg_authid'),
  table('pg_catalog', 'pg_authid', '"pg_catalog"."pg_authid"'),
  table('information_schema', 'tables'),
  table('Information_Schema', 'role_table_grants'),
  table('pg_toast', 'pg_toast_1262'),
  table('pg_temp_1', 'x'),
  table('citus', 'pg_dist_node'),
  table('citus_internal', 'x'),
  table('columnar', 'stripe'),
  table('public', 'pg_stat_statements'),
  table('public', 'citus_tables'),
  table('public', 'citus_shards'),
  table('public', 'pg_dist_partition'),
  bare('pg_shadow'),
  bare('pg_authid'),
  bare('PG_STAT_ACTIVITY'),
  bare('pg_stat_activity'),
  bare('pg_stat_statements'),
  bare('pg_user'),
  bare('pg_dist_node'),
  bare('citus_stat_activity'),
  bare('pg_settings'),
];

const MYSQL: Hostile[] = [
  table('mysql', 'user'),
  table('MySQL', 'global_priv'),
  table('mysql', 'db', '`mysql`.`db`'),
  table('information_schema', 'PROCESSLIST'),
  table('INFORMATION_SCHEMA', 'user_privileges'),
  table('Information_Schema', 'tables', '`Information_Schema`.`tables`'),
  table('performance_schema', 'threads'),
  table('PERFORMANCE_SCHEMA', 'accounts'),
  table('sys', 'session'),
  table('SYS', 'processlist'),
];

interface Path {
  name: string;
  ask(service: TestService, hostile: Hostile): Promise<{ status: number; text: string }>;
}

const quoted = (part: string) => (/^[a-z_0-9]+$/.test(part) ? part : `"${part}"`);
const textOf = ({ schema, name }: Hostile) =>
  [schema, name]
    .filter((part) => part !== undefined)
    .map((part) => quoted(part!))
    .join('.');
const from = (hostile: Hostile) => ({ datasource: 'erp', table: textOf(hostile) });
const post =
  (path: string, body: (hostile: Hostile) => object): Path['ask'] =>
  (service, hostile) =>
    service.call('POST', `/api${path}`, body(hostile));
const inTable =
  (path: string): Path['ask'] =>
  (service, { schema, name }) =>
    service.call(
      'GET',
      `/api/datasources/erp/tables/${name}/${path}${schema === undefined ? '' : `?schema=${schema}`}`,
    );
const count = [{ agg: 'count' }];

const PATHS: Path[] = [
  { name: 'spec', ask: post('/query/spec', (hostile) => ({ from: from(hostile), measures: count })) },
  { name: 'distinct', ask: post('/query/distinct', (hostile) => ({ from: from(hostile), field: 'id' })) },
  {
    name: 'pivot',
    ask: post('/query/pivot', (hostile) => ({ from: from(hostile), rows: ['id'], measures: count })),
  },
  { name: 'explain', ask: post('/query/sql', (hostile) => ({ from: from(hostile), measures: count })) },
  { name: 'preview', ask: inTable('preview') },
  { name: 'columns', ask: inTable('columns') },
  { name: 'model create', ask: post('/models', (hostile) => ({ name: 'm', from: from(hostile) })) },
  { name: 'model preview', ask: post('/models/preview', (hostile) => ({ from: from(hostile) })) },
  {
    name: 'model join',
    ask: post('/models', (hostile) => ({
      name: 'm',
      from: { datasource: 'erp', table: 'orders' },
      joins: [{ table: textOf(hostile), as: 'h', on: [['id', 'h.id']] }],
    })),
  },
  {
    name: 'sync task create',
    ask: post('/sync-tasks', (hostile) => ({
      name: 't',
      dataset: 't',
      mode: 'snapshot',
      source: { kind: 'table', ...from(hostile) },
    })),
  },
  {
    name: 'sync task of SQL',
    ask: post('/sync-tasks', ({ sql }) => ({
      ...{ name: 't', dataset: 't', mode: 'snapshot' },
      source: { kind: 'sql', datasource: 'erp', sql: `select * from ${sql}` },
    })),
  },
  { name: 'raw SQL', ask: post('/query', ({ sql }) => ({ datasource: 'erp', sql: `select * from ${sql}` })) },
  {
    name: 'raw SQL below a CTE',
    ask: post('/query', ({ sql }) => ({
      datasource: 'erp',
      sql: `with x as (select count(*) as n from ${sql}) select n from x`,
    })),
  },
  {
    name: 'SQL as a source',
    ask: post('/query/spec', ({ sql }) => ({
      from: { datasource: 'erp', sql: `select * from ${sql}` },
      measures: count,
    })),
  },
];

const DATABASES = [
  {
    engine: 'postgres',
    start: startPostgres,
    hostile: POSTGRES,
    own: ['public.user', 'public.sys_tables', 'my_sys', 'mysql', '"Information_Schema_copy"'],
    schema: `create table "user" (id integer); create table sys_tables (id integer); create table my_sys (id integer);
      create table mysql (id integer); create table "Information_Schema_copy" (id integer)`,
  },
  {
    engine: 'mysql',
    start: startMariadb,
    hostile: MYSQL,
    own: ['user', 'my_sys', 'pg_class', 'information_schema_copy', 'processlist'],
    schema: `create table user (id integer); create table my_sys (id integer); create table pg_class (id integer);
      create table information_schema_copy (id integer); create table processlist (id integer)`,
  },
] as const;

describe.each(DATABASES)('tables of $engine', ({ engine, start, hostile, own, schema }) => {
  let server: TestServer;
  let service: TestService;

  beforeAll(async () => {
    server = await start();
    server.admin(`create table orders (id integer primary key); ${schema}`, server.database);
    service = await openService({ QUERY_RATE_PER_SEC: '1000', QUERY_BURST: '5000' });
    const { user, password, host, port, database } = server;
    const settings = { user, password, host, port, database };
    const made = await service.call('POST', '/api/datasources', { name: 'erp', type: engine, settings });
    expect(made.status).toBe(201);
  }, 60_000);
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test.each(PATHS)(
    "$name: the server's own are refused by name",
    async ({ ask }) => {
      const wrong: string[] = [];
      for (const each of hostile) {
        const { status, text } = await ask(service, each);
        const isNamed = text.toLowerCase().includes(each.name.toLowerCase());
        if (status !== 403 || !text.includes('query.refused') || !isNamed)
          wrong.push(`${each.sql}: ${status} ${text}`);
      }
      expect(wrong).toEqual([]);
    },
    60_000,
  );

  test('a name of three parts is a fault of the request, by name', async () => {
    const { status, text } = await service.call('POST', '/api/query/spec', {
      from: { datasource: 'erp', table: 'shop.pg_catalog.pg_class' },
      measures: count,
    });
    expect(text).toContain('shop.pg_catalog.pg_class');
    expect(status).toBe(400);
  });

  test('catalog listings show none of them', async () => {
    const { text: schemas } = await service.call('GET', '/api/datasources/erp/schemas');
    expect(schemas).not.toMatch(/pg_catalog|information_schema"|performance_schema|"mysql"|"sys"/i);
    for (const query of [
      '',
      '?schema=pg_catalog',
      '?schema=information_schema',
      '?schema=mysql',
      '?schema=SYS',
    ]) {
      const { json } = await service.call('GET', `/api/datasources/erp/tables${query}`);
      const listed = json.items.map(({ schema: of }: { schema: string }) => of);
      expect(new Set([...listed, server.database, 'public']).size).toBeLessThanOrEqual(2);
    }
  });

  test.each([...own])("%s, a table of the user's own, is read", async (name) => {
    for (const [path, body] of [
      ['/query/spec', { from: { datasource: 'erp', table: name }, measures: count }],
      ['/query/distinct', { from: { datasource: 'erp', table: name }, field: 'id' }],
    ] as const) {
      const { status, json } = await service.call('POST', `/api${path}`, body);
      expect([json.code, status]).toEqual([undefined, 200]);
    }
  });

  test.each([
    { schema: engine === 'postgres' ? 'pg_catalog' : 'mysql' },
    { schema: 'information_schema' },
    engine === 'postgres'
      ? { options: { search_path: 'public, information_schema' } }
      : { database: 'performance_schema' },
  ])('a datasource that leads there is refused: %p', async (more) => {
    const { user, password, host, port, database } = server;
    const settings = { user, password, host, port, database, ...more };
    const { status, text } = await service.call('POST', '/api/datasources', {
      name: 'bad',
      type: engine,
      settings,
    });
    expect(text).toContain("is the server's own");
    expect(status).toBe(400);
  });
});
