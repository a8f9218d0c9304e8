import { expect, test } from 'bun:test';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROGRAM, PROGRAM_VERSION } from '../support/program.ts';
import { until } from '../support/service-kit.ts';
import { Cluster, isAlive, load } from './cluster.ts';

test('two processes answer on one port, know of each other, and are counted as one', async () => {
  await using cluster = await Cluster.start({});
  const seen = new Set<number>();
  let asked = 0;
  while (seen.size < 2) {
    const stats = (await (await cluster.get('/api/admin/stats')).json()) as {
      process: { pid: number };
      processes: { process: { pid: number } }[];
    };
    asked++;
    seen.add(stats.process.pid);
    expect(stats.processes.map(({ process: { pid } }) => pid).sort()).toEqual([...cluster.started].sort());
  }
  const line = 'http_requests_total{route="/api/admin/stats",method="GET",status="200"}';
  expect(await cluster.metric(line)).toBe(asked);
  expect(await cluster.metric('processes{state="ready"}')).toBe(2);
  expect(await cluster.metric(`build_info{version="${PROGRAM_VERSION}",bun="${Bun.version}"}`)).toBe(1);
  expect(await cluster.end()).toBe(0);
  expect(cluster.started.some(isAlive)).toBe(false);
  await expect(fetch(cluster.url)).rejects.toThrow();
});

test('auto on one core is one process that a reload replaces, without a failed request', async () => {
  const oneCore = ['taskset', '--cpu-list', '0', ...PROGRAM];
  await using cluster = await Cluster.start({ WEB_CONCURRENCY: 'auto' }, [], oneCore);
  expect(cluster.started).toHaveLength(1);
  const clients = load(cluster.url);
  cluster.child.kill('SIGHUP');
  await cluster.until('process.stopped');
  await clients.end();
  expect(clients.failures).toEqual([]);
  expect(cluster.started).toHaveLength(2);
  expect(await cluster.end()).toBe(0);
});

test('a process that is killed is replaced, what it had counted stays', async () => {
  await using cluster = await Cluster.start({});
  const [first] = cluster.started;
  process.kill(first!, 'SIGKILL');
  expect(await cluster.until('process.died')).toMatchObject({ child: first, signal: 'SIGKILL' });
  await cluster.until('process.ready', 3);
  expect(await cluster.metric('processes_replaced_total{reason="crashed"}')).toBe(1);
  expect(await cluster.metric('processes{state="ready"}')).toBe(2);
  expect((await cluster.get('/api/healthz')).status).toBe(200);
});

test('a process that is silent for TIMEOUT is killed and replaced', async () => {
  await using cluster = await Cluster.start({ TIMEOUT: '2' });
  const [first] = cluster.started;
  process.kill(first!, 'SIGSTOP');
  expect(await cluster.until('process.silent')).toMatchObject({ child: first, timeoutMs: 2000 });
  await cluster.until('process.ready', 3);
  expect(isAlive(first!)).toBe(false);
  expect(await cluster.metric('processes_replaced_total{reason="silent"}')).toBe(1);
});

test('MAX_REQUESTS replaces processes under load; no request fails and none is lost from the metrics', async () => {
  await using cluster = await Cluster.start({
    MAX_REQUESTS: '300',
    MAX_REQUESTS_JITTER: '100',
    GRACEFUL_TIMEOUT: '5',
  });
  const clients = load(cluster.url);
  await cluster.until('process.stopped', 2);
  await clients.end();
  expect(clients.failures).toEqual([]);
  expect(clients.answered()).toBeGreaterThan(600);
  expect(await cluster.metric('processes_replaced_total{reason="recycled"}')).toBeGreaterThanOrEqual(2);
  const line = 'http_requests_total{route="/api/healthz",method="GET",status="200"}';
  expect(await cluster.metric(line)).toBe(clients.answered());
});

