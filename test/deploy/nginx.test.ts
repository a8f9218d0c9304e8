import { afterAll, beforeAll, expect, test } from 'bun:test';
import { networkInterfaces } from 'node:os';
import { SETTINGS } from '../../src/settings.ts';
import { freePort } from '../support/server-process.ts';
import { Nginx, SITE, withCache } from './nginx.ts';

interface Seen {
  headers: Record<string, string>;
  bytes: number;
  count: number;
}

const nginx = new Nginx();
let port: number;
let backend: ReturnType<typeof Bun.serve>;
let count = 0;

beforeAll(async () => {
  backend = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    maxRequestBodySize: 64 * 2 ** 20,
    async fetch(request, server) {
      if (server.upgrade(request, { data: null })) return undefined;
      const seen: Seen = {
        headers: Object.fromEntries(request.headers),
        bytes: (await request.arrayBuffer()).byteLength,
        count: ++count,
      };
      return Response.json(seen);
    },
    websocket: { message: (socket, text) => void socket.send(`heard ${text}`) },
  });
  port = await freePort();
  await nginx.start(
    withCache(SITE, nginx.folder)
      .replace('listen 80;', `listen 127.0.0.1:${port};`)
      .replace(/^ *listen \[::\]:80;\n/m, '')
      .replace('127.0.0.1:8000', `127.0.0.1:${backend.port}`),
  );
});

afterAll(async () => {
  await nginx[Symbol.asyncDispose]();
  await backend?.stop(true);
});

const ask = async (init: RequestInit = {}, path = '/api/echo'): Promise<Seen> => {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
  return (await answer.json()) as Seen;
};

test.each([
  ['as it ships', SITE],
  ['with its cache', withCache(SITE, nginx.folder)],
])('nginx -t takes the site file %s', async (_, site) => {
  // Only the port is another: Nginx opens it even to test, and 80 may be taken or forbidden.
  const other = await freePort();
  const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
    all?.some(({ family }) => family === 'IPv6'),
  );
  const ipv6 = hasIpv6 ? `listen [::1]:${other};` : '';
  const text = site.replace('listen 80;', `listen ${other};`).replace('listen [::]:80;', ipv6);
  const { code, text: said } = nginx.check(text);
  expect(said).toContain('test is successful');
  expect(said).not.toContain('[warn]');
  expect(code).toBe(0);
});

test('the cache holds public answers, and nothing else', async () => {
  const [first, second] = [await ask({}, '/api/public/x'), await ask({}, '/api/public/x')];
  expect(second.count).toBe(first.count);
  expect((await ask({}, '/api/public/y')).count).toBeGreaterThan(first.count);
  const [one, two] = [await ask(), await ask()];
  expect(two.count).toBe(one.count + 1);
});

test('the service gets scheme, host, port and client address', async () => {
  const { headers } = await ask({ headers: { host: 'api.example.com:8443' } });
  expect(headers).toMatchObject({
    host: 'api.example.com:8443',
    'x-forwarded-host': 'api.example.com:8443',
    'x-forwarded-proto': 'http',
    'x-forwarded-port': String(port),
    'x-forwarded-for': '127.0.0.1',
    'x-real-ip': '127.0.0.1',
  });
});

test('an address that the client claims stands before the one that Nginx saw', async () => {
  const { headers } = await ask({
    headers: { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' },
  });
  expect(headers['x-forwarded-for']).toBe('203.0.113.9, 127.0.0.1');
  expect(headers['x-forwarded-proto']).toBe('http');
});

test('connections to the service are kept: no `Connection: close` without an upgrade', async () => {
  const { headers } = await ask();
  expect(headers.connection).not.toBe('close');
});

test('a body far over Nginx’s own limit of 1 MiB passes', async () => {
  const { bytes } = await ask({ method: 'POST', body: new Uint8Array(8 * 2 ** 20) });
  expect(bytes).toBe(8 * 2 ** 20);
});

test('a WebSocket passes', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/live`);
  const heard = await new Promise<string>((resolve, reject) => {
    socket.onopen = () => socket.send('hello');
    socket.onmessage = ({ data }) => resolve(String(data));
    socket.onerror = () => reject(new Error('the WebSocket failed'));
  });
  expect(heard).toBe('heard hello');
  socket.close();
});

test('the site’s limits follow the settings', () => {
  expect(SITE).toContain('client_max_body_size 2g;');
  expect(SETTINGS.UPLOAD_MAX_BYTES.default).toBe('2GiB');
  const wait =
    Number(SETTINGS.QUERY_TIMEOUT_SECONDS.default) + Number(SETTINGS.HEAVY_QUERY_WAIT_SECONDS.default);
  expect(Number(/proxy_read_timeout (\d+)s/.exec(SITE)?.[1])).toBeGreaterThan(wait);
});
