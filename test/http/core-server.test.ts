import { describe, expect, test } from 'bun:test';
import { LATE_BYTES, start, VIEWER } from './core-kit.ts';

describe('requests in progress', () => {
  test('past CONN_LIMIT are answered 503; health always answers', async () => {
    await using server = await start({ CONN_LIMIT: '1' });
    const open = await fetch(`${server.url}/api/probe/rows`, { headers: VIEWER });
    const refused = await fetch(`${server.url}/api/probe/short`, { headers: VIEWER });
    expect(await refused.json()).toMatchObject({ code: 'overloaded', limit: 'CONN_LIMIT' });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await fetch(`${server.url}/api/healthz`)).status).toBe(200);
    expect(await server.metrics.registry.metrics()).toContain('limits_hit_total{limit="CONN_LIMIT"} 1');
    server.openGate();
    await open.text();
    expect((await fetch(`${server.url}/api/probe/short`, { headers: VIEWER })).status).toBe(200);
  });

  test('a client that hangs up gives its place back', async () => {
    await using server = await start();
    const controller = new AbortController();
    const open = await fetch(`${server.url}/api/probe/rows`, { headers: VIEWER, signal: controller.signal });
    await open.body!.getReader().read();
    expect(server.inFlight()).toBe(1);
    controller.abort();
    while (server.inFlight() > 0) await Bun.sleep(1);
    expect(server.inFlight()).toBe(0);
  });
});

describe('idle connections', () => {
  // Bun looks every four seconds.
  test.each(['/api/healthz', '/api/query'])('are closed after KEEP_ALIVE, also after %s', async (path) => {
    await using server = await start({ KEEP_ALIVE: '1', CHANNEL_TIMEOUT: '120' });
    const closed = Promise.withResolvers<void>();
    let answers = 0;
    const socket = await Bun.connect({
      hostname: '127.0.0.1',
      port: server.port,
      socket: { data: () => void answers++, close: () => closed.resolve() },
    });
    const startedMs = performance.now();
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
    await closed.promise;
    expect(answers).toBe(1);
    expect(performance.now() - startedMs).toBeLessThan(30_000);
  });
});

describe('starting', () => {
  test('settings that cannot be honoured are said so', async () => {
    await using server = await start({
      BACKLOG: '7',
      CHANNEL_TIMEOUT: '900',
      METRICS_ALLOW_IPS: '10.0.0.0/99',
    });
    const ignored = server.logged.filter(({ event }) => event === 'settings.ignored');
    expect(ignored.map(({ setting }) => setting)).toEqual([
      'BACKLOG',
      'CHANNEL_TIMEOUT',
      'METRICS_ALLOW_IPS',
    ]);
    expect(ignored.every(({ level }) => level === 'warning')).toBe(true);
  });

  test('the defaults warn about nothing', async () => {
    await using server = await start();
    expect(server.logged.filter(({ level }) => level === 'warning')).toEqual([]);
  });

  test('a port in use is an error of the system', async () => {
    await using server = await start();
    await expect(start({ PORT: String(server.port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('stopping', () => {
  test('lets what runs end, to its last byte, and takes nothing new', async () => {
    const server = await start();
    const running = fetch(`${server.url}/api/probe/late`, { headers: VIEWER });
    while (server.inFlight() === 0) await Bun.sleep(1);
    const stopped = server.stop(10_000);
    server.openGate();
    expect((await (await running).bytes()).length).toBe(LATE_BYTES);
    await stopped;
    await expect(fetch(`${server.url}/api/healthz`)).rejects.toThrow(/unable to connect/i);
  });

  test('each answer is the last one of its connection', async () => {
    await using server = await start({}, { isStopping: () => true });
    expect((await fetch(`${server.url}/api/healthz`)).headers.get('connection')).toBe('close');
  });

  test('cuts what does not end in its time', async () => {
    const server = await start();
    const running = fetch(`${server.url}/api/probe/late`, { headers: VIEWER });
    while (server.inFlight() === 0) await Bun.sleep(1);
    await server.stop(30);
    await expect(running).rejects.toThrow();
    server.openGate();
  });
});
