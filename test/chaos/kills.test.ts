import { afterAll, beforeAll, expect, test } from 'bun:test';
import { FAULT_POINTS } from '../../src/base/fault-point.ts';
import { type MetadataServer, startMetadataServer } from '../support/metadata-stores.ts';
import { Rampage, Tally } from './rampage.ts';
import { Random, seedOf } from './random.ts';
import { World } from './world.ts';

const isLong = process.env.CHAOS === 'long';
const seed = seedOf(process.env);
/** Kills of an episode; then everything is checked, and the next begins with empty metadata. */
const OF_AN_EPISODE = 38;
const MINUTES = 60_000;

let meta: MetadataServer;
beforeAll(async () => {
  meta = await startMetadataServer();
}, MINUTES);
afterAll(() => meta[Symbol.asyncDispose](), MINUTES);

const say = (text: string) => process.stderr.write(`${text}\n`);

async function episode(name: string, number: number, tally: Tally, kills: number, metadata?: string) {
  const random = new Random(seed + number);
  const everywhere = kills >= FAULT_POINTS.length && tally.missing.length > 0;
  try {
    await using world = await World.open({ server: meta.server, random, metadata });
    const rampage = new Rampage(world, random, tally);
    await rampage.kill(kills, everywhere);
    const seen = await rampage.settle();
    say(`chaos on ${name}, episode ${number}: ${tally.kills} kills so far, ${JSON.stringify(seen)}`);
    return seen;
  } catch (error) {
    const where = tally.last.slice(-6).join(', ');
    throw new Error(
      `CHAOS_SEED=${seed}, ${name}, episode ${number}, after ${tally.kills} kills (${where}): ${error}`,
      {
        cause: error,
      },
    );
  }
}

test(
  'kill -9 at every step loses nothing and doubles nothing',
  async () => {
    say(`CHAOS_SEED=${seed}`);
    const tally = new Tally();
    const wanted = isLong ? 300 : FAULT_POINTS.length;
    for (let number = 1; tally.kills < wanted; number += 2) {
      const each = isLong ? OF_AN_EPISODE : wanted;
      const numbers = isLong ? [number, number + 1] : [number];
      for (const seen of await Promise.all(numbers.map((one) => episode('sqlite', one, tally, each)))) {
        expect(seen.fires).toBeGreaterThan(5);
        expect(seen.answers).toBeGreaterThan(20);
      }
    }
    say(`deaths: ${JSON.stringify(Object.fromEntries(tally.at))}`);
    expect(tally.missing).toEqual([]);
  },
  60 * MINUTES,
);

test(
  'kill -9 with the metadata on PostgreSQL',
  async () => {
    const tally = new Tally();
    const seen = await episode('postgres', 1000, tally, isLong ? OF_AN_EPISODE : 6, meta.url('chaos'));
    expect(seen.answers).toBeGreaterThan(5);
  },
  60 * MINUTES,
);
