import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openService, until } from '../support/service-kit.ts';
import { start } from './core-kit.ts';

const PARTS = [
  'metadata',
  'migrations',
  'datasetsFolder',
  'disk',
  'memory',
  'threadPool',
  'workers',
  'duckdbFence',
  'running',
];

test('every part is named, and the fence was tried', async () => {
  await using service = await openService();
  const { status, json } = await service.call('GET', '/api/readyz');
  expect(json).toMatchObject({ status: 'ready' });
  expect(Object.keys(json.checks)).toEqual([...PARTS, 'scheduler']);
  for (const part of PARTS) expect(json.checks[part], part).toEqual({ ok: true });
  expect(status).toBe(200);
  const stranger = await fetch(`${service.url}/api/readyz`);
  expect(Object.keys(((await stranger.json()) as typeof json).checks)).toEqual([...PARTS, 'scheduler']);
});

test('the role in the scheduler is told; that nobody leads does not make a process unready', async () => {
  await using web = await openService();
  const off = {
    ok: false,
    role: 'web',
    detail: 'No process starts scheduled work; set RUN_SCHEDULER=1 for at least one process',
  };
  await until(async () => !(await web.call('GET', '/api/readyz')).json.checks.scheduler.ok);
  const told = await web.call('GET', '/api/readyz');
  expect(told.json).toMatchObject({ status: 'ready', checks: { scheduler: off } });
  expect(told.status).toBe(200);

  await using candidate = await openService({ RUN_SCHEDULER: '1' });
  const part = async () => (await candidate.call('GET', '/api/readyz')).json.checks.scheduler;
  await until(async () => (await part()).ok);
  expect(await part()).toEqual({ ok: true, role: 'leader' });

  await using alone = await start({}, { role: () => 'standby', isSchedulerAlive: () => false });
  const answer = await fetch(`${alone.url}/api/readyz`);
  expect(await answer.json()).toMatchObject({
    status: 'ready',
    checks: { scheduler: { ok: false, role: 'standby' } },
  });
  expect(answer.status).toBe(200);
});

test('a disk that is nearly full', async () => {
  await using service = await openService({ READY_MIN_DISK_BYTES: '1000000GiB' });
  const { status, json } = await service.call('GET', '/api/readyz');
  expect(json.checks.disk.detail).toMatch(/^Only \d+ MiB are free on the disk/);
  expect(json).toMatchObject({ status: 'notReady', checks: { metadata: { ok: true } } });
  expect(status).toBe(503);
  const stranger = (await (await fetch(`${service.url}/api/readyz`)).json()) as typeof json;
  expect(stranger.checks.disk).toEqual({ ok: false });
});

test.each(['datasets', 'uploads'])('a folder %s that cannot be written', async (name) => {
  await using service = await openService();
  await rm(join(service.folder, name), { recursive: true });
  const { status, json } = await service.call('GET', '/api/readyz');
  expect(json.checks.datasetsFolder).toEqual({
    ok: false,
    detail: `${join(service.folder, name)} cannot be written`,
  });
  expect(status).toBe(503);
});

test('metadata of a newer version', async () => {
  await using service = await openService();
  const file = new Database(join(service.folder, 'meta.sqlite'));
  file.run("insert into migrations (name, applied_at) values ('9999-later', '2030-01-01T00:00:00Z')");
  file.close();
  const { status, json } = await service.call('GET', '/api/readyz');
  expect(json.checks.migrations).toEqual({
    ok: false,
    detail: 'The metadata was written by a newer version (9999-later)',
  });
  expect(status).toBe(503);
});
