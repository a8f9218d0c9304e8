import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { ADMIN, type ProblemBody, type Started, sendRaw, start, VIEWER } from './core-kit.ts';

let server: Started;
beforeAll(async () => {
  server = await start({
    APP_ENV: 'prod',
    SECRET_KEY: 'k3y-of-this-test-0123456789-abcdefghij',
    CORS_ORIGINS: 'https://app.example, https://other.example/',
    METRICS_TOKEN: 'scrape-me',
    METRICS_ALLOW_IPS: '127.0.0.1',
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const READABLE = new Set(['GET /api/healthz', 'GET /api/readyz', 'GET /api/metrics']);
const SIGN_IN = new Set(['POST /api/auth/login', 'POST /api/auth/refresh']);

describe('default deny', () => {
  test('a stranger reads nothing but health, whatever route is mounted', async () => {
    const routes = server.elysia.routes.filter(({ method }) => method !== 'OPTIONS');
    expect(routes.length).toBeGreaterThan(20);
    for (const { method, path } of routes) {
      const name = `${method} ${path}`;
      if (READABLE.has(name) || SIGN_IN.has(name)) continue;
      const response = await fetch(server.url + path.replaceAll(/:\w+/g, 'x'), { method });
      const problem = (await response.json()) as ProblemBody;
      expect(`${name} ${problem.code}`).toBe(`${name} auth.required`);
    }
  });

  test.each(['/api/healthz', '/api/readyz'])('%s answers a stranger', async (path) => {
    expect((await fetch(server.url + path)).status).toBe(200);
  });

  test.each(['/api/docs/../metrics', '/api/healthz/../admin/stats', '/api/%68ealthz', '/api/healthz%2f'])(
    '%s is no way around',
    async (path) => {
      const answer = await sendRaw(
        server.port,
        `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 8.8.8.8\r\n\r\n`,
      );
      expect(answer).toMatch(/"code":"(?:route\.notFound|auth\.required)"/);
    },
  );

  test('health does not look at credentials', async () => {
    const response = await fetch(`${server.url}/api/healthz`, { headers: { authorization: 'Bearer stale' } });
    expect(await response.json()).toMatchObject({ status: 'ok' });
  });

  test('a clock that is set back makes nobody younger than new', async () => {
    let now = Date.now();
    await using set = await start({}, { clock: { now: () => now } });
    now -= 3_600_000;
    const { uptimeS } = (await (await fetch(`${set.url}/api/healthz`)).json()) as { uptimeS: number };
    expect(uptimeS).toBeGreaterThanOrEqual(0);
  });

  test('in development the description is open, and nothing else', async () => {
    await using development = await start();
    const described = await fetch(`${development.url}/api/openapi.json`);
    expect(await described.json()).toMatchObject({ openapi: '3.1.0' });
    expect((await fetch(`${development.url}/api/docs`)).status).toBe(200);
    expect((await fetch(`${development.url}/api/admin/stats`)).status).toBe(401);
  });
});

describe('the description in production', () => {
  const PATHS = ['/api/openapi.json', '/api/docs', '/api/docs/errors', '/api/docs/start.js'];
  const PRODUCTION = {
    APP_ENV: 'prod',
    SECRET_KEY: 'k3y-of-this-test-0123456789-abcdefghij',
    METRICS_ALLOW_IPS: '192.0.2.1',
  };

  test.each(PATHS)('%s is for every signed-in caller, whatever the rights', async (path) => {
    await using production = await start(PRODUCTION);
    const ask = (headers: Record<string, string>) => fetch(production.url + path, { headers });
    expect(await (await ask({})).json()).toMatchObject({ status: 401, code: 'auth.required' });
    for (const who of ['nothing', 'viewer', 'admin']) {
      const answer = await ask({ authorization: `Bearer ${who}` });
      expect(`${who} ${answer.status}`).toBe(`${who} 200`);
      expect((await answer.text()).length).toBeGreaterThan(100);
    }
  });
});

describe('readiness', () => {
  const checks = {
    metadata: async () => undefined,
    storage: async () => 'the folder /var/lib/inner is read-only',
    worker: () => Promise.reject(new Error('inner text')),
  };

  test('names what is not ready; the reasons are for those signed in', async () => {
    await using unready = await start({}, { checks });
    const open = await fetch(`${unready.url}/api/readyz`);
    expect(await open.json()).toEqual({
      status: 'notReady',
      checks: {
        ...{ metadata: { ok: true }, storage: { ok: false }, worker: { ok: false } },
        scheduler: { ok: false, role: 'web' },
      },
    });
    expect(open.status).toBe(503);
    const known = await (await fetch(`${unready.url}/api/readyz`, { headers: VIEWER })).text();
    expect(known).toContain('/var/lib/inner is read-only');
    expect(known).toContain('set RUN_SCHEDULER=1');
    expect(known).not.toContain('inner text');
    expect(unready.logged.some(({ event, check }) => event === 'ready.check' && check === 'worker')).toBe(
      true,
    );
  });
});

describe('metrics', () => {
  const FORWARDED = { 'x-forwarded-for': '203.0.113.9' };
  test.each<[string, Record<string, string>, number]>([
    ['from an allowed address', {}, 200],
    ['through a proxy', FORWARDED, 401],
    ['through a proxy, forging the address', { 'x-forwarded-for': '127.0.0.1' }, 401],
    ['through a proxy that only says Via', { via: '1.1 proxy' }, 401],
    ['with the token', { ...FORWARDED, authorization: 'Bearer scrape-me' }, 200],
    ['with a wrong token', { ...FORWARDED, authorization: 'Bearer scrape-m' }, 401],
    ['as a viewer', { ...FORWARDED, ...VIEWER }, 403],
    ['as an admin', { ...FORWARDED, ...ADMIN }, 200],
  ])('%s', async (_, headers, status) => {
    const response = await fetch(`${server.url}/api/metrics`, { headers });
    const text = await response.text();
    expect(text.includes('# TYPE http_requests_total counter')).toBe(status === 200);
    expect(response.status).toBe(status);
  });

  test('count by route pattern, never by path, and by methods that the route takes', async () => {
    await (await fetch(`${server.url}/api/probe/any/unguessable`, { headers: VIEWER })).text();
    await (await fetch(`${server.url}/unguessable`)).text();
    for (const method of ['PUT', 'PATCH', 'PURGE'])
      await (await fetch(`${server.url}/api/healthz`, { method })).text();
    const text = await server.metrics.registry.metrics();
    expect(text).toContain('http_requests_total{route="/api/probe/any/:name",method="GET",status="200"} 1');
    expect(text).toContain('http_requests_total{route="/api/healthz",method="OTHER",status="405"} 3');
    expect(text).toContain('route="unknown"');
    expect(text).not.toContain('unguessable');
  });
});

describe('CORS', () => {
  const preflight = (origin: string) =>
    fetch(`${server.url}/api/probe/body`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
  const granted = (response: Response) =>
    [...response.headers.keys()].filter((name) => name.startsWith('access-control-'));

  test.each(['https://app.example', 'https://other.example'])('%s may call', async (origin) => {
    const asked = await preflight(origin);
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe(origin);
    expect(asked.headers.get('access-control-allow-credentials')).toBe('true');
    expect(asked.headers.get('access-control-allow-methods')).toContain('DELETE');
    expect(asked.headers.get('access-control-allow-headers')).toContain('Authorization');
    const answer = await fetch(`${server.url}/api/probe/short`, { headers: { ...VIEWER, origin } });
    expect(await answer.json()).toEqual({ text: 'short' });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-expose-headers')).toContain('X-Request-Id');
    expect(answer.headers.get('vary')).toContain('Origin');
  });

  test('a refusal can be read by an allowed origin too', async () => {
    const refused = await fetch(`${server.url}/api/probe/short`, {
      headers: { origin: 'https://app.example' },
    });
    expect(await refused.json()).toMatchObject({ code: 'auth.required' });
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://app.example');
  });

  test.each([
    'https://evil.example',
    'https://app.example.evil.example',
    'http://app.example',
    'https://app.example:444',
    'null',
    'constructor',
    'app.example',
  ])('%s is granted nothing', async (origin) => {
    const asked = await preflight(origin);
    expect(granted(asked)).toEqual([]);
    expect(asked.headers.get('vary')).toContain('Origin');
    const answer = await fetch(`${server.url}/api/healthz`, { headers: { origin } });
    expect(granted(answer)).toEqual([]);
    expect(answer.headers.get('vary')).toContain('Origin');
  });

  test('* lets any origin read, without cookies', async () => {
    await using open = await start({ CORS_ORIGINS: '*' });
    const answer = await fetch(`${open.url}/api/healthz`, { headers: { origin: 'https://any.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.has('access-control-allow-credentials')).toBe(false);
  });

  test('without origins nobody is granted anything', async () => {
    await using closed = await start();
    const answer = await fetch(`${closed.url}/api/healthz`, { headers: { origin: 'https://app.example' } });
    expect(granted(answer)).toEqual([]);
  });
});
