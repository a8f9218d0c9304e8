import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { LATEST_PROTOCOL_VERSION } from '@modelcontextprotocol/sdk/types.js';
import { createMcp } from '../../src/compose/mcp.ts';
import { openService, type TestService } from '../support/service-kit.ts';
import { VERSION } from '../support/whole-service.ts';

const CSV = `region,channel,amount,ordered_on
EU,web,10.10,2025-01-05
EU,shop,20.20,2025-02-05
US,web,30.30,2025-04-05
`;
const FROM = { dataset: 'orders' };
const QUERY = {
  kind: 'spec',
  dimensions: [{ field: 'region' }],
  measures: [{ agg: 'sum', field: 'amount', as: 'revenue' }],
};

let service: TestService;
let client: Client;
let transport: StreamableHTTPClientTransport;

async function connect(key: string): Promise<Client> {
  const made = new Client({ name: 'test', version: '1' });
  transport = new StreamableHTTPClientTransport(new URL(`${service.url}/api/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${key}` } },
  });
  // The library's own type of `sessionId` is not exact.
  await made.connect(transport as Parameters<Client['connect']>[0]);
  return made;
}

async function keyOf(scopes: string[]): Promise<string> {
  const { json } = await service.call('POST', '/api/api-keys', { name: `agent ${scopes}`, scopes });
  return json.key as string;
}

interface Called {
  isError?: boolean;
  structuredContent?: Record<string, unknown>;
  content: { type: string; text: string }[];
}
const run = async (name: string, args: object = {}) =>
  (await client.callTool({ name, arguments: args as Record<string, unknown> })) as unknown as Called;

beforeAll(async () => {
  service = await openService({ MCP_MAX_ROWS: '2', CORS_ORIGINS: 'https://reports.example' });
  expect((await service.upload('orders', 'orders.csv', CSV)).status).toBe(201);
  client = await connect(await keyOf(['read']));
});
afterAll(async () => {
  await client.close();
  await service[Symbol.asyncDispose]();
});

