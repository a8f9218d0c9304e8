import { expect, test } from 'bun:test';
import { openService, until } from '../support/service-kit.ts';
import { VERSION } from '../support/whole-service.ts';

test('what an administrator sees of a process, and of a query that runs', async () => {
  await using service = await openService({ SLOW_QUERY_SECONDS: '0' });
  await service.uploadQuery('numbers', 'SELECT i, i % 7 AS d FROM range(3000000) t(i)');
  const slow = service.call('POST', '/api/query/spec', {
    from: { dataset: 'numbers' },
    dimensions: ['i'],
    measures: [{ agg: 'median', field: 'd' }],
    limit: 1,
    requestId: 'the-slow-one',
  });
  // biome-ignore lint/suspicious/noExplicitAny: what the API answers
  let during: any;
  await until(async () => {
    during = (await service.call('GET', '/api/admin/stats')).json;
    return during.queries.running.length > 0;
  });
  expect(during.queries.running).toEqual([
    {
      requestId: 'the-slow-one',
      userId: expect.stringMatching(/^usr_/),
      kind: 'spec',
      dataset: 'numbers',
      startedAt: expect.stringMatching(/Z$/),
      ageS: expect.any(Number),
      state: 'running',
    },
  ]);
  await slow;
  const { json: after } = await service.call('GET', '/api/admin/stats');
  expect(after).toMatchObject({
    version: VERSION,
    versions: { service: VERSION, bun: Bun.version, duckdb: expect.stringMatching(/^v\d+\.\d+\.\d+/) },
    process: { pid: service.pid, uptimeS: expect.any(Number) },
    memory: { rss: expect.any(Number), limit: expect.any(Number) },
    workers: { query: { started: 1 }, ingest: { started: 1 }, source: { started: 0 } },
    queries: { running: [], waiting: 0 },
    datasources: { pools: [] },
    datasets: { count: 1 },
    limitsHit: {},
  });
  expect(after.queries.slow[0]).toEqual({
    at: expect.stringMatching(/Z$/),
    requestId: 'the-slow-one',
    userId: during.queries.running[0].userId,
    kind: 'spec',
    engine: 'duckdb',
    source: 'numbers',
    ms: expect.any(Number),
    outcome: 'ok',
    rows: 1,
  });
  expect(after.datasets.bytes).toBeGreaterThan(1000);
  expect(after.disk.free).toBeGreaterThan(0);
  await until(() =>
    service.logged.some((line) => line.includes('"query.slow"') && line.includes('the-slow-one')),
  );
});

test('limits that were hit are counted there, and readers see none of it', async () => {
  await using service = await openService({ QUERY_MAX_ROWS: '1' });
  await service.upload('orders', 'orders.csv', 'region\nEU\nUS\n');
  await service.call('POST', '/api/query/spec', { from: { dataset: 'orders' }, dimensions: ['region'] });
  const { json } = await service.call('GET', '/api/admin/stats');
  expect(json.limitsHit).toEqual({ QUERY_MAX_ROWS: 1 });
  expect(json.queries.slow).toEqual([]);
  await service.call('POST', '/api/users', {
    email: 'v@example.com',
    name: 'V',
    role: 'viewer',
    password: 'long enough pass',
  });
  const viewer = await service.as('v@example.com', 'long enough pass');
  expect((await viewer('GET', '/api/admin/stats')).status).toBe(403);
});
