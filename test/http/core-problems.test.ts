import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import {
  ADMIN,
  AS_JSON,
  type ProblemBody,
  SECRET,
  type Started,
  sendRaw,
  start,
  VIEWER,
} from './core-kit.ts';

let server: Started;
beforeAll(async () => {
  server = await start({ MAX_BODY_BYTES: '64KiB', UPLOAD_MAX_BYTES: '128KiB' });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

interface Scenario {
  name: string;
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: Bun.BodyInit;
  code: string;
  status: number;
  expected?: Partial<ProblemBody>;
  answerHeaders?: Record<string, string>;
}

const post = (path: string, body: Bun.BodyInit, rest: Partial<Scenario> = {}) => ({
  path,
  method: 'POST',
  headers: AS_JSON,
  body,
  ...rest,
});
const nested = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;

const SCENARIOS: Scenario[] = [
  { name: 'unknown path', path: '/api/nothing', code: 'route.notFound', status: 404 },
  { name: 'outside /api', path: '/', code: 'route.notFound', status: 404 },
  {
    name: 'doubled slash',
    path: '/api//healthz',
    code: 'route.notFound',
    status: 404,
  },
  {
    name: 'wrong method',
    path: '/api/healthz',
    method: 'DELETE',
    code: 'route.method',
    status: 405,
    expected: { allow: ['GET', 'HEAD'] },
    answerHeaders: { allow: 'GET, HEAD' },
  },
  {
    name: 'no credentials',
    path: '/api/probe/page',
    code: 'auth.required',
    status: 401,
    answerHeaders: { 'www-authenticate': 'Bearer realm="reporting-api"' },
  },
  {
    name: 'wrong credentials',
    path: '/api/probe/page',
    headers: { authorization: 'Bearer nobody' },
    code: 'auth.invalid',
    status: 401,
    answerHeaders: { 'www-authenticate': 'Bearer realm="reporting-api"' },
  },
  {
    name: 'missing scope',
    path: '/api/admin/stats',
    headers: VIEWER,
    code: 'auth.forbidden',
    status: 403,
    expected: { scope: 'admin' },
  },
  {
    name: 'wrong type in the body',
    ...post('/api/probe/body', '{"a":"x"}'),
    code: 'request.invalid',
    status: 400,
    expected: { pointer: '/a', in: 'body', detail: '/a must be number' },
  },
  {
    name: 'wrong item deep in the body',
    ...post('/api/probe/body', '{"a":1,"list":[1,2.5]}'),
    code: 'request.invalid',
    status: 400,
    expected: { pointer: '/list/1', in: 'body' },
  },
  {
    name: 'wrong grain in a pivot',
    ...post(
      '/api/probe/pivot',
      '{"from":{"dataset":"d"},"measures":[],"rows":[{"field":"t","grain":"fortnight"}]}',
    ),
    code: 'request.invalid',
    status: 400,
    expected: { pointer: '/rows/0/grain', in: 'body' },
  },
  {
    name: 'unknown field',
    ...post('/api/probe/body', '{"a":1,"b/c":2}'),
    code: 'request.invalid',
    status: 400,
    expected: { pointer: '/b~1c' },
  },
  {
    name: '__proto__ as a field',
    ...post('/api/probe/body', '{"a":1,"__proto__":{"scopes":["admin"]}}'),
    code: 'request.invalid',
    status: 400,
    expected: { pointer: '/__proto__' },
  },
  {
    name: 'null for a body',
    ...post('/api/probe/body', 'null'),
    code: 'request.invalid',
    status: 400,
    expected: { pointer: '' },
  },
  {
    name: 'broken JSON',
    ...post('/api/probe/body', '{"a": 1,\n "b": }'),
    code: 'request.parse',
    status: 400,
    expected: { line: 2, column: 7 },
  },
  {
    name: 'JSON cut off',
    ...post('/api/probe/body', '{"a":'),
    code: 'request.parse',
    status: 400,
    expected: { line: 1, column: 6 },
  },
  {
    name: 'text after the JSON',
    ...post('/api/probe/body', '{"a":1} x'),
    code: 'request.parse',
    status: 400,
    expected: { line: 1, column: 9 },
  },
  { name: 'empty body', ...post('/api/probe/body', ''), code: 'request.parse', status: 400 },
  {
    name: 'empty chunked body',
    ...post('/api/probe/body', new ReadableStream({ start: (controller) => controller.close() })),
    code: 'request.parse',
    status: 400,
  },
  {
    name: 'invalid UTF-8',
    ...post('/api/probe/body', new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])),
    code: 'request.parse',
    status: 400,
    expected: { detail: 'The body is not valid UTF-8' },
  },
  {
    name: 'nested 201 levels',
    ...post('/api/probe/body', nested(200)),
    code: 'request.parse',
    status: 400,
  },
  {
    name: 'nested 30,000 levels',
    ...post('/api/probe/body', nested(30_000)),
    code: 'request.parse',
    status: 400,
  },
  {
    name: 'opened 60,000 times, never closed',
    ...post('/api/probe/body', '['.repeat(60_000)),
    code: 'request.parse',
    status: 400,
  },
  {
    name: 'form for JSON',
    ...post('/api/probe/body', 'a=1', {
      headers: { ...VIEWER, 'content-type': 'application/x-www-form-urlencoded' },
    }),
    code: 'request.unsupportedMedia',
    status: 415,
    expected: { accepts: ['application/json'] },
  },
  {
    name: 'no content type',
    ...post('/api/probe/body', new TextEncoder().encode('{"a":1}'), { headers: VIEWER }),
    code: 'request.unsupportedMedia',
    status: 415,
  },
  {
    name: 'JSON in another charset',
    ...post('/api/probe/body', '{"a":1}', {
      headers: { ...VIEWER, 'content-type': 'application/json; charset=utf-16' },
    }),
    code: 'request.unsupportedMedia',
    status: 415,
  },
  {
    name: 'declared length past the limit',
    ...post('/api/probe/body', 'x'.repeat(65 * 1024)),
    code: 'request.tooLarge',
    status: 413,
    expected: { limit: 'MAX_BODY_BYTES', maxBytes: 65_536 },
  },
  {
    name: 'wrong query parameter',
    path: '/api/probe/page?limit=0',
    headers: VIEWER,
    code: 'request.invalid',
    status: 400,
    expected: { pointer: '/limit', in: 'query' },
  },
  {
    name: 'query parameter given twice',
    path: '/api/probe/page?limit=1&limit=2',
    headers: VIEWER,
    code: 'request.invalid',
    status: 400,
    expected: { pointer: '/limit', in: 'query' },
  },
  {
    name: 'unknown query parameter',
    path: '/api/probe/page?__proto__=1',
    headers: VIEWER,
    code: 'request.invalid',
    status: 400,
    expected: { pointer: '/__proto__', in: 'query' },
  },
  {
    name: 'broken escape in the query',
    path: '/api/probe/page?search=%zz',
    headers: VIEWER,
    code: 'request.invalid',
    status: 400,
    expected: { in: 'query' },
  },
  {
    name: 'wrong path parameter',
    path: '/api/probe/code/ABC',
    headers: VIEWER,
    code: 'request.invalid',
    status: 400,
    expected: { pointer: '/code', in: 'path' },
  },
  {
    name: 'broken escape in the path',
    path: '/api/probe/any/%zz',
    headers: VIEWER,
    code: 'request.invalid',
    status: 400,
    expected: { pointer: '/name', in: 'path' },
  },
  {
    name: 'truncated UTF-8 in the path',
    path: '/api/probe/any/%C3',
    headers: VIEWER,
    code: 'request.invalid',
    status: 400,
    expected: { pointer: '/name', in: 'path' },
  },
  {
    name: 'a handler throws an Error',
    path: '/api/probe/fail/error',
    headers: VIEWER,
    code: 'internal',
    status: 500,
  },
  {
    name: 'a handler throws a text',
    path: '/api/probe/fail/text',
    headers: VIEWER,
    code: 'internal',
    status: 500,
  },
  {
    name: 'a handler throws undefined',
    path: '/api/probe/fail/nothing',
    headers: VIEWER,
    code: 'internal',
    status: 500,
  },
  {
    name: 'an answer that JSON cannot hold',
    path: '/api/probe/fail/bigint',
    headers: VIEWER,
    code: 'internal',
    status: 500,
  },
  {
    name: 'overloaded',
    path: '/api/probe/fail/busy',
    headers: VIEWER,
    code: 'overloaded',
    status: 503,
    answerHeaders: { 'retry-after': '3' },
  },
  {
    name: 'params that look like members',
    path: '/api/probe/fail/forged',
    headers: VIEWER,
    code: 'query.failed',
    status: 422,
    expected: { rows: 3 },
  },
];

