import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreName } from '../support/metadata-stores.ts';
import { until } from '../support/service-kit.ts';
import { checkFiles, checkOrphans, checkRows, checkRuns } from './invariants.ts';
import type { Replica } from './replica.ts';
import { Scene } from './scene.ts';
import { expectWhole } from './whole.ts';
import type { WorldOptions } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.open({ apart: true });
}, MINUTE);
afterAll(() => scene[Symbol.asyncDispose](), MINUTE);

const STORES: StoreName[] = ['sqlite', 'postgres'];

/** Leases are long: no pause of a busy machine ends them, and a change of leaders would be the fault of the harm. */
const open = (store: StoreName, more: Partial<WorldOptions> = {}) =>
  scene.world(store, { env: { LEASE_SECONDS: '30' }, ...more });

test.each(STORES)(
  'on %s, a clock set an hour forward, back, back again and right: no instant is left out or comes twice, no run waits for it',
  async (store) => {
    await using world = await open(store);
    const [one] = world.replicas as [Replica];
    await one.call('PATCH', '/schedules/tick', { catchUp: 'latest' });
    const two = world.spawn();
    await two.ready();
    const token = async () => (await world.store.leases.get('scheduler'))!.token;
    const before = await token();
    const lastInstant = async () =>
      Date.parse((await world.store.schedules.fires(world.tickId, 1))[0]?.instant ?? '');
    await until(async () => !Number.isNaN(await lastInstant()));
    for (const clockMs of [HOUR, 0, -HOUR, 0]) {
      await world.source.change();
      const run = await one.call('POST', '/sync-tasks/ledger/run', {});
      await one.order({ clockMs });
      await two.order({ clockMs });
      await world.succeeded(run.id);
      await world.syncAll(one);
      await checkRows(world);
      // What is next lies an hour ahead when the clock is set back.
      if (clockMs === HOUR) await until(async () => (await lastInstant()) > Date.now() + HOUR - MINUTE);
    }
    expect(await token()).toBe(before);
    const fires = (await world.store.schedules.fires(world.tickId, 1_000_000)).reverse();
    const ms = fires.map(({ instant }) => Date.parse(instant));
    expect(ms.at(-1)! - ms[0]!).toBeGreaterThan(HOUR - MINUTE);
    for (const [i, { count }] of fires.entries()) if (i > 0) expect(ms[i]).toBe(ms[i - 1]! + count * 1000);
    const runIds = fires.flatMap(({ runId }) => runId ?? []);
    expect(new Set(runIds).size).toBe(runIds.length);
    await checkRuns(world);
    await world.stop();
    await checkFiles(world);
    await checkOrphans(world);
  },
  5 * MINUTE,
);

test.each(STORES)(
  'on %s, a source whose sessions are ended, or whose server dies, in the middle of a stream: the run goes on from its checkpoint',
  async (store) => {
    await using world = await open(store);
    const server = scene.source;
    const [one] = world.replicas as [Replica];
    for (const harm of ['sessions', 'server'] as const) {
      await world.bringTo(one, { point: 'batch.staged', times: 2, how: 'hold' });
      if (harm === 'sessions')
        server.admin('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()');
      else {
        await server.stop();
        await server.start();
      }
      await one.order({ go: true });
      await world.source.reconnect();
      await world.source.change();
      await world.syncAll(one);
      await checkRows(world);
    }
    await expectWhole(world, one);
  },
  5 * MINUTE,
);

const canMount = process.getuid?.() === 0 && process.platform === 'linux';

/** A file system of so many bytes: a tmpfs where this process may mount one; else undefined. */
async function smallDisk(bytes: number): Promise<({ path: string } & AsyncDisposable) | undefined> {
  const path = await mkdtemp(join(tmpdir(), 'disk-'));
  const mounted =
    canMount && Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path]).success;
  if (!mounted) {
    await rm(path, { recursive: true });
    return undefined;
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      Bun.spawnSync(['umount', '-l', path]);
      await rm(path, { recursive: true, force: true });
    },
  };
}

async function fill(path: string): Promise<void> {
  for (let bytes = 1 << 20; bytes >= 512; ) {
    const made = await writeFile(path, new Uint8Array(bytes), { flag: 'a' }).then(
      () => true,
      () => false,
    );
    if (!made) bytes >>= 1;
  }
}

test.each(STORES)(
  'on %s, a disk that is full while a generation is written: the old one stays, and the run goes on when there is room',
  async (store) => {
    await using disk = await smallDisk(48 << 20);
    if (!disk) throw new Error('no tmpfs can be mounted here');
    await using world = await open(store, { data: disk.path });
    const [one] = world.replicas as [Replica];
    const ballast = join(disk.path, 'ballast');
    const generation = async () => (await world.datasets.find('ledger')).generation;
    await checkRows(world);
    await fill(ballast);
    await world.source.change();
    const { id } = await one.call('POST', '/sync-tasks/ledger/run', {});
    await until(async () => (await world.store.runs.byId(id))?.fault?.code === 'storage.full');
    const stays = await generation();
    const spec = { from: { dataset: 'ledger' }, measures: [{ agg: 'count', as: 'n' }] };
    const { rows, meta } = await one.call('POST', '/query/spec', spec);
    expect(meta.dataVersion).toEndWith(`@${stays}`);
    expect(rows).toEqual([[(await world.datasets.find('ledger')).rowCount]]);
    await rm(ballast);
    await world.succeeded(id);
    await expectWhole(world, one);
  },
  5 * MINUTE,
);
