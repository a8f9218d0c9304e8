import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startMariadb } from '../support/mariadb-server.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { openService, type TestService } from '../support/service-kit.ts';

const DATABASES = [
  {
    engine: 'postgres',
    start: startPostgres,
    schema: 'public',
    toText: 'ALTER TABLE orders ALTER units TYPE text',
  },
  { engine: 'mysql', start: startMariadb, schema: 'shop', toText: 'ALTER TABLE orders MODIFY units text' },
] as const;

describe.each(DATABASES)('columns of $engine that change', ({ engine, start, schema, toText }) => {
  let server: TestServer;
  let service: TestService;
  beforeAll(async () => {
    server = await start();
    service = await openService({ QUERY_RATE_PER_SEC: '1000', QUERY_BURST: '1000' });
    const { user, password, host, port, database } = server;
    const settings = { user, password, host, port, database };
    const made = await service.call('POST', '/api/datasources', { name: 'erp', type: engine, settings });
    expect(made.status).toBe(201);
  }, 60_000);
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const SPELLED = ['orders', `${schema}.orders`, '"orders"', `"${schema}"."orders"`];
  const ask = (table: string, body: Record<string, unknown>, path = 'spec') =>
    service.call('POST', `/api/query/${path}`, { from: { datasource: 'erp', table }, ...body });
  const sum = (field: string) => ({ measures: [{ agg: 'sum', field, as: 's' }] });

  test('are seen however the table is spelled, once they are named', async () => {
    server.admin('CREATE TABLE orders (units integer); INSERT INTO orders VALUES (1), (2)', server.database);
    for (const table of SPELLED) expect((await ask(table, sum('units'))).json.rows).toEqual([[3]]);
    server.admin('ALTER TABLE orders ADD price decimal(10,2) DEFAULT 1.5', server.database);
    for (const table of SPELLED) expect((await ask(table, sum('price'))).json.rows).toEqual([['3.00']]);
    const unknown = await ask('orders', sum('nothing'));
    expect(unknown.json).toMatchObject({ code: 'query.field', field: 'nothing' });
  });

  test('are seen after a rename, by the new name and in pivots', async () => {
    server.admin('ALTER TABLE orders RENAME COLUMN price TO cost', server.database);
    const pivot = { rows: ['cost'], measures: [{ agg: 'count' }] };
    expect((await ask('orders', pivot, 'pivot')).json.rows.members).toEqual([['1.50']]);
    for (const table of SPELLED) {
      const gone = await ask(table, sum('price'));
      expect(gone.json).toMatchObject({ code: 'query.field', field: 'price' });
    }
  });

  test('are seen when their type makes the statement another one', async () => {
    const above = { dimensions: ['units'], where: { field: 'units', op: 'gt', value: '1' } };
    expect((await ask('orders', above)).json.rows).toEqual([[2]]);
    server.admin(toText, server.database);
    for (const table of SPELLED) {
      const { json } = await ask(table, {
        dimensions: ['units'],
        where: { field: 'units', op: 'startsWith', value: '2' },
      });
      expect(json.rows).toEqual([['2']]);
    }
  });

  test('are seen by all spellings once one of them is refreshed', async () => {
    for (const table of SPELLED) await ask(table, { dimensions: ['units'] });
    server.admin('ALTER TABLE orders DROP COLUMN units, ADD units date', server.database);
    const path = `/api/datasources/erp/tables/orders/columns?schema=${schema}&refresh=true`;
    const { json } = await service.call('GET', path);
    expect(JSON.stringify(json)).toContain('"date"');
    for (const table of SPELLED) {
      const { json: answer } = await ask(table, { dimensions: ['units'] });
      expect(answer.columns).toMatchObject([{ name: 'units', type: 'date' }]);
    }
  });

  test('are seen when the database refuses a statement over the old ones', async () => {
    for (const table of SPELLED) await ask(table, { dimensions: ['units'] });
    server.admin('ALTER TABLE orders DROP COLUMN cost', server.database);
    for (const table of SPELLED) {
      const { json } = await ask(table, { dimensions: ['cost'] });
      expect(json).toMatchObject({ code: 'query.field', field: 'cost' });
    }
  });
});
