import { afterAll, beforeAll, expect, test } from 'bun:test';
import { until } from '../support/service-kit.ts';
import { connectionsOf } from './procfs.ts';
import { RawConnection } from './raw.ts';
import { LoadedService, ordersCsv } from './service.ts';

let service: LoadedService;
const timers: ReturnType<typeof setInterval>[] = [];

beforeAll(async () => {
  // Bun counts in steps of four seconds, of which the first may be over at once.
  service = await LoadedService.start({ WEB_CONCURRENCY: '1', CHANNEL_TIMEOUT: '8', KEEP_ALIVE: '8' });
  // Its rows as a file are more than the kernel keeps for a client that reads nothing.
  const uploaded = await service.client.upload('orders', ordersCsv(400_000));
  expect(uploaded.status).toBe(201);
});
afterAll(async () => {
  for (const timer of timers) clearInterval(timer);
  await service[Symbol.asyncDispose]();
});

const lines = (...all: string[]) => all.map((line) => `${line}\r\n`).join('');
const authorization = () => `Authorization: Bearer ${service.client.token}`;

/** Sends the head, then a piece five times a second for as long as the connection is there. */
function drip(head: string, piece: string): RawConnection {
  const connection = new RawConnection(service.url);
  connection.send(head);
  timers.push(setInterval(() => connection.isClosed || connection.send(piece), 200));
  return connection;
}

const bodyOf = (path: string, piece: string, ...headers: string[]) =>
  drip(lines(`POST ${path} HTTP/1.1`, 'Host: x', 'Content-Type: application/json', ...headers, ''), piece);

const reader = (path: string, body: string) => {
  const connection = new RawConnection(service.url);
  connection.socket.once('data', () => connection.socket.pause());
  const head = [`POST ${path} HTTP/1.1`, 'Host: x', authorization(), 'Content-Type: application/json'];
  connection.send(lines(...head, `Content-Length: ${body.length}`, '') + body);
  return connection;
};

const ROWS = JSON.stringify({
  from: { dataset: 'orders' },
  dimensions: ['id', 'customer', 'day', 'amount', 'region'],
});

test('clients that send byte by byte are cut, also behind a sign-in; others are served meanwhile', async () => {
  const slow = Array.from({ length: 10 }, () => [
    drip(`${lines('GET /api/healthz HTTP/1.1', 'Host: x')}X-Probe: `, 'a'),
    bodyOf('/api/auth/login', ' ', 'Content-Length: 1000'),
    bodyOf('/api/auth/login', '1\r\n \r\n', 'Transfer-Encoding: chunked'),
    bodyOf('/api/query/spec', ' ', authorization(), 'Content-Length: 1000'),
  ]).flat();
  let served = 0;
  await until(async () => {
    const reply = await service.client.call('GET', '/api/datasets');
    expect(reply.status).toBe(200);
    served++;
    return slow.every(({ isClosed }) => isClosed);
  });
  expect(served).toBeGreaterThan(10);
  expect(slow.flatMap(({ answers }) => answers.map(({ status }) => status)).filter((s) => s < 400)).toEqual(
    [],
  );
});

test('a client that stops reading its answer gives its place back', async () => {
  const stopped = [1, 2].map(() => reader('/api/query/spec?format=csv', ROWS));
  await until(() => stopped.every(({ received }) => received.startsWith('HTTP/1.1 200')));
  await until(async () => (await service.metric('http_requests_in_flight')) === 1);
  await until(() => connectionsOf(service.port).established === 0);
  for (const { received } of stopped) expect(received.length).toBeLessThan(1_000_000);
  for (const { socket } of stopped) socket.destroy();
});