describe('through the official client', () => {
  test('the newest revision that the client speaks is agreed on; there is no session to end', async () => {
    expect(transport.protocolVersion).toBe(LATEST_PROTOCOL_VERSION);
    expect(transport.sessionId).toBeUndefined();
    await transport.terminateSession();
  });

  test('it says who it is, and what its tools do', async () => {
    expect(client.getServerVersion()).toMatchObject({ name: 'reporting-api', version: VERSION });
    expect(client.getInstructions()).toContain('Read-only');
    await client.ping();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'list_sources',
      'list_tables',
      'describe_source',
      'validate_query',
      'run_query',
      'explain_change',
    ]);
    for (const { annotations, inputSchema } of tools) {
      expect(annotations).toEqual({ readOnlyHint: true, destructiveHint: false, openWorldHint: false });
      expect(inputSchema.type).toBe('object');
      expect(JSON.stringify(inputSchema)).not.toContain('$ref');
    }
  });

  test('from the list of sources to a pivot', async () => {
    const sources = await run('list_sources');
    expect(sources.structuredContent).toEqual({
      datasets: [{ name: 'orders', description: '', rowCount: 3 }],
      models: [],
      datasources: [],
      truncated: false,
    });
    const described = await run('describe_source', { from: FROM });
    expect(described.structuredContent).toMatchObject({
      fields: [
        { name: 'region', type: 'text' },
        { name: 'channel', type: 'text' },
        { name: 'amount', type: 'decimal' },
        { name: 'ordered_on', type: 'date' },
      ],
    });
    expect((await run('validate_query', { from: FROM, query: QUERY })).structuredContent).toEqual({
      valid: true,
      faults: [],
    });
    const rows = await run('run_query', { from: FROM, query: QUERY });
    expect(rows.structuredContent).toMatchObject({
      rows: [
        ['EU', '30.30'],
        ['US', '30.30'],
      ],
    });
    expect(JSON.parse(rows.content[0]!.text)).toEqual(rows.structuredContent);
    const { measures } = QUERY;
    const pivot = { kind: 'pivot', rows: [{ field: 'region' }], columns: [{ field: 'channel' }], measures };
    const grid = await run('run_query', { from: FROM, query: pivot });
    expect((grid.structuredContent as { cells: unknown[][] }).cells.at(-1)).toEqual([
      '20.20',
      '40.40',
      '60.60',
    ]);
  });

  test('a change is explained', async () => {
    const { structuredContent } = await run('explain_change', {
      from: FROM,
      measure: { agg: 'sum', field: 'amount' },
      time: 'ordered_on',
      before: { from: '2025-01-01', to: '2025-04-01' },
      after: { from: '2025-04-01', to: '2025-07-01' },
      dimensions: ['region'],
    });
    expect(structuredContent).toMatchObject({ change: { before: '30.30', after: '30.30', delta: '0.00' } });
  });

  test('an answer has at most MCP_MAX_ROWS rows', async () => {
    const query = { ...QUERY, dimensions: [{ field: 'region' }, { field: 'channel' }], limit: 100 };
    const { structuredContent } = await run('run_query', { from: FROM, query });
    expect((structuredContent as { rows: unknown[] }).rows).toHaveLength(2);
    expect(structuredContent!.meta).toMatchObject({
      rowCount: 2,
      totalRows: 3,
      truncated: true,
      warnings: ['The answer was cut at MCP_MAX_ROWS (2) rows'],
    });
    expect(await service.metric('limits_hit_total{limit="MCP_MAX_ROWS"}')).toBe(1);
    for (const limit of [1, 2, undefined]) {
      const few = await run('run_query', { from: FROM, query: { ...QUERY, ...(limit ? { limit } : {}) } });
      expect(few.structuredContent!.meta).toMatchObject({ truncated: false, warnings: [] });
    }
    const pivot = { kind: 'pivot', rows: [{ field: 'amount' }], measures: QUERY.measures };
    const grid = await run('run_query', { from: FROM, query: pivot });
    expect(grid.structuredContent!.detail).toMatchObject({
      rows: { returned: 2, total: 3, truncated: true },
    });
  });

  test.each([
    ['run_query', { from: FROM, query: { ...QUERY, dimensions: [{ field: 'regoin' }] } }, 'did you mean'],
    [
      'run_query',
      { from: FROM, query: { ...QUERY, sql: 'drop table x' } },
      '/query/sql is not a known field',
    ],
    ['run_query', { from: { dataset: 'nope' }, query: QUERY }, 'resource.notFound'],
    ['run_query', { from: FROM, query: { kind: 'spec' } }, 'needs dimensions'],
    ['run_query', {}, 'must have the field'],
    ['describe_source', { from: { datasource: 'x', sql: 'select pg_sleep(9)' } }, 'resource.notFound'],
    ['list_tables', { datasource: 'nope' }, 'resource.notFound'],
    ['explain_change', { from: FROM }, 'must have the field'],
  ])('%s %j is an error that the agent can read', async (name, args, says) => {
    const { isError, content } = await run(name, args);
    expect(content[0]!.text).toContain(says);
    expect(isError).toBe(true);
  });

  test('a query that cannot run is told by its faults', async () => {
    const { structuredContent } = await run('validate_query', {
      from: FROM,
      query: { ...QUERY, measures: [{ agg: 'sum', field: 'region' }] },
    });
    expect(structuredContent).toMatchObject({
      valid: false,
      faults: [{ pointer: '/query/measures/0/field' }],
    });
  });

  test('an unknown tool', async () => {
    expect(run('drop_table')).rejects.toThrow('There is no tool');
  });
});

