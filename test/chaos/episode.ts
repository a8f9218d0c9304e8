import type { StoreName } from '../support/metadata-stores.ts';
import { Rampage } from './rampage.ts';
import { Random } from './random.ts';
import type { Scene } from './scene.ts';
import type { Tally } from './tally.ts';

export interface Seen {
  store: StoreName;
  episode: number;
  rows: number;
  fires: number;
  runs: number;
  files: number;
  answers: number;
}

/**
 * With empty metadata: kills until so many died and nobody's death is missing in the tally, or it is late; then checks all that must hold.
 */
export async function episode(
  scene: Scene,
  store: StoreName,
  number: number,
  tally: Tally,
  kills: number,
  isLate?: () => boolean,
): Promise<Seen> {
  const random = new Random(scene.seed + number);
  const { server } = scene.meta;
  const crash = async () => {
    await server.crash();
    await server.start();
  };
  try {
    await using world = await scene.world(store, { random, env: { LEASE_SECONDS: '1' } });
    const rampage = new Rampage(world, random, tally, store === 'postgres' ? crash : undefined);
    await rampage.kill(kills, isLate);
    const seen = { store, episode: number, ...(await rampage.settle()) };
    process.stderr.write(`chaos: ${tally.kills} kills so far, ${JSON.stringify(seen)}\n`);
    return seen;
  } catch (error) {
    const where = tally.last.slice(-6).join(', ');
    throw new Error(
      `CHAOS_SEED=${scene.seed}, ${store}, episode ${number}, after ${tally.kills} kills (${where}): ${error}`,
      { cause: error },
    );
  }
}
