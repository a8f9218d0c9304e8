import { afterAll, beforeAll, expect, test } from 'bun:test';
import { until } from '../support/service-kit.ts';
import { checkRows } from './invariants.ts';
import { LossyProxy } from './lossy-proxy.ts';
import { Scene } from './scene.ts';
import { expectWhole } from './whole.ts';

const MINUTE = 60_000;

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.open();
}, MINUTE);
afterAll(() => scene[Symbol.asyncDispose](), MINUTE);

test(
  'a commit whose answer is lost, of whatever transaction, loses and doubles nothing',
  async () => {
    const { meta } = scene;
    await using proxy = await LossyProxy.open(meta.server.port);
    const metadata = meta
      .url('answers')
      .replace(`:${meta.server.port}/`, `:${proxy.port}/`)
      .replace('sslmode=require', 'sslmode=disable');
    await using world = await scene.world('postgres', { metadata, env: { LEASE_SECONDS: '1' } });
    const [one] = world.replicas;
    const generation = async () => (await world.datasets.find('ledger')).generation;
    proxy.oneOf = 9;
    const first = await generation();
    await until(async () => {
      await world.source.change();
      await Bun.sleep(500);
      return proxy.lost >= 20 && (await generation()) > first + 5;
    });
    proxy.oneOf = 0;
    expect(one!.hasEnded).toBe(false);
    await world.syncAll(one!);
    await checkRows(world);
    await expectWhole(world, one!);
  },
  5 * MINUTE,
);
