import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { FaultPoint } from '../../src/base/fault-point.ts';
import type { StoreName } from '../support/metadata-stores.ts';
import { until } from '../support/service-kit.ts';
import { checkRows } from './invariants.ts';
import type { Replica, Said } from './replica.ts';
import { Scene } from './scene.ts';
import { TABLES } from './source.ts';
import { expectWhole } from './whole.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.open();
}, MINUTE);
afterAll(() => scene[Symbol.asyncDispose](), MINUTE);

const POINTS: readonly FaultPoint[] =
  process.env.CHAOS === 'long'
    ? ['publish.before', 'fire.before', 'compact.named', 'complete.before']
    : ['publish.before', 'fire.before'];

/** Runs that had begun in a process when it was stopped. */
function openRuns({ said, fault }: Replica): Said[] {
  const before = said.slice(0, said.indexOf(fault!));
  const ended = before
    .filter(({ event }) => event === 'run.ended')
    .map(({ id, attempt }) => `${id}/${attempt}`);
  return before.filter(
    ({ event, id, attempt }) => event === 'run.started' && !ended.includes(`${id}/${attempt}`),
  );
}

/** How a run ended in a process; undefined where it has not. */
const endOf = (replica: Replica, { id, attempt }: Said) =>
  replica.heard('run.ended').find((said) => said.id === id && said.attempt === attempt)?.outcome;

/** Of those runs the ones that were not written as ended before the stop; waits until they are no longer the process's own. */
async function lostRuns(world: World, open: readonly Said[], holder: string): Promise<Said[]> {
  const look = () => Promise.all(open.map(({ id }) => world.store.runs.byId(String(id))));
  await until(async () =>
    (await look()).every((run) => run?.state !== 'running' || run.claimedBy !== holder),
  );
  const found = await look();
  return open.filter((_, i) => found[i]!.endedAt === null || found[i]!.claimedBy !== holder);
}

/** Stops the leader where it comes to a point, lets another take over and the first go on; gives the other. */
async function stopLeader(world: World, first: Replica, point: FaultPoint): Promise<Replica> {
  await until(async () => (await world.leader()) === first);
  const { holder, token } = (await world.store.leases.get('scheduler'))!;
  await world.bringTo(first, { point, times: 1, how: 'stop' });
  const second = world.spawn();
  await until(async () => (await world.leader()) === second);
  const stale = { name: 'scheduler', holder: holder!, token };
  await expect(world.store.leases.hold(stale)).rejects.toMatchObject({ code: 'run.fenced' });
  await world.source.change();
  await world.syncAll(second);
  await checkRows(world);
  const lost = await lostRuns(world, openRuns(first), holder!);
  first.signal('SIGCONT');
  await until(() => first.heard('scheduler.lost').length > 0);
  await until(() => lost.every((run) => endOf(first, run) !== undefined));
  expect(lost.map((run) => endOf(first, run))).toEqual(lost.map(() => 'fenced'));
  if (point === 'publish.before') expect(lost).not.toEqual([]);
  expect((await world.leader())?.pid).toBe(second.pid);
  await checkRows(world);
  for (const table of TABLES) {
    const generations = await world.datasets.generations(table);
    expect(generations.filter(({ current }) => current)).toHaveLength(1);
  }
  expect(await first.stop()).toBe(0);
  return second;
}

test.each<StoreName>(['sqlite', 'postgres'])(
  'on %s, a leader that is stopped and goes on is fenced, and nothing that it writes is seen',
  async (store) => {
    await using world = await scene.world(store, { env: { LEASE_SECONDS: '1' } });
    let leader = world.replicas[0]!;
    for (const point of POINTS) leader = await stopLeader(world, leader, point);
    await expectWhole(world, leader);
  },
  5 * MINUTE,
);
