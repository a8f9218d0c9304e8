import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { scriptedModel } from '../support/ai/scripted-model.ts';
import { type Contract, contractOf, type Described } from '../support/openapi.ts';
import { type ExampleRequest, exampleRequests, inOrder, Links } from '../support/openapi-examples.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { ADMIN, openService, type TestService, until } from '../support/service-kit.ts';

/** The columns of the demo's orders. */
const ORDERS = `SELECT i + 1 AS order_id, TIMESTAMP '2023-01-01' + to_hours(cast(i * 13 AS INTEGER)) AS ordered_at,
  ['Europe', 'Asia Pacific'][1 + i % 2] AS region, ['Italy', 'Japan', 'France', 'India'][1 + i % 4] AS country,
  ['web', 'store', 'phone'][1 + i % 3] AS channel, ['Kitchen', 'Furniture', 'Stationery', 'Electronics'][1 + i % 4] AS category,
  cast(i % 7 AS INTEGER) AS quantity, cast(i % 100 + 0.25 AS DECIMAL(18, 2)) AS amount FROM range(2000) t(i)`;

let postgres: PostgresServer;
let service: TestService;
let model: ReturnType<typeof scriptedModel>;
let contract: Contract;
let token = '';
const links = new Links();

beforeAll(async () => {
  postgres = await startPostgres();
  postgres.admin(
    `CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, balance numeric(10, 2));
     INSERT INTO customers VALUES (1, 'Ada', 10.50), (2, 'Grace', NULL)`,
  );
  model = scriptedModel('{}');
  service = await openService({ OUTBOUND_ALLOW: '127.0.0.0/8', RUN_SCHEDULER: '1' });
  await service.uploadQuery('orders', ORDERS);
  const { json } = await service.call('GET', '/api/openapi.json');
  contract = contractOf(json);
  token = await signIn();
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
});

async function signIn(password = ADMIN.password): Promise<string> {
  const answer = await fetch(`${service.url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...ADMIN, password }),
  });
  return ((await answer.json()) as { token: string }).token;
}

/** The example of a database or of a model's provider, with the address of the one of this test. */
function atThisPlace(body: unknown): unknown {
  const given = body as { settings?: { host?: string }; baseUrl?: string };
  if (given.baseUrl !== undefined) return { ...given, baseUrl: model.url };
  if (given.settings?.host === undefined) return body;
  const { host, port, user, password, database } = postgres;
  return { ...given, settings: { host, port, user, password, database } };
}

async function send({ of, path, headers, body }: ExampleRequest) {
  const answer = await fetch(service.url + path, {
    method: of.method.toUpperCase(),
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  return {
    status: answer.status,
    type: answer.headers.get('content-type') ?? '',
    text: await answer.text(),
  };
}

const SPEC = {
  kind: 'spec',
  dimensions: [{ field: 'region' }],
  measures: [{ agg: 'sum', field: 'amount', as: 'revenue' }],
};

/** What the model says to each example. */
const SAID: Record<string, object[]> = {
  aiDescribe: [{ text: 'Orders.', columns: [{ name: 'region', description: 'Where', synonyms: ['area'] }] }],
  aiEnhance: [{ prompt: 'Revenue by region in 2024', notes: ['Which currency?'] }],
  aiPlan: [{ steps: [{ kind: 'query', title: 'Revenue', detail: 'by region' }] }],
  aiSuggest: [{ widgets: [{ title: 'Revenue', chart: 'bar', query: SPEC, why: 'It shows most' }] }],
  aiAsk: [
    { answerable: true, title: 'Revenue', query: SPEC, chart: 'bar', assumptions: [] },
    { text: 'Europe is first.' },
  ],
  aiExplain: [{ text: 'It rose.' }],
  aiFix: [{ query: SPEC, changes: 'The name of the field' }],
};

/** Prepares what an example needs that no example makes; gives what undoes it. */
const SETUP: Record<string, () => Promise<() => Promise<void>>> = {
  /** A query that runs until it is cancelled. */
  async cancelQuery() {
    const requestId = 'example-query';
    const asked = service.call('POST', '/api/query', {
      sql: 'select count(*) from orders a, orders b, orders c, orders d where a.amount + b.amount * c.amount < d.amount',
      requestId,
    });
    await until(async () => {
      const { json } = await service.call('GET', '/api/queries');
      return json.items.some((query: { requestId: string }) => query.requestId === requestId);
    });
    const running = contract.byId('listQueries');
    const listed = await send({ of: running, name: '', path: '/api/queries', headers: {} });
    expect(contract.faults(running, listed)).toEqual([]);
    links.set('cancelQuery', 'requestId', requestId);
    return async () => expect((await asked).json).toMatchObject({ code: 'query.cancelled' });
  },

  /** A run that waits for a server that answers no more. */
  async abortRun() {
    let isSilent = false;
    const silence = new Promise<Response>(() => undefined);
    const silent = Bun.serve({
      port: 0,
      idleTimeout: 0,
      fetch: () => (isSilent ? silence : new Response('a,b\n1,2\n')),
    });
    const made = await service.call('POST', '/api/sync-tasks', {
      name: 'a silent source',
      source: { kind: 'url', url: `http://127.0.0.1:${silent.port}/file.csv` },
      dataset: 'silence',
      mode: 'snapshot',
    });
    expect(made.json).toMatchObject({ name: 'a silent source' });
    isSilent = true;
    const run = await service.call('POST', `/api/sync-tasks/${made.json.id}/run`, {});
    await until(async () => (await service.call('GET', `/api/runs/${run.json.id}`)).json.state === 'running');
    links.set('abortRun', 'run', run.json.id);
    return async () => void (await silent.stop(true));
  },
};

