import { afterAll, beforeAll, expect, test } from 'bun:test';
import { openService, type TestService, until } from '../support/service-kit.ts';
import { serve } from '../unit/outbound/kit.ts';

const ROWS = Array.from({ length: 25 }, (_, i) => ({
  id: i + 1,
  amount: (i + 1) * 10,
  region: ['EU', 'US'][i % 2],
  customer: { name: `c${i % 3}` },
}));

let server: Awaited<ReturnType<typeof serve>>;
let service: TestService;
/** What the API does next. */
let broken = false;
let hung = false;

beforeAll(async () => {
  server = await serve((request, response) => {
    const url = new URL(request.url!, 'http://h');
    if (request.headers.authorization !== 'Bearer s3cret-token')
      return response.writeHead(401).end('inner words: s3cret-token');
    if (broken) return response.writeHead(404).end('inner words');
    if (hung) return response.write('[{"id":1');
    const offset = Number(url.searchParams.get('offset'));
    return response.end(JSON.stringify({ data: ROWS.slice(offset, offset + 10) }));
  });
  service = await openService({
    RUN_SCHEDULER: '1',
    OUTBOUND_ALLOW: `127.0.0.1:${server.port}`,
    JOB_MAX_ATTEMPTS: '1',
  });
}, 60_000);
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const task = () => ({
  name: 'orders',
  dataset: 'orders',
  mode: 'snapshot',
  source: {
    kind: 'http',
    request: { url: `${server.url}/orders` },
    auth: { type: 'bearer', token: { secret: 'shop' } },
    root: '/data',
    paging: { type: 'offset', parameter: 'offset' },
  },
});

async function ended(id: string) {
  let run = await service.call('GET', `/api/runs/${id}`);
  await until(async () => {
    run = await service.call('GET', `/api/runs/${id}`);
    return !['queued', 'running'].includes(run.json.state);
  });
  return run.json;
}
const start = async () => (await service.call('POST', '/api/sync-tasks/orders/run', {})).json.id as string;

test('an API becomes a dataset that is pivoted; what fails says where, and nothing of the secret', async () => {
  const { call, logged } = service;
  const early = await call('POST', '/api/sync-tasks', task());
  expect(early.json).toMatchObject({ code: 'secret.missing', pointer: '/source/auth/token' });
  const secret = { name: 'shop', value: 's3cret-token', hosts: ['127.0.0.1'] };
  expect((await call('POST', '/api/secrets', secret)).status).toBe(201);
  const made = await call('POST', '/api/sync-tasks', task());
  expect(made.json).toMatchObject({ name: 'orders', source: { auth: { token: { secret: 'shop' } } } });

  const run = await ended(await start());
  expect(run).toMatchObject({ state: 'succeeded', result: { rowCount: 25, generation: 1 } });
  expect(run.progress.bytes).toBeGreaterThan(1000);
  const pivot = await call('POST', '/api/query/pivot', {
    from: { dataset: 'orders' },
    rows: ['region'],
    columns: ['customer.name'],
    measures: [{ agg: 'sum', field: 'amount', as: 'revenue' }],
    totals: { rows: 'all', columns: 'all' },
  });
  expect(pivot.json.cells.at(-1).at(-1)).toBe(3250);

  broken = true;
  const failedId = await start();
  const failed = await ended(failedId);
  expect(failed).toMatchObject({
    state: 'failed',
    fault: { code: 'source.http', params: { sourceStatus: 404, page: 1 }, step: 'fetch' },
  });
  broken = false;
  const shown = await call('GET', `/api/secrets/shop`);
  expect(shown.json.usedBy).toMatchObject([{ kind: 'syncTask', name: 'orders' }]);
  expect((await call('DELETE', '/api/secrets/shop')).json).toMatchObject({ code: 'resource.conflict' });
  const all = [
    failed,
    run,
    made.json,
    shown.json,
    (await call('GET', `/api/runs/${failedId}/log`)).json,
    logged,
  ];
  expect(JSON.stringify(all)).not.toMatch(/s3cret-token|inner words/);
}, 60_000);

test('an abort ends the call within a second and leaves the generation', async () => {
  hung = true;
  const id = await start();
  await until(async () => (await service.call('GET', `/api/runs/${id}`)).json.progress.bytes > 0);
  const before = performance.now();
  await service.call('POST', `/api/runs/${id}/abort`);
  expect(await ended(id)).toMatchObject({ state: 'aborted' });
  expect(performance.now() - before).toBeLessThan(1000);
  hung = false;
  expect((await service.call('GET', '/api/datasets/orders')).json).toMatchObject({
    generation: 1,
    rowCount: 25,
  });
}, 60_000);
