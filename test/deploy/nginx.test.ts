import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { SETTINGS } from '../../src/settings.ts';
import { findCommand } from '../programs.ts';

const site = readFileSync(join(import.meta.dir, '../../deploy/nginx-reporting-api.conf'), 'utf8');

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

interface Seen {
  headers: Record<string, string>;
  bytes: number;
}

let folder: string;
let port: number;
let backend: ReturnType<typeof Bun.serve>;
let nginx: Bun.Subprocess;

function configuration(siteText: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(join(folder, 'site.conf'), siteText);
  const path = join(folder, 'nginx.conf');
  writeFileSync(
    path,
    `daemon off; pid ${folder}/nginx.pid; error_log stderr notice; worker_processes 1;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 64; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  include ${folder}/site.conf;
}
`,
  );
  return path;
}

function command(path: string, ...more: string[]): string[] {
  const found = findCommand('nginx');
  if (!found) throw new Error('nginx is not installed (package nginx)');
  return [found, '-p', folder, '-e', 'stderr', '-c', path, ...more];
}

/** Reads until Nginx says that its worker runs. */
async function untilStarted(stream: ReadableStream<Uint8Array>): Promise<void> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    text += decoder.decode(bytes, { stream: true });
    if (text.includes('start worker process ')) return;
  }
  throw new Error(`nginx did not start:\n${text}`);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  mkdirSync(join(folder, 'logs'));
  backend = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    maxRequestBodySize: 64 * 2 ** 20,
    async fetch(request, server) {
      if (server.upgrade(request, { data: null })) return undefined;
      const seen: Seen = {
        headers: Object.fromEntries(request.headers),
        bytes: (await request.arrayBuffer()).byteLength,
      };
      return Response.json(seen);
    },
    websocket: { message: (socket, text) => void socket.send(`heard ${text}`) },
  });
  port = await freePort();
  const path = configuration(
    site
      .replace('listen 80;', `listen 127.0.0.1:${port};`)
      .replace(/^ *listen \[::\]:80;\n/m, '')
      .replace('127.0.0.1:8000', `127.0.0.1:${backend.port}`),
  );
  const child = Bun.spawn(command(path), { stdout: 'ignore', stderr: 'pipe' });
  nginx = child;
  await untilStarted(child.stderr);
});

afterAll(async () => {
  nginx?.kill('SIGQUIT');
  await nginx?.exited;
  await backend?.stop(true);
  rmSync(folder, { recursive: true });
});

const ask = async (init: RequestInit = {}): Promise<Seen> => {
  const answer = await fetch(`http://127.0.0.1:${port}/api/echo`, init);
  return (await answer.json()) as Seen;
};

test('nginx -t takes the site file', async () => {
  // Only the port is another: Nginx opens it even to test, and 80 may be taken or forbidden.
  const other = await freePort();
  const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
    all?.some(({ family }) => family === 'IPv6'),
  );
  const ipv6 = hasIpv6 ? `listen [::1]:${other};` : '';
  const text = site.replace('listen 80;', `listen ${other};`).replace('listen [::]:80;', ipv6);
  const run = Bun.spawnSync(command(configuration(text), '-t'));
  expect(run.stderr.toString()).toContain('test is successful');
  expect(run.stderr.toString()).not.toContain('[warn]');
  expect(run.exitCode).toBe(0);
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
  expect(site).toContain('client_max_body_size 2g;');
  expect(SETTINGS.UPLOAD_MAX_BYTES.default).toBe('2GiB');
  const wait =
    Number(SETTINGS.QUERY_TIMEOUT_SECONDS.default) + Number(SETTINGS.HEAVY_QUERY_WAIT_SECONDS.default);
  expect(Number(/proxy_read_timeout (\d+)s/.exec(site)?.[1])).toBeGreaterThan(wait);
});