/** The WebSocket, which no plain request opens. */
const BY_ANOTHER_TEST = ['openLive'];

async function runExamples(of: Described): Promise<string[]> {
  const { operationId } = of.operation;
  const undo = await SETUP[operationId]?.();
  if (SAID[operationId]) model.say(...SAID[operationId]);
  const found: string[] = [];
  for (const request of exampleRequests(of, links, atThisPlace)) {
    const answer = await send(request);
    const faults = contract.faults(of, answer);
    const isGood = answer.status >= 200 && answer.status < 300;
    if (!isGood) faults.push(`${answer.status} ${answer.text}`);
    else if (answer.type.startsWith('application/json'))
      links.follow(of, answer.status, JSON.parse(answer.text));
    found.push(...faults.map((fault) => `${operationId} ${request.name}: ${fault}`));
  }
  await undo?.();
  return found;
}

/** The password that the example of a change leaves. */
function newPasswordOf({ byId }: Contract): { newPassword: string } {
  const [request] = exampleRequests(byId('changePassword'), links, atThisPlace);
  return JSON.parse(String(request?.body)) as { newPassword: string };
}

describe('every example of the document', () => {
  test('answers as it is described', async () => {
    const wrong: string[] = [];
    let count = 0;
    for (const of of inOrder(contract)) {
      if (BY_ANOTHER_TEST.includes(of.operation.operationId)) continue;
      wrong.push(...(await runExamples(of)));
      count++;
    }
    const { newPassword } = newPasswordOf(contract);
    token = await signIn(newPassword);
    expect(wrong).toEqual([]);
    expect(count).toBe(contract.operations.length - BY_ANOTHER_TEST.length);
  });
});

