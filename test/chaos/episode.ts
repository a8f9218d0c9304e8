import type { MetadataServer, StoreName } from '../support/metadata-stores.ts';
import type { TestServer } from '../support/postgres-server.ts';
import type { Program } from './program.ts';
import { Rampage } from './rampage.ts';
import { Random } from './random.ts';
import type { Tally } from './tally.ts';
import { World } from './world.ts';

export interface Scene {
  meta: MetadataServer;
  /** Of the tables that are synced. */
  source: TestServer;
  program: Program;
  seed: number;
  /** No more kills once it says so. */
  isLate?: () => boolean;
}

export interface Seen {
  store: StoreName;
  episode: number;
  rows: number;
  fires: number;
  runs: number;
  files: number;
  answers: number;
}

/** With empty metadata: kills until so many died and nobody's death is missing in the tally, then checks all that must hold. */
export async function episode(
  { meta, source, program, seed, isLate }: Scene,
  store: StoreName,
  number: number,
  tally: Tally,
  kills: number,
): Promise<Seen> {
  const random = new Random(seed + number);
  const { server } = meta;
  const crash = async () => {
    await server.crash();
    await server.start();
  };
  try {
    await using world = await World.open({
      ...{ server: source, program: program.path, random },
      metadata: store === 'postgres' ? meta.url(`chaos ${number}`) : undefined,
      env: { LEASE_SECONDS: '1' },
    });
    const rampage = new Rampage(world, random, tally, store === 'postgres' ? crash : undefined);
    await rampage.kill(kills, isLate);
    const seen = { store, episode: number, ...(await rampage.settle()) };
    process.stderr.write(`chaos: ${tally.kills} kills so far, ${JSON.stringify(seen)}\n`);
    return seen;
  } catch (error) {
    const where = tally.last.slice(-6).join(', ');
    throw new Error(
      `CHAOS_SEED=${seed}, ${store}, episode ${number}, after ${tally.kills} kills (${where}): ${error}`,
      { cause: error },
    );
  }
}
