import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { FaultPoint } from '../../src/base/fault-point.ts';
import { until } from '../support/service-kit.ts';
import type { Replica } from './replica.ts';
import { Scene } from './scene.ts';
import { ASK_MS, Watch } from './watch.ts';
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
  'checkpoint.within',
  'publish.within',
  'claim.within',
  'complete.within',
  'fire.within',
] as const;
/** For an absence: a checkpoint is of the publication's transaction, and some fire is due in every one. */
const AWAY_POINTS = process.env.CHAOS === 'long' ? POINTS : POINTS.slice(1, 4);

const LEASE_S = 3;
/** Refusals of a reader in a lease time at most: after more of them, the lease time is over. */
const REFUSALS = (LEASE_S * 1000) / ASK_MS;

/** How often a process began to miss the lease, or has it in sight again. */
const looks = ({ said }: Replica, what: 'jobs.pulseFailed' | 'jobs.pulseRecovered') =>
  said.filter(({ event, pulse }) => event === what && pulse === 'lease').length;

/** Stops the server of the metadata for longer than the lease lasts, and until every process has missed it; then starts it, until all have found back. */
async function goAway(
  processes: readonly Replica[],
  watch: Watch,
  meanwhile: () => Promise<unknown>,
): Promise<void> {
  const { server } = scene.meta;
  await watch.away(async () => {
    const before = processes.map((each) => looks(each, 'jobs.pulseFailed'));
    await server.stop();
    const refused = watch.refusals;
    await meanwhile();
    await until(() => {
      if (watch.broken) throw watch.broken;
      const isMissed = processes.every((each, i) => looks(each, 'jobs.pulseFailed') > before[i]!);
      return isMissed && watch.refusals > refused + REFUSALS;
    });
    const back = processes.map((each) => looks(each, 'jobs.pulseRecovered'));
    await server.start();
    await until(() => processes.every((each, i) => looks(each, 'jobs.pulseRecovered') > back[i]!));
  });
}

/** Ends all sessions with the metadata, those that wait for a lock too. */
function cut(): void {
  scene.meta.server.admin(
    'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null',
  );
}

/** Waits for one more answer of a reader, to which there may be no refusal. */
async function answersAgain(watch: Watch): Promise<void> {
  const { answers } = watch;
  await until(() => {
    if (watch.broken) throw watch.broken;
    return watch.answers > answers;
  });
}

interface Opened extends AsyncDisposable {
  world: World;
  one: Replica;
  two: Replica;
  watch: Watch;
}

async function open(): Promise<Opened> {
  const world = await scene.world('postgres', { env: { LEASE_SECONDS: String(LEASE_S) } });
  const [one] = world.replicas as [Replica];
  const two = world.spawn();
  await two.ready();
  const watch = new Watch(world);
  await answersAgain(watch);
  return { world, one, two, watch, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

const leaseOf = async ({ store }: World) => {
  const { holder, token } = (await store.leases.get('scheduler'))!;
  return { holder, token };
};

/** Loses the metadata to a process that has come to a point, which then goes on. */
async function loseAt(
  point: FaultPoint,
  { world, one }: Opened,
  lose: (goOn: () => Promise<unknown>) => Promise<void>,
) {
  const hero = point === 'fire.within' ? ((await world.leader()) ?? one) : one;
  await world.bringTo(hero, { point, times: 1, how: 'hold' });
  await lose(() => hero.order({ go: true }));
}

/** The service has found back by itself: the same processes, nobody taken for dead, everything there and once. */
async function expectRecovered({ world, one, two, watch }: Opened): Promise<void> {
  for (const replica of [one, two]) {
    expect(replica.hasEnded).toBe(false);
    expect(replica.heard('schedule.notFired')).toEqual([]);
    expect(replica.heard('run.lost')).toEqual([]);
  }
  await answersAgain(watch);
  await watch.stop();
  await expectWhole(world, one);
}

test(
  'a metadata server that goes away in the midst of a publication, a claim or an end loses and doubles nothing, and the leader stays',
  async () => {
    await using opened = await open();
    const { world, one, two, watch } = opened;
    const before = await leaseOf(world);
    for (const point of AWAY_POINTS) await loseAt(point, opened, (goOn) => goAway([one, two], watch, goOn));
    await expectRecovered(opened);
    expect(await leaseOf(world)).toMatchObject({ token: before.token });
  },
  5 * MINUTE,
);

test(
  'sessions with the metadata that are ended in the midst of the same lose and double nothing, and no reader notices',
  async () => {
    await using opened = await open();
    for (const point of POINTS)
      await loseAt(point, opened, async (goOn) => {
        cut();
        await goOn();
      });
    await expectRecovered(opened);
    expect(opened.watch.refusals).toBe(0);
  },
  5 * MINUTE,
);
