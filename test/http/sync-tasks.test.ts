import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { openService, type TestService, until } from '../support/service-kit.ts';

let server: TestServer;
let service: TestService;
const TABLE = { kind: 'table', datasource: 'shop', table: 'orders' };
const TASK = {
  name: 'orders',
  source: TABLE,
  dataset: 'orders',
  mode: 'incremental',
  cursor: { column: 'id' },
};

beforeAll(async () => {
  [server, service] = await Promise.all([startPostgres(), openService({ RUN_SCHEDULER: '1' })]);
  server.admin(
    `create table orders (id bigint primary key, at timestamptz not null, amount numeric(10,2), doc json);
     insert into orders select i, timestamptz '2024-01-01 00:00:00+00' + i * interval '1 s', i / 100.0, '{}' from generate_series(1, 500) i;
     analyze orders`,
  );
  const { host, port, user, password, database } = server;
  const settings = { host, port, user, password, database };
  await service.call('POST', '/api/datasources', { name: 'shop', type: 'postgres', settings });
}, 60_000);
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

test.each<[string, Record<string, unknown>, string, string]>([
  [
    'no such datasource',
    { source: { ...TABLE, datasource: 'nope' } },
    'resource.notFound',
    '/source/datasource',
  ],
  ['no such table', { source: { ...TABLE, table: 'nope' } }, 'resource.notFound', '/source/table'],
  [
    'a statement that writes',
    { source: { kind: 'sql', datasource: 'shop', sql: 'DELETE FROM orders' } },
    'query.refused',
    '/source/sql',
  ],
  [
    'a parameter without a value',
    { source: { kind: 'sql', datasource: 'shop', sql: 'SELECT id FROM orders WHERE id > :least' } },
    'request.invalid',
    '/source/params/least',
  ],
  ['no cursor', { cursor: undefined }, 'request.invalid', '/cursor'],
  ['a cursor in a snapshot', { mode: 'snapshot' }, 'request.invalid', '/cursor'],
  ['no such cursor', { cursor: { column: 'nope' } }, 'query.field', '/cursor/column'],
  ['a cursor without an order', { cursor: { column: 'doc' } }, 'request.invalid', '/cursor/column'],
  ['seconds of a number', { cursor: { column: 'id', lateS: 5 } }, 'request.invalid', '/cursor/lateS'],
  ['a number of a time', { cursor: { column: 'at', lateBy: 5 } }, 'request.invalid', '/cursor/lateBy'],
  ['deletes without a key', { deletes: { compareKeys: true } }, 'request.invalid', '/deletes'],
  ['no such key', { primaryKey: ['id', 'nope'] }, 'query.field', '/primaryKey/1'],
  ['no such column', { columns: [{ name: 'id' }, { name: 'nope' }] }, 'query.field', '/columns/1/name'],
  [
    'a lossy type',
    { columns: [{ name: 'id' }, { name: 'at', type: 'integer' }] },
    'request.invalid',
    '/columns/1/type',
  ],
  [
    'one name twice',
    { columns: [{ name: 'id' }, { name: 'at', as: 'ID' }] },
    'request.invalid',
    '/columns/1',
  ],
  ['an unknown field', { colour: 'red' }, 'request.invalid', '/colour'],
])('%s is refused', async (_, change, code, pointer) => {
  const answer = await service.call('POST', '/api/sync-tasks', { ...TASK, ...change });
  expect(answer.json).toMatchObject({ code, pointer });
  expect((await service.call('GET', '/api/sync-tasks')).json.items).toEqual([]);
});

