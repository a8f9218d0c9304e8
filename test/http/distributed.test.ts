import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { openService, type TestService } from '../support/service-kit.ts';

/**
 * A server whose statements can be understood and not planned, as on Citus where tables are joined by other columns than those that they are
 * distributed by: a function that is folded while planning says so with the same SQLSTATE.
 */
const TABLES = `
CREATE FUNCTION off_key(i integer) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'complex joins are only supported when all distributed tables are co-located' USING ERRCODE = '0A000'; END $$;
CREATE TABLE orders (id integer PRIMARY KEY, customer integer, word varchar(20));
INSERT INTO orders SELECT i, i % 7, 'w' || i % 3 FROM generate_series(1, 5000) AS i;
CREATE TABLE customers (id integer PRIMARY KEY, name text);
INSERT INTO customers SELECT i, 'c' || i FROM generate_series(0, 6) AS i;
CREATE TABLE regions (id integer PRIMARY KEY, name text);
ALTER TABLE regions ENABLE ROW LEVEL SECURITY;
CREATE POLICY planned ON regions USING (off_key(1));
CREATE EXTENSION pg_stat_statements;
CREATE SCHEMA engine_catalog; CREATE TABLE engine_catalog.placements (shard integer);
ALTER EXTENSION pg_stat_statements ADD SCHEMA engine_catalog;
CREATE TABLE parted (i integer) PARTITION BY HASH (i);
ANALYZE orders;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
`;

let server: TestServer;
let service: TestService;
const call = (method: 'GET' | 'POST', path: string, body?: unknown) =>
  service.call(method, `/api${path}`, body);

beforeAll(async () => {
  server = await startPostgres();
  server.admin(`CREATE ROLE reader LOGIN PASSWORD '${server.password}'`);
  server.admin(TABLES);
  service = await openService();
  const { password, host, port, database } = server;
  const dsn = `postgresql://reader:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  expect((await call('POST', '/datasources', { name: 'erp', type: 'postgres', dsn })).status).toBe(201);
}, 60_000);
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const model = (table: string) => ({
  name: `with ${table}`,
  from: { datasource: 'erp', table: 'orders' },
  joins: [{ table, as: 'r', on: [['customer', 'r.id']] }],
});

test('a model that the database cannot plan is refused when it is made', async () => {
  const { status, json } = await call('POST', '/models', model('regions'));
  expect(json).toMatchObject({ code: 'query.unsupported', pointer: '/joins', sqlState: '0A000' });
  expect(json.detail).toContain('a join goes by the columns that they are distributed by');
  expect(json.detail).not.toContain('co-located');
  expect(status).toBe(422);
  expect((await call('GET', '/models/with%20regions')).status).toBe(404);
  expect((await call('POST', '/models', model('customers'))).status).toBe(201);
});

test('a query that the database cannot plan is unsupported, in words', async () => {
  const from = { datasource: 'erp', table: 'regions' };
  const { json } = await call('POST', '/query/spec', { from, dimensions: ['name'] });
  expect(json.code).toBe('query.unsupported');
  expect(json.detail).toContain('does not support what the statement asks for');
});

test('a preview has as many rows as it is asked for, with whole texts', async () => {
  const { json } = await call('GET', '/datasources/erp/tables/orders/preview?limit=3');
  expect(json.rows).toHaveLength(3);
  expect(json.rows.map(([, , word]: [string, string, string]) => word)).toEqual(['w1', 'w2', 'w0']);
});

test('the tables of the engine and of extensions are not among the user’s, and no rows are guessed', async () => {
  const { json } = await call('GET', '/datasources/erp/tables');
  const tables: { name: string; estimatedRows?: number }[] = json.tables ?? json.items;
  expect(tables.map(({ name }) => name).sort()).toEqual(['customers', 'orders', 'parted', 'regions']);
  const estimates = Object.fromEntries(tables.map(({ name, estimatedRows }) => [name, estimatedRows]));
  expect(estimates).toEqual({ orders: 5000, customers: undefined, parted: undefined, regions: undefined });
});

test('two columns of a SELECT with one name are refused by place and name', async () => {
  const from = { datasource: 'erp', sql: 'SELECT id, word AS id FROM orders' };
  const { json } = await call('POST', '/query/spec', { from, dimensions: ['id'] });
  expect(json).toMatchObject({
    code: 'request.invalid',
    detail: 'Column 2 of the statement has the name "id" of another one; rename one of them with AS',
    pointer: '/from/sql',
    position: 2,
  });
});
