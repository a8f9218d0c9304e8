import { afterAll, beforeAll, expect, test } from 'bun:test';
import { type MetadataServer, startMetadataServer } from '../support/metadata-stores.ts';
import { ADMIN, openService, type TestService } from '../support/service-kit.ts';

/** The whole service with its metadata on PostgreSQL: the main ways through it, one after another. */
let meta: MetadataServer;
let app: TestService;

beforeAll(async () => {
  meta = await startMetadataServer();
  meta.server.admin(
    'create table orders (id bigint primary key, amount numeric(12, 2)); insert into orders values (1, 10.50), (2, 0.25)',
  );
  app = await openService({ METADATA_DB_PATH: meta.url('reports') });
}, 60_000);
afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  await meta?.[Symbol.asyncDispose]();
}, 60_000);

const rows = (query: string) => meta.look(query, 'reports');

test('people: made, signed in, changed, removed, and all of it in the audit log', async () => {
  const viewer = { email: 'v@example.com', name: 'Vera', role: 'viewer', password: 'correct horse 2' };
  const made = await app.call('POST', '/api/users', viewer);
  expect(made.json).toMatchObject({ email: viewer.email, role: 'viewer', disabled: false });
  expect((await app.call('POST', '/api/users', viewer)).json).toMatchObject({
    code: 'resource.conflict',
    pointer: '/email',
  });
  const asViewer = await app.as(viewer.email, viewer.password);
  expect((await asViewer('GET', '/api/auth/me')).json).toMatchObject({ user: { email: viewer.email } });
  const page = await app.call('GET', '/api/users?limit=1');
  const next = await app.call('GET', `/api/users?limit=1&cursor=${page.json.nextCursor}`);
  expect([...page.json.items, ...next.json.items].map(({ email }) => email)).toEqual([
    ADMIN.email,
    viewer.email,
  ]);
  const key = await app.call('POST', '/api/api-keys', { name: 'etl', scopes: ['read'] });
  expect(key.json.key).toStartWith('rk_');
  const byKey = await app.call('GET', '/api/users', undefined, {
    headers: { authorization: `Bearer ${key.json.key}` },
  });
  expect(byKey.status).toBe(403);
  await app.call('PATCH', `/api/users/${made.json.id}`, { disabled: true });
  expect((await asViewer('GET', '/api/auth/me')).status).toBe(401);
  expect((await app.call('DELETE', `/api/users/${made.json.id}`)).status).toBe(204);
  const audit = await app.call('GET', '/api/admin/audit?limit=200');
  const actions = audit.json.items.map(({ action }: { action: string }) => action);
  expect(actions).toEqual(
    expect.arrayContaining(['user.create', 'user.update', 'user.delete', 'apiKey.create']),
  );
  expect(rows('select count(*) from users')).toEqual(['1']);
});

test('datasets: uploaded, queried, replaced, rolled back, listed in order, removed', async () => {
  expect((await app.upload('sales', 's.csv', 'city,amount\nRome,1\nOslo,2\n')).status).toBe(201);
  const total = async () => {
    const spec = { from: { dataset: 'sales' }, measures: [{ as: 'total', agg: 'sum', field: 'amount' }] };
    const answer = await app.call('POST', '/api/query/spec', spec);
    return answer.json.rows;
  };
  expect(await total()).toEqual([[3]]);
  expect(
    (await app.upload('sales', 's.csv', 'city,amount\nRome,10\n', { replace: 'true' })).status,
  ).toBeLessThan(300);
  expect(await total()).toEqual([[10]]);
  const { json: dataset } = await app.call('GET', '/api/datasets/sales');
  expect(dataset).toMatchObject({ generation: 2, rowCount: 1 });
  expect((await app.call('POST', '/api/datasets/sales/rollback', { generation: 1 })).status).toBeLessThan(
    300,
  );
  expect(await total()).toEqual([[3]]);
  expect((await app.upload('Sales', 's.csv', 'x\n1\n')).status).toBe(201);
  expect((await app.upload('sales', 's.csv', 'x\n1\n')).json).toMatchObject({ code: 'resource.conflict' });
  expect((await app.call('DELETE', '/api/datasets/Sales')).status).toBe(204);
  expect(rows('select name from datasets')).toEqual(['sales']);
});

test('datasources: kept with sealed secrets, looked into, queried', async () => {
  const { host, port, user, password, database } = meta.server;
  const made = await app.call('POST', '/api/datasources', {
    ...{ name: 'shop', type: 'postgres' },
    settings: { host, port, database, user, password, tls: { mode: 'require' } },
  });
  expect(made.status).toBe(201);
  const tables = await app.call('GET', '/api/datasources/shop/tables');
  expect(tables.json.items.map(({ name }: { name: string }) => name)).toContain('orders');
  const answer = await app.call('POST', '/api/query/spec', {
    from: { datasource: 'shop', table: 'orders' },
    measures: [{ as: 'total', agg: 'sum', field: 'amount' }],
  });
  expect(answer.json.rows).toEqual([['10.75']]);
  const [kept] = rows("select settings || secrets from datasources where name = 'shop'");
  expect(kept).not.toContain(password);
  expect(kept).toContain(host);
});