test('a task is made, tried, run, changed and deleted', async () => {
  const { call } = service;
  const made = await call('POST', '/api/sync-tasks', TASK);
  expect(made.json).toMatchObject({ ...TASK, drift: 'add', datasetId: null, checkpoint: null });
  expect(made.status).toBe(201);
  expect((await call('POST', '/api/sync-tasks', { ...TASK, dataset: 'other' })).json).toMatchObject({
    code: 'resource.conflict',
    pointer: '/name',
  });
  expect((await call('POST', '/api/sync-tasks', { ...TASK, name: 'other' })).json).toMatchObject({
    code: 'resource.conflict',
    pointer: '/dataset',
  });

  const dry = await call('POST', '/api/sync-tasks/orders/dry-run');
  expect(dry.json).toMatchObject({ estimatedRows: 500, cursor: null, absent: [] });
  expect(dry.json.sample.rows[0]).toEqual([1, '2024-01-01T00:00:01Z', '0.01', '{}']);
  expect((await call('GET', '/api/datasets')).json.items).toEqual([]);

  expect((await call('POST', '/api/sync-tasks/orders/run', { backfill: { from: '1' } })).json).toMatchObject({
    code: 'request.invalid',
    pointer: '/backfill',
  });
  const run = await call('POST', '/api/sync-tasks/orders/run');
  expect(run.status).toBe(202);
  const ended = async (id: string) => (await call('GET', `/api/runs/${id}`)).json.endedAt !== null;
  await until(() => ended(run.json.id));
  const [done] = (await call('GET', '/api/sync-tasks/orders/runs')).json.items;
  expect(done).toMatchObject({
    state: 'succeeded',
    progress: { rows: 500 },
    result: { rowsAdded: 500, generation: 1 },
  });
  const counted = await call('POST', '/api/query/spec', {
    from: { dataset: 'orders' },
    measures: [{ agg: 'count' }, { agg: 'sum', field: 'amount' }],
  });
  expect(counted.json.rows).toEqual([[500, '1252.50']]);
  expect((await call('GET', '/api/sync-tasks/orders')).json.checkpoint).toMatchObject({
    cursor: '500',
    generation: 1,
  });
  expect(await service.metric('sync_rows_total{mode="incremental"}')).toBe(500);
  expect(await service.metric('sync_runs_total{mode="incremental",outcome="ok"}')).toBe(1);

  expect((await service.upload('orders', 'o.csv', 'a\n1\n')).json).toMatchObject({ code: 'dataset.owned' });
  expect((await call('DELETE', '/api/datasets/orders')).json).toMatchObject({ code: 'dataset.owned' });

  server.admin('drop table orders');
  const failed = await call('POST', '/api/sync-tasks/orders/run', {});
  await until(() => ended(failed.json.id));
  expect((await call('GET', `/api/runs/${failed.json.id}`)).json).toMatchObject({
    state: 'failed',
    fault: { code: 'resource.notFound', pointer: '/source/table' },
  });
  expect((await call('PATCH', '/api/sync-tasks/orders', { cursor: { column: 'at' } })).json).toMatchObject({
    code: 'resource.notFound',
  });
  // What is not about the source changes without it.
  expect((await call('PATCH', '/api/sync-tasks/orders', { keep: 3, description: 'd' })).json).toMatchObject({
    keep: 3,
    checkpoint: { cursor: '500' },
  });
  server.admin(
    `create table orders (id bigint primary key, at timestamptz not null, amount numeric(10,2), doc json)`,
  );
  expect(
    (await call('PATCH', '/api/sync-tasks/orders', { keep: null, cursor: { column: 'at' } })).json,
  ).toMatchObject({ checkpoint: null, cursor: { column: 'at' } });
  expect((await call('GET', '/api/datasets/orders')).json.rowCount).toBe(500);

  const schedule = { name: 'nightly', cron: '0 3 * * *', job: { kind: 'sync', task: 'orders' } };
  expect((await call('POST', '/api/schedules', schedule)).status).toBe(201);
  expect(
    (await call('POST', '/api/schedules', { ...schedule, name: 'x', job: { kind: 'sync', task: 'nope' } }))
      .json,
  ).toMatchObject({ code: 'resource.notFound', pointer: '/job/task' });

  // A schedule goes with its task when that has another name, and can be paused when it is gone.
  expect((await call('PATCH', '/api/sync-tasks/orders', { name: 'all orders' })).status).toBe(200);
  const { runId } = (await call('POST', '/api/schedules/nightly/run')).json;
  await until(() => ended(runId));
  expect((await call('GET', `/api/runs/${runId}`)).json).toMatchObject({ subjectId: made.json.id });
  expect((await call('PATCH', '/api/sync-tasks/all%20orders', { name: 'orders' })).status).toBe(200);

  const usedBy = [{ kind: 'syncTask', id: made.json.id, name: 'orders' }];
  const removed = await call('DELETE', '/api/datasources/shop');
  expect(removed.json).toMatchObject({ code: 'resource.conflict', usedBy });
  expect((await call('PATCH', '/api/datasources/shop', { name: 'store' })).json).toMatchObject({
    code: 'resource.conflict',
    pointer: '/name',
  });

  expect((await call('DELETE', '/api/sync-tasks/orders')).status).toBe(204);
  expect((await call('PATCH', '/api/schedules/nightly', { enabled: false })).json.nextAt).toBeNull();
  expect((await call('GET', '/api/datasets/orders')).json.rowCount).toBe(0);
  expect((await call('DELETE', '/api/datasets/orders')).status).toBe(204);
  const actions = (await call('GET', '/api/admin/audit')).json.items.map(
    ({ action }: { action: string }) => action,
  );
  expect(actions).toEqual(expect.arrayContaining(['syncTask.create', 'syncTask.update', 'syncTask.delete']));
}, 60_000);