describe('the protocol itself', () => {
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    service.call('POST', '/api/mcp', body, { headers });

  test.each([
    [{ jsonrpc: '2.0', id: 1, method: 'nope' }, 200, { id: 1, error: { code: -32601 } }],
    [
      { jsonrpc: '2.0', id: 'a', method: 'tools/call', params: { name: 7 } },
      200,
      { id: 'a', error: { code: -32602 } },
    ],
    [{ id: 1, method: 'ping' }, 200, { id: null, error: { code: -32600 } }],
    [{ jsonrpc: '2.0', id: {}, method: 'ping' }, 200, { error: { code: -32600 } }],
    [{ jsonrpc: '2.0', id: 2, method: 'ping' }, 200, { id: 2, result: {} }],
    [
      { jsonrpc: '2.0', id: 3, method: 'initialize', params: { protocolVersion: '1999-01-01' } },
      200,
      { result: { protocolVersion: LATEST_PROTOCOL_VERSION } },
    ],
    [
      { jsonrpc: '2.0', id: 3, method: 'initialize', params: { protocolVersion: '2025-06-18' } },
      200,
      { result: { protocolVersion: '2025-06-18' } },
    ],
    [{ jsonrpc: '2.0', id: null, method: 'ping' }, 200, { id: null, error: { code: -32600 } }],
    [
      { jsonrpc: '2.0', id: 3, method: 'initialize', params: { protocolVersion: '2025-03-26' } },
      200,
      { result: { protocolVersion: '2025-03-26' } },
    ],
  ])('%j', async (message, status, answer) => {
    const got = await post(message);
    expect(got.json).toMatchObject(answer);
    expect(got.status).toBe(status);
  });

  test('a notification gets no answer', async () => {
    const { status, text } = await post({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect(text).toBe('');
    expect(status).toBe(202);
  });

  test('batches, streams and unknown revisions are refused', async () => {
    expect((await post([{ jsonrpc: '2.0', id: 1, method: 'ping' }])).status).toBe(400);
    for (const method of ['GET', 'DELETE']) {
      const { status, headers } = await service.call(method, '/api/mcp');
      expect(headers.get('allow')).toBe('POST');
      expect(status).toBe(405);
    }
    expect(
      (await post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { 'mcp-protocol-version': '1' })).json,
    ).toMatchObject({ code: 'request.invalid' });
  });

  test('without a key there is nothing', async () => {
    const response = await fetch(`${service.url}/api/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(response.headers.get('www-authenticate')).toStartWith('Bearer');
    expect(response.status).toBe(401);
  });

  test('pages of other origins are refused, those of CORS_ORIGINS are not', async () => {
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    for (const origin of ['https://evil.example', service.url, 'null', 'https://reports.example.evil']) {
      const { status, json: problem } = await post(ping, { origin });
      expect(problem).toMatchObject({ code: 'auth.forbidden', setting: 'CORS_ORIGINS' });
      expect(status).toBe(403);
    }
    const allowed = await post(ping, {
      origin: 'https://reports.example',
      'mcp-protocol-version': '2025-11-25',
    });
    expect(allowed.json).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
    const preflight = await fetch(`${service.url}/api/mcp`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://reports.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'mcp-protocol-version',
      },
    });
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Mcp-Protocol-Version');
  });

  test('lists that are cut say so', async () => {
    const tables = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `t${i}` }));
    const named = (count: number) => async (limit: number) => tables(Math.min(count, limit));
    const parts = (count: number) =>
      ({
        datasets: { list: named(count) },
        models: { list: named(0) },
        sources: { datasources: { list: named(0) }, catalog: { tables: async () => tables(count) } },
      }) as unknown as Parameters<typeof createMcp>[3];
    const parted = { config: { MCP_MAX_ROWS: 1 } } as unknown as Parameters<typeof createMcp>[0];
    for (const [count, truncated] of [
      [1000, false],
      [1001, true],
    ] as const) {
      const { catalog } = createMcp(parted, 'test', {} as never, parts(count)).deps;
      const { datasets, truncated: isCut } = await catalog.sources();
      expect([datasets.length, isCut]).toEqual([1000, truncated]);
      const listed = await catalog.tables('erp', undefined, new AbortController().signal);
      expect([listed.tables.length, listed.truncated]).toEqual([1000, truncated]);
    }
  });
});