test('SIGHUP replaces all processes, one after another, under load without a failed request', async () => {
  await using cluster = await Cluster.start({ GRACEFUL_TIMEOUT: '5' });
  const before = [...cluster.started];
  const clients = load(cluster.url);
  await until(() => clients.answered() > 50);
  cluster.child.kill('SIGHUP');
  await cluster.until('supervisor.reloaded');
  await clients.end();
  expect(clients.failures).toEqual([]);
  expect(before.some(isAlive)).toBe(false);
  const order = cluster.events
    .map(({ event }) => event)
    .filter((event) => /process\.(?:ready|stopped)/.test(event));
  expect(order).toEqual([
    'process.ready',
    'process.ready',
    'process.ready',
    'process.stopped',
    'process.ready',
    'process.stopped',
  ]);
});

test('SIGUSR2 hands the port over to a new supervisor under load without a failed request', async () => {
  await using cluster = await Cluster.start({ GRACEFUL_TIMEOUT: '5' });
  const clients = load(cluster.url);
  await until(() => clients.answered() > 50);
  cluster.child.kill('SIGUSR2');
  const { child } = await cluster.until('supervisor.succeeded');
  expect(await cluster.child.exited).toBe(0);
  const answered = clients.answered();
  await until(() => clients.answered() > answered + 50);
  await clients.end();
  expect(clients.failures).toEqual([]);
  process.kill(Number(child), 'SIGTERM');
  await until(() => cluster.started.every((pid) => !isAlive(pid)));
  await expect(fetch(cluster.url)).rejects.toThrow();
});

test('processes whose supervisor was killed end and give the port back', async () => {
  await using cluster = await Cluster.start({});
  await cluster.end('SIGKILL');
  await until(() => cluster.started.every((pid) => !isAlive(pid)));
  await expect(fetch(cluster.url)).rejects.toThrow();
});

test('readiness says no before the port closes', async () => {
  await using cluster = await Cluster.start({ SHUTDOWN_DELAY_SECONDS: '2' });
  expect((await cluster.get('/api/readyz')).status).toBe(200);
  cluster.child.kill('SIGTERM');
  await cluster.until('supervisor.stopping');
  const ask = () => Promise.all([cluster.get('/api/readyz'), cluster.get('/api/healthz')]);
  let [ready, health] = await ask();
  while (ready.status === 200) [ready, health] = await ask();
  expect(await ready.json()).toMatchObject({ status: 'notReady', checks: { running: { ok: false } } });
  expect(ready.headers.get('connection')).toBe('close');
  expect(health.status).toBe(200);
  expect(await cluster.child.exited).toBe(0);
});

test('a stop that reaches all processes ends them, and starts none anew', async () => {
  await using cluster = await Cluster.start({});
  for (const pid of cluster.started) process.kill(pid, 'SIGTERM');
  // Its answer comes from the other process, through the supervisor, which has heard by then that both ask to be replaced.
  expect((await cluster.get('/api/admin/stats')).status).toBe(200);
  expect(await cluster.end()).toBe(0);
  expect(cluster.of('process.starting')).toHaveLength(2);
  expect(cluster.of('process.died')).toEqual([]);
});

test('a port in use is told, exit code 1', async () => {
  await using other = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() });
  await expect(Cluster.start({ PORT: String(other.port) })).rejects.toThrow(
    `port ${other.port} on 127.0.0.1 is in use`,
  );
});

test('processes that cannot start end the supervisor after some attempts', async () => {
  // The supervisor finds all that it prepares; the processes cannot make their temporary folder.
  await using folder = await mkdtempDisposable(join(tmpdir(), 'cluster-'));
  await writeFile(join(folder.path, 'tmp'), '');
  await expect(Cluster.start({ DUCKDB_PATH: join(folder.path, 'local.duckdb') })).rejects.toThrow(
    /it ended with 1.*process\.waiting.*supervisor\.startFailed/,
  );
});
