import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { FaultPoint } from '../../src/base/fault-point.ts';
import { until } from '../support/service-kit.ts';
import { checkRows } from './invariants.ts';
import type { Replica } from './replica.ts';
import { Scene } from './scene.ts';
import { Watch } from './watch.ts';
import { expectWhole } from './whole.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.open({ apart: true });
}, MINUTE);
afterAll(() => scene[Symbol.asyncDispose](), MINUTE);

/**
 * What a process is in the midst of when the metadata is lost to it. It holds the lock of those who write: nobody's commit is under way, of which
 * nobody could say what became of it.
 */
const POINTS = [
  ...(['publish.within', 'checkpoint.within', 'claim.within'] as const),
  ...(['complete.within', 'fire.within'] as const),
] satisfies FaultPoint[];

/** Looks for the lease that fail one after another, from when the leader can have renewed it for the last time: longer than it lasts. */
const PAST_LEASE = 8;

const failedLooks = ({ said }: Replica) =>
  said.filter(({ event, pulse }) => event === 'jobs.pulseFailed' && pulse === 'lease').length;

/** Stops the server of the metadata until every process has missed the lease for longer than it lasts and a reader has said so. */
async function goAway(
  processes: readonly Replica[],
  watch: Watch,
  meanwhile: () => Promise<unknown>,
): Promise<void> {
  const { server } = scene.meta;
  await watch.away(async () => {
    await server.stop();
    const failed = processes.map(failedLooks);
    const refused = watch.refusals;
    await meanwhile();
    await until(
      () =>
        watch.refusals > refused &&
        processes.every((each, i) => failedLooks(each) >= failed[i]! + PAST_LEASE),
    );
    await server.start();
  });
}

/** Ends all sessions with the metadata, those that wait for a lock too. */
function cut(): void {
  scene.meta.server.admin(
    'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null',
  );
}

async function open(): Promise<{ world: World; one: Replica; two: Replica; watch: Watch }> {
  const world = await scene.world('postgres', { env: { LEASE_SECONDS: '2' } });
  const [one] = world.replicas as [Replica];
  const two = world.spawn();
  await two.ready();
  return { world, one, two, watch: new Watch(world) };
}

/** The service has found back by itself: the same processes, the same leader, nothing taken for dead, and everything there. */
async function expectRecovered({ world, one, two, watch }: Awaited<ReturnType<typeof open>>): Promise<void> {
  for (const replica of [one, two]) {
    expect(replica.hasEnded).toBe(false);
    expect(replica.heard('schedule.notFired')).toEqual([]);
    expect(replica.heard('run.lost')).toEqual([]);
  }
  await watch.stop();
  await expectWhole(world, one);
}

test(
  'a metadata server that goes away in the midst of a publication, a checkpoint, a claim, an end or a fire loses and doubles nothing',
  async () => {
    const opened = await open();
    await using world = opened.world;
    const { one, two, watch } = opened;
    const lease = async () => {
      const { holder, token } = (await world.store.leases.get('scheduler'))!;
      return { holder, token };
    };
    const before = await lease();
    for (const point of POINTS) {
      const hero = point === 'fire.within' ? ((await world.leader()) ?? one) : one;
      await world.bringTo(hero, { point, times: 1, how: 'hold' });
      await goAway([one, two], watch, () => hero.order({ go: true }));
      await world.source.change();
      await world.syncAll(one);
      await checkRows(world);
    }
    expect(await lease()).toEqual(before);
    expect(watch.refusals).toBeGreaterThan(0);
    await expectRecovered(opened);
  },
  5 * MINUTE,
);

test(
  'sessions with the metadata that are ended in the midst of the same lose and double nothing, and no reader notices',
  async () => {
    const opened = await open();
    await using world = opened.world;
    const { one, watch } = opened;
    for (const point of POINTS) {
      const hero = point === 'fire.within' ? ((await world.leader()) ?? one) : one;
      await world.bringTo(hero, { point, times: 1, how: 'hold' });
      cut();
      await hero.order({ go: true });
      await world.source.change();
      await world.syncAll(one);
      await checkRows(world);
    }
    expect(watch.refusals).toBe(0);
    await expectRecovered(opened);
  },
  5 * MINUTE,
);