test('how many runs read a datasource at once is its own to say', async () => {
  const { call } = service;
  const { host, port, user, password, database } = server;
  const settings = { host, port, user, password, database };
  const gone = { type: 'postgres', settings: { ...settings, syncConcurrency: 0 } };
  expect((await call('POST', '/api/datasources', { name: 'one', ...gone })).json).toMatchObject({
    code: 'request.invalid',
    pointer: '/settings/syncConcurrency',
  });
  const one = { name: 'one', type: 'postgres', settings: { ...settings, syncConcurrency: 1 } };
  expect((await call('POST', '/api/datasources', one)).json.settings).toMatchObject({ syncConcurrency: 1 });
  server.admin(
    'create view dozing as select i, cast(pg_sleep(0.02) as text) as s from generate_series(1, 1000) i',
  );
  const running: string[] = [];
  for (const name of ['first', 'second']) {
    const source = { kind: 'table', datasource: 'one', table: 'dozing' };
    await call('POST', '/api/sync-tasks', { name, dataset: name, mode: 'snapshot', source });
    running.push((await call('POST', `/api/sync-tasks/${name}/run`)).json.id);
    if (name === 'first')
      await until(async () => (await call('GET', `/api/runs/${running[0]}`)).json.state === 'running');
  }
  await until(async () => (await service.metric('limits_hit_total{limit="SYNC_SOURCE_CONCURRENCY"}')) === 1);
  expect((await call('GET', `/api/runs/${running[1]}`)).json.state).toBe('queued');
  expect(
    Number(
      server.admin(
        "select count(*) from pg_stat_activity where query like 'COPY%dozing%' and state = 'active'",
      ),
    ),
  ).toBeLessThan(2);
  await call('POST', `/api/runs/${running[0]}/abort`);
  await until(async () => (await call('GET', `/api/runs/${running[1]}`)).json.state === 'running');
  // A task that is deleted ends its runs.
  for (const name of ['first', 'second']) await call('DELETE', `/api/sync-tasks/${name}`);
  await until(async () => (await call('GET', `/api/runs/${running[1]}`)).json.state === 'aborted');
  await call('DELETE', '/api/datasources/one');
}, 60_000);

test('who may only read sees tasks and starts nothing', async () => {
  const reader = {
    email: 'reader@example.com',
    password: 'correct horse battery 2',
    name: 'R',
    role: 'viewer',
  };
  expect((await service.call('POST', '/api/users', reader)).status).toBe(201);
  const call = await service.as(reader.email, reader.password);
  expect((await call('GET', '/api/sync-tasks')).status).toBe(200);
  for (const [method, path] of [
    ['POST', '/api/sync-tasks/x/run'],
    ['POST', '/api/sync-tasks/x/dry-run'],
    ['DELETE', '/api/sync-tasks/x'],
    ['DELETE', '/api/sync-tasks/x/checkpoint'],
  ] as const)
    expect((await call(method, path)).json).toMatchObject({ code: 'auth.forbidden' });
});

test('seventeen schedules at one instant, each with a filter of its own, give each dataset its own rows', async () => {
  const { call } = service;
  server.admin('create table numbers as select i::bigint as id from generate_series(1, 500) i');
  const parts = Array.from({ length: 17 }, (_, rest) => ({ rest, name: `part ${rest}` }));
  for (const { rest, name } of parts) {
    const sql = 'SELECT id FROM numbers WHERE id % 17 = :rest';
    const source = { kind: 'sql', datasource: 'shop', sql, params: { rest } };
    const made = await call('POST', '/api/sync-tasks', { name, dataset: name, source, mode: 'snapshot' });
    expect(made.json).toMatchObject({ name });
  }
  for (const { name } of parts) {
    const job = { kind: 'sync', task: name };
    const made = await call('POST', '/api/schedules', { name, cron: '* * * * * *', job });
    expect(made.json).toMatchObject({ job });
  }
  const runsOf = async (name: string) => (await call('GET', `/api/sync-tasks/${name}/runs`)).json.items;
  for (const { name } of parts)
    await until(async () => {
      const states = (await runsOf(name)).map(({ state }: { state: string }) => state);
      expect(states).not.toContain('failed');
      return states.includes('succeeded');
    });
  for (const { name } of parts) expect((await call('DELETE', `/api/schedules/${name}`)).status).toBe(204);

  for (const { rest, name } of parts) {
    const { json } = await call('POST', '/api/query/spec', { from: { dataset: name }, dimensions: ['id'] });
    const ids = Array.from({ length: 500 }, (_, i) => i + 1).filter((id) => id % 17 === rest);
    expect(json.rows).toEqual(ids.map((id) => [id]));
  }
}, 120_000);
