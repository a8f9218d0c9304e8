import { expect, test } from 'bun:test';
import { constants, readdirSync } from 'node:fs';
import { copyFile, rename, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { PROGRAM, PROGRAM_ENV } from '../support/program.ts';
import { freePort, tempFolder, untilReady } from '../support/server-process.ts';
import { until } from '../support/service-kit.ts';
import { Cluster, isAlive } from './cluster.ts';

test('while the file of the program is away, neither a reload nor an upgrade nor a process that dies ends the service', async () => {
  const { path: folder, remove } = await tempFolder('program-');
  const program = join(folder, 'program');
  const [file, ...more] = PROGRAM;
  await copyFile(file!, program, constants.COPYFILE_FICLONE);
  {
    await using cluster = await Cluster.start({}, [], [program, ...more]);
    await rename(program, `${program}.away`);
    await rm(`${program}.away`);
    cluster.child.kill('SIGHUP');
    await cluster.until('supervisor.upgradeFailed');
    cluster.child.kill('SIGUSR2');
    await cluster.until('supervisor.upgradeFailed', 2);
    const [first] = cluster.started;
    process.kill(first!, 'SIGKILL');
    await cluster.until('process.notStarted', 3);
    expect((await cluster.get('/api/healthz')).status).toBe(200);
    await copyFile(file!, program);
    await cluster.until('process.ready', 3);
    expect(await cluster.metric('processes{state="ready"}')).toBe(2);
    expect(await cluster.end()).toBe(0);
  }
  await remove();
});

test('a data folder that cannot be made ends the start at once, and says which setting', async () => {
  const start = Cluster.start({ DUCKDB_PATH: '/dev/null/data/local.duckdb', APP_ENV: 'dev' });
  await expect(start).rejects.toThrow(/it ended with 1: .*service\.startFailed.*DUCKDB_PATH: \/dev\/null/);
});

test('SIGHUP again during a reload is the same reload', async () => {
  await using cluster = await Cluster.start({ GRACEFUL_TIMEOUT: '5' });
  cluster.child.kill('SIGHUP');
  await cluster.until('process.starting', 3);
  cluster.child.kill('SIGHUP');
  await cluster.until('supervisor.reloaded');
  expect(cluster.of('supervisor.reloading')).toHaveLength(1);
  expect(cluster.started).toHaveLength(4);
  expect(await cluster.end()).toBe(0);
});

test('a process that dies while it is replaced leaves one in its place', async () => {
  await using cluster = await Cluster.start({});
  cluster.child.kill('SIGHUP');
  const { slot } = await cluster.until('process.starting', 3);
  const { child } = cluster.of('process.ready').find((event) => event.slot === slot)!;
  process.kill(Number(child), 'SIGKILL');
  await cluster.until('supervisor.reloaded');
  await until(async () => (await cluster.metric('processes{state="leaving"}')) === 0);
  expect(await cluster.metric('processes{state="ready"}')).toBe(2);
});

test('processes whose supervisor was killed before they knew what to do end', async () => {
  await using cluster = await Cluster.begin({});
  await cluster.until('process.starting', 2);
  await cluster.end('SIGKILL');
  const started = cluster.of('process.starting').map(({ child }) => Number(child));
  await until(() => !started.some(isAlive));
});

test('SIGTERM during the start ends it without a kill', async () => {
  await using cluster = await Cluster.begin({});
  await cluster.until('process.starting', 2);
  expect(await cluster.end()).toBe(0);
  expect(cluster.of('process.stopTimedOut')).toEqual([]);
  expect(cluster.of('process.starting').filter(({ child }) => isAlive(Number(child)))).toEqual([]);
});

test('SIGTERM during an upgrade ends both, and gives the port back', async () => {
  await using cluster = await Cluster.start({});
  cluster.child.kill('SIGUSR2');
  await cluster.until('process.starting', 3);
  expect(await cluster.end()).toBe(0);
  await expect(fetch(cluster.url)).rejects.toThrow();
  expect(cluster.of('process.starting').filter(({ child }) => isAlive(Number(child)))).toEqual([]);
});

/** One process, started by a shell that may limit or redirect it first: `start` stands for the program. Gives its address once it serves. */
async function startBy(shell: string, folder: string) {
  const port = String(await freePort());
  const command = ['sh', '-c', shell.replace('start', '"$@" serve'), 'sh', ...PROGRAM];
  const child = Bun.spawn(command, {
    env: {
      ...{ ...PROGRAM_ENV, PORT: port, LOG_LEVEL: 'debug', GRACEFUL_TIMEOUT: '5' },
      DUCKDB_PATH: join(folder, 'local.duckdb'),
      METADATA_DB_PATH: join(folder, 'meta.sqlite'),
    },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const url = `http://127.0.0.1:${port}`;
  const health = () => fetch(`${url}/api/healthz`, { headers: { connection: 'close' } });
  const isUp = () =>
    health().then(
      ({ ok }) => ok,
      () => false,
    );
  await untilReady(child, isUp, () => new Response(child.stderr).text());
  return { child, url };
}

test.each([
  ['a log whose disk is full stops nothing', '2>/dev/full'],
  ['words for people that nobody can keep stop nothing', '>/dev/full'],
])('%s', async (_, streams) => {
  const { path: folder, remove } = await tempFolder('full-log-');
  const { child, url } = await startBy(`exec start ${streams}`, folder);
  expect(await (await fetch(`${url}/api/healthz`)).json()).toMatchObject({ status: 'ok' });
  child.kill('SIGTERM');
  expect(await child.exited).toBe(0);
  await remove();
});

test('SIGTERM drains a process that has no descriptor left', async () => {
  const { path: folder, remove } = await tempFolder('descriptors-');
  const { child, url } = await startBy('ulimit -n 80; exec start', folder);
  const clients = Array.from({ length: 80 }, () => connect(Number(new URL(url).port), '127.0.0.1'));
  await until(() => readdirSync(`/proc/${child.pid}/fd`).length >= 80);
  child.kill('SIGTERM');
  expect(await child.exited).toBe(0);
  const logged = await new Response(child.stderr).text();
  expect(logged).toContain('"event":"service.stopped"');
  expect(logged).not.toContain('EMFILE');
  for (const client of clients) client.destroy();
  await remove();
});

test('SIGTERM drains a process without the rights of an administrator', async () => {
  const { path: folder, remove } = await tempFolder('plain-');
  const drop = process.getuid?.() === 0 ? 'setpriv --bounding-set=-net_admin,-net_raw' : '';
  const { child, url } = await startBy(`exec ${drop} start`, folder);
  expect((await fetch(`${url}/api/healthz`)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await child.exited).toBe(0);
  expect(await new Response(child.stderr).text()).toContain('"event":"service.stopped"');
  await remove();
});