const LEAKS = [SECRET, 'at handle', '.ts:', 'node_modules', '/src/', 'Error:', 'typebox', 'elysia'];

describe('each failure has the one shape', () => {
  test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario) => {
    const { path, method = 'GET', headers = {}, body, code, status, expected = {} } = scenario;
    const response = await fetch(server.url + path, {
      method,
      headers: { ...headers, 'x-request-id': 'test:1.a-b_c' },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const problem = JSON.parse(text) as ProblemBody;
    expect(problem).toMatchObject({
      code,
      status,
      type: `/api/docs/errors#${code}`,
      instance: 'urn:request:test:1.a-b_c',
      requestId: 'test:1.a-b_c',
      ...expected,
    } as ProblemBody);
    expect(problem.title).not.toBe('');
    expect(problem.detail).not.toBe('');
    for (const leak of LEAKS) expect(text).not.toContain(leak);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('x-request-id')).toBe('test:1.a-b_c');
    for (const [name, value] of Object.entries(scenario.answerHeaders ?? {}))
      expect(response.headers.get(name)).toBe(value);
  });

  test('and the log has the cause of those that are ours', async () => {
    await fetch(`${server.url}/api/probe/fail/error`, {
      headers: { ...VIEWER, 'x-request-id': 'find-me' },
    });
    const failed = server.logged.find((line) => line.event === 'http.failed' && line.requestId === 'find-me');
    expect(failed).toMatchObject({ level: 'error', route: '/api/probe/fail/error', code: 'internal' });
    expect(failed?.cause).toContain(SECRET);
  });

  test('the limit of 200 levels itself is let through', async () => {
    const response = await fetch(`${server.url}/api/probe/body`, {
      method: 'POST',
      headers: AS_JSON,
      body: nested(199),
    });
    expect(await response.json()).toMatchObject({ code: 'request.invalid', pointer: '/a' });
  });
});