test('the service’s own login is no datasource, under whatever name of the host', async () => {
  const own = new URL(meta.url('reports').replace('postgresql+psycopg', 'http'));
  const login = {
    ...{ port: Number(own.port), database: 'meta', user: own.username },
    password: decodeURIComponent(own.password),
  };
  const refused = {
    code: 'request.invalid',
    pointer: '/settings',
    detail: expect.stringContaining('metadata'),
  };
  for (const host of [own.hostname, 'LOCALHOST', '127.0.0.2']) {
    const body = { type: 'postgres', settings: { ...login, host } };
    expect((await app.call('POST', '/api/datasources', { name: 'own', ...body })).json).toMatchObject(
      refused,
    );
    expect((await app.call('POST', '/api/datasources/test', body)).json).toMatchObject(refused);
  }
  const dsn = `postgresql://${own.username}:${own.password}@${own.host}/meta`;
  const byDsn = await app.call('POST', '/api/datasources', { name: 'own', type: 'postgres', dsn });
  expect(byDsn.json).toMatchObject({ ...refused, pointer: '/dsn' });
  const moved = await app.call('PATCH', '/api/datasources/shop', {
    settings: { ...login, host: own.hostname },
  });
  expect(moved.json).toMatchObject(refused);
  await expect(openService({ METADATA_DB_PATH: meta.url('reports'), POSTGRES_DSN: dsn })).rejects.toThrow(
    /POSTGRES_DSN: names the database and user/,
  );
  const kept = await app.call('GET', '/api/datasources');
  expect(kept.json.items.map(({ name }: { name: string }) => name)).toEqual(['shop']);
});

test('another login that could read the metadata does not: its tables are refused on every path', async () => {
  const own = new URL(meta.url('reports'));
  const database = own.pathname.slice(1);
  meta.server.admin(
    `create role nosy login password 'p'; grant usage on schema reports to nosy; grant select on all tables in schema reports to nosy;
     create table public.visits (id integer); grant select on public.visits to nosy`,
    database,
  );
  const settings = { host: own.hostname, port: Number(own.port), database, user: 'nosy', password: 'p' };
  expect(
    (await app.call('POST', '/api/datasources', { name: 'nosy', type: 'postgres', settings })).status,
  ).toBe(201);
  const refused: string[] = [];
  for (const table of [
    'reports.users',
    'Reports.Users',
    'users',
    'reports.api_keys',
    'reports.datasources',
    'reports.migrations',
  ]) {
    const asked = [
      await app.call('POST', '/api/query/spec', {
        from: { datasource: 'nosy', table },
        measures: [{ agg: 'count' }],
      }),
      await app.call('POST', '/api/query', { datasource: 'nosy', sql: `select * from ${table}` }),
    ];
    const [schema, name] = table.includes('.') ? table.split('.') : [undefined, table];
    const query = schema === undefined ? '' : `?schema=${schema}`;
    asked.push(await app.call('GET', `/api/datasources/nosy/tables/${name}/preview${query}`));
    for (const { status, json } of asked)
      if (status !== 403 || json.code !== 'query.refused') refused.push(`${table}: ${status}`);
  }
  expect(refused).toEqual([]);
  const listed = await app.call('GET', '/api/datasources/nosy/tables');
  expect(listed.json.items.map(({ name }: { name: string }) => name)).toEqual(['visits']);
  const visits = await app.call('POST', '/api/query', {
    datasource: 'nosy',
    sql: 'select count(*) as n from visits',
  });
  expect(visits.json.rows).toEqual([[0]]);
  expect((await app.call('DELETE', '/api/datasources/nosy')).status).toBe(204);
});

test('an outage of the metadata is said, leaves the process healthy, and ends by itself', async () => {
  await meta.server.stop();
  const down = await app.call('GET', '/api/datasets');
  expect(down.json).toMatchObject({ code: 'storage.unreachable' });
  expect(down.status).toBe(503);
  expect(down.headers.get('retry-after')).toBe('5');
  expect((await app.call('GET', '/api/healthz')).status).toBe(200);
  expect((await app.call('GET', '/api/readyz')).status).toBe(503);
  await meta.server.start();
  const up = await app.call('GET', '/api/datasets');
  expect(up.json.items.map(({ name }: { name: string }) => name)).toEqual(['sales']);
  expect((await app.call('GET', '/api/readyz')).status).toBe(200);
  expect(app.logged.join('')).not.toContain(encodeURIComponent(meta.server.password));
  expect(app.logged.join('')).not.toContain(JSON.stringify(meta.server.password).slice(1, -1));
}, 60_000);
