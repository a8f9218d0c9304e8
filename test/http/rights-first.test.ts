import { afterAll, beforeAll, expect, test } from 'bun:test';
import { scopeOfEndpoint } from '../../src/http/route-scopes.ts';
import { everyRoute } from '../docs/every-route.ts';
import { type Started, start } from './core-kit.ts';

let server: Started;

beforeAll(async () => {
  server = await start({}, { routes: await everyRoute() });
});
afterAll(() => server[Symbol.asyncDispose]());

/** Endpoints for those who have not signed in, or for any who have. */
const NO_RIGHT = [
  'GET /api/healthz',
  'GET /api/readyz',
  'GET /api/metrics',
  'POST /api/auth/login',
  'POST /api/auth/refresh',
  'GET /api/openapi.json',
  'GET /api/docs',
  'GET /api/docs/errors',
  'GET /api/docs/:asset',
];

const endpoints = () =>
  server.elysia.routes
    .filter(({ method }) => method !== 'OPTIONS')
    .map(({ method, path }) => ({ method, name: `${method} ${path}`, path: path.replaceAll(/:\w+/g, 'x') }));

const ENOUGH = { read: 'nothing', write: 'viewer', admin: 'viewer' } as const;

test('each endpoint says which right it needs', () => {
  const unknown = endpoints().filter(({ name }) => !NO_RIGHT.includes(name) && !scopeOfEndpoint(name));
  expect(unknown.map(({ name }) => name)).toEqual([]);
  expect(endpoints().length).toBeGreaterThan(100);
});

test.each([
  ['a body of the wrong shape', '{"no such field":[1,null]}', '?no_such_parameter=1'],
  ['a body that is no JSON', '{"a":', ''],
  ['a body that is no object', '"x"', '?limit=-1'],
])('a caller without the right gets 403 before the request is read: %s', async (_, body, query) => {
  const wrong: string[] = [];
  for (const { method, name, path } of endpoints()) {
    if (NO_RIGHT.includes(name)) continue;
    const hasBody = method !== 'GET' && method !== 'DELETE';
    const ask = (headers: Record<string, string>) =>
      fetch(`${server.url}${path}${query}`, {
        method,
        headers: { ...headers, ...(hasBody ? { 'content-type': 'application/json' } : {}) },
        ...(hasBody ? { body } : {}),
      });
    const lacking = ENOUGH[scopeOfEndpoint(name) ?? 'read'];
    const refused = await ask({ authorization: `Bearer ${lacking}` });
    const { code } = (await refused.json()) as { code: string };
    if (refused.status !== 403 || code !== 'auth.forbidden') wrong.push(`${name}: ${refused.status} ${code}`);
    const unknown = await ask({});
    const said = (await unknown.json()) as { code: string };
    if (unknown.status !== 401 || said.code !== 'auth.required')
      wrong.push(`${name} unsigned: ${unknown.status} ${said.code}`);
  }
  expect(wrong).toEqual([]);
});

test('a caller with the right gets 400 for the body', async () => {
  const ask = (authorization: string) =>
    fetch(`${server.url}/api/query/spec`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: '{"nothing":1}',
    });
  expect((await ask('Bearer viewer')).status).toBe(400);
  expect((await ask('Bearer writer')).status).toBe(403);
});