describe('body limits', () => {
  const chunks = (bytes: number) =>
    new ReadableStream({
      async start(controller) {
        for (let sent = 0; sent < bytes; sent += 8192) controller.enqueue(new Uint8Array(8192).fill(0x20));
        controller.close();
      },
    });

  test('a chunked body is counted and refused past the limit', async () => {
    const response = await fetch(`${server.url}/api/probe/body`, {
      method: 'POST',
      headers: AS_JSON,
      body: chunks(100_000),
    });
    expect(await response.json()).toMatchObject({ code: 'request.tooLarge', limit: 'MAX_BODY_BYTES' });
    expect(response.status).toBe(413);
    expect(await server.metrics.registry.metrics()).toMatch(
      /limits_hit_total\{limit="MAX_BODY_BYTES"\} [1-9]/,
    );
  });

  test('an upload may be larger than other bodies', async () => {
    const upload = (bytes: number) =>
      fetch(`${server.url}/api/probe/raw`, {
        method: 'POST',
        headers: VIEWER,
        body: new Uint8Array(bytes),
      });
    expect(await (await upload(100_000)).json()).toEqual({ bytes: 100_000 });
    const refused = await upload(3_000_000);
    expect(await refused.json()).toMatchObject({ code: 'request.tooLarge', limit: 'UPLOAD_MAX_BYTES' });
    expect(refused.status).toBe(413);
  });

  test('a stranger is turned away before the body is read', async () => {
    const answer = await sendRaw(
      server.port,
      'POST /api/probe/body HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{',
    );
    expect(answer).toContain('"code":"auth.required"');
  });
});

describe('what no client library sends', () => {
  const BROKEN: [string, string | Uint8Array][] = [
    ['garbage', 'garbage\r\n\r\n'],
    ['a header without a colon', 'GET /api/healthz HTTP/1.1\r\nHost: x\r\nno colon here\r\n\r\n'],
    ['a header of 10 MB', `GET /api/healthz HTTP/1.1\r\nHost: x\r\nX-Big: ${'a'.repeat(10_000_000)}\r\n\r\n`],
    ['a negative length', 'POST /api/probe/raw HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
    ['NUL in the path', 'GET /api/healthz\0x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    [
      'bytes past ASCII in the path',
      new Uint8Array([
        ...Buffer.from('GET /api/'),
        0xff,
        0xfe,
        ...Buffer.from(' HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
      ]),
    ],
    ['a host that is none', 'GET /api/probe/any/x HTTP/1.1\r\nHost: a b\\c"<>\r\nConnection: close\r\n\r\n'],
    ['no host', 'GET /api/probe/any/x HTTP/1.1\r\nConnection: close\r\n\r\n'],
    [
      'a length and chunks at once',
      'POST /api/probe/raw HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['an unknown method', 'BREW /api/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    [
      'an absolute target',
      'GET http://evil.example/api/probe/page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    ],
  ];

  test.each(BROKEN)('%s: refused, and the service goes on', async (_, sent) => {
    const answer = await sendRaw(server.port, sent);
    expect(answer).not.toMatch(/^HTTP\/1\.1 (?:2|500)/);
    for (const leak of LEAKS) expect(answer).not.toContain(leak);
    const health = await fetch(`${server.url}/api/healthz`);
    expect(await health.json()).toMatchObject({ status: 'ok', version: '9.9.9', role: 'web' });
  });
});

describe('request ids', () => {
  test.each(['', 'with space', 'a'.repeat(101), '<script>', 'ä'])('%p is replaced', async (given) => {
    const response = await fetch(`${server.url}/api/healthz`, {
      headers: { 'x-request-id': encodeURI(given) },
    });
    expect(response.headers.get('x-request-id')).toMatch(/^req_[0-9a-z]{22}$/);
  });

  test('a query string keeps commas, brackets and lists as they were sent', async () => {
    const query = 'search=a%2Cb,[1]&limit=7&deep=true&tag=x&tag=y';
    const response = await fetch(`${server.url}/api/probe/page?${query}`, { headers: ADMIN });
    expect(await response.json()).toEqual({
      query: { search: 'a,b,[1]', limit: 7, deep: true, tag: ['x', 'y'] },
    });
  });
});
