import { afterAll, beforeAll, expect, test } from 'bun:test';
import { type MetadataServer, startMetadataServer } from '../support/metadata-stores.ts';
import { until } from '../support/service-kit.ts';
import { checkRows } from './invariants.ts';
import { LossyProxy } from './lossy-proxy.ts';
import { buildReplica, type Program } from './program.ts';
import { Random, seedOf } from './random.ts';
import { expectWhole } from './whole.ts';
import { World } from './world.ts';

const MINUTE = 60_000;

let meta: MetadataServer;
let program: Program;
beforeAll(async () => {
  [meta, program] = await Promise.all([startMetadataServer(), buildReplica()]);
}, MINUTE);
afterAll(async () => {
  await meta[Symbol.asyncDispose]();
  await program[Symbol.asyncDispose]();
}, MINUTE);

test(
  'a commit whose answer is lost, of whatever transaction, loses and doubles nothing',
  async () => {
    await using proxy = await LossyProxy.open(meta.server.port);
    const metadata = meta
      .url('answers')
      .replace(`:${meta.server.port}/`, `:${proxy.port}/`)
      .replace('sslmode=require', 'sslmode=disable');
    await using world = await World.open({
      ...{ server: meta.server, program: program.path, random: new Random(seedOf(process.env)), metadata },
      env: { LEASE_SECONDS: '1' },
    });
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