describe('answers beyond the examples', () => {
  test.each([
    ['querySpec', '/api/query/spec', '?shape=objects'],
    ['querySpec', '/api/query/spec', '?shape=columns'],
    ['querySpec', '/api/query/spec', '?format=csv'],
    ['queryPivot', '/api/query/pivot', '?shape=long'],
    ['queryPivot', '/api/query/pivot', '?format=csv'],
    ['queryDistinct', '/api/query/distinct', '?shape=columns'],
  ])('%s %s%s is as described', async (operationId, path, query) => {
    const of = contract.byId(operationId);
    const [request] = exampleRequests(of, links, atThisPlace);
    const answer = await send({ ...request!, path: path + query });
    expect(answer.status).toBe(200);
    expect(contract.faults(of, answer)).toEqual([]);
  });

  test('a format that is marked as not built answers the documented 501', async () => {
    const of = contract.byId('querySpec');
    const format = of.operation.parameters?.find(({ name }) => name === 'format');
    const notBuilt = ['xlsx', 'parquet', 'arrow'];
    expect(format?.schema).toMatchObject({ 'x-not-built': notBuilt });
    const [request] = exampleRequests(of, links, atThisPlace);
    for (const name of notBuilt) {
      const answer = await send({ ...request!, path: `/api/query/spec?format=${name}` });
      expect(answer.status).toBe(501);
      expect(contract.faults(of, answer)).toEqual([]);
    }
  });

  test('what is marked as not built is refused as that, and no other aggregation is', async () => {
    const { schemas } = contract.document.components;
    const marked = (name: string) =>
      Object.entries(schemas[name]!.properties as Record<string, { 'x-not-built'?: unknown }>)
        .filter(([, schema]) => schema['x-not-built'] === true)
        .map(([field]) => field);
    const of = contract.byId('querySpec');
    const headers = { 'content-type': 'application/json' };
    const ask = async (path: string, body: object) => {
      const { text } = await send({ of, name: '', path, headers, body: JSON.stringify(body) });
      return (JSON.parse(text) as { code?: string }).code;
    };
    const from = { dataset: 'orders' };
    const measure = { agg: 'count', as: 'n' };
    const wrong: string[] = [];
    for (const [path, schema, base] of [
      ['/api/query/spec', 'QuerySpec', { from, measures: [measure] }],
      ['/api/query/pivot', 'PivotSpec', { from, measures: [measure] }],
      ['/api/query/distinct', 'DistinctSpec', { from, field: 'region' }],
    ] as const)
      for (const field of marked(schema)) {
        const code = await ask(path, { ...base, [field]: {} });
        if (code !== 'query.not_built') wrong.push(`${schema}.${field}: ${code}`);
      }
    for (const field of marked('Measure')) {
      const code = await ask('/api/query/spec', { from, measures: [{ ...measure, [field]: {} }] });
      if (code !== 'query.not_built') wrong.push(`Measure.${field}: ${code}`);
    }
    const { agg } = schemas.Measure!.properties as Record<'agg', { enum: string[]; 'x-not-built': string[] }>;
    for (const name of agg.enum) {
      const code = await ask('/api/query/spec', {
        from,
        measures: [{ agg: name, field: 'quantity', as: 'n' }],
      });
      const isMarked = agg['x-not-built'].includes(name);
      if ((code === 'query.not_built') !== isMarked) wrong.push(`${name}: ${code}`);
    }
    expect(wrong).toEqual([]);
    expect(marked('Measure').length).toBeGreaterThan(5);
  });

  test('the socket opens with the documented credentials', async () => {
    const { operation, path } = contract.byId('openLive');
    expect(Object.keys(operation.responses)).toContain('101');
    const socket = new WebSocket(service.url.replace('http', 'ws') + path, {
      headers: { authorization: `Bearer ${token}` },
    } as unknown as string[]);
    const opened = Promise.withResolvers<void>();
    socket.onopen = () => opened.resolve();
    socket.onerror = () => opened.reject(new Error('the socket did not open'));
    await opened.promise;
    socket.close();
  });

  test('without credentials every guarded operation answers its documented problem', async () => {
    const wrong: string[] = [];
    let count = 0;
    for (const of of contract.operations) {
      const isOpen =
        of.operation.security.length === 0 ||
        of.operation.security.some((way) => Object.keys(way).length === 0);
      if (isOpen || of.operation.tags.includes('service')) continue;
      const answer = await fetch(service.url + of.path.replaceAll(/\{\w+\}/g, 'x'), {
        method: of.method.toUpperCase(),
      });
      const faults = contract.faults(of, {
        status: answer.status,
        type: answer.headers.get('content-type') ?? '',
        text: await answer.text(),
      });
      if (answer.status !== 401) faults.push(`status ${answer.status}`);
      wrong.push(...faults.map((fault) => `${of.operation.operationId}: ${fault}`));
      count++;
    }
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(95);
  });
});
