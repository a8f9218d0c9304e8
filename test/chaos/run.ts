import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FAULT_POINTS } from '../../src/base/fault-point.ts';
import type { StoreName } from '../support/metadata-stores.ts';
import { episode, type Seen } from './episode.ts';
import { Scene } from './scene.ts';
import { type Death, Tally } from './tally.ts';

/*
 * bun test/chaos/run.ts [--kills=320] [--minutes=60]
 * The long form: so many kills of leaders, readers and the server of the metadata, on both stores, at every point on each. Each episode
 * begins with empty metadata, and ends with a look at every row, fire, run, answer and file. The result goes to results/kills.json; the
 * exit code is 1 when something was lost, doubled or left behind.
 */

/** Episodes that are alive at once. */
const AT_ONCE = 2;
const OF_AN_EPISODE = 40;

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '320' }, minutes: { type: 'string', default: '60' } },
});
const wanted = Number(values.kills);
await using scene = await Scene.open({ apart: true });
const deaths: Death[] = [...FAULT_POINTS, 'leader', 'reader'];
const tallies: Record<StoreName, Tally> = {
  sqlite: new Tally(deaths),
  postgres: new Tally([...deaths, 'server']),
};
const killed = () => tallies.sqlite.kills + tallies.postgres.kills;
const startedMs = performance.now();
const isLate = () => performance.now() - startedMs > Number(values.minutes) * 60_000;
const seen: Seen[] = [];
const broken: string[] = [];
let number = 0;

async function go(store: StoreName): Promise<void> {
  while (broken.length === 0 && killed() < wanted && !isLate()) {
    const tally = tallies[store];
    const left = Math.ceil((wanted - killed()) / AT_ONCE);
    try {
      seen.push(await episode(scene, store, ++number, tally, Math.min(OF_AN_EPISODE, left), isLate));
    } catch (error) {
      broken.push(String(error));
    }
  }
}

await Promise.all([go('sqlite'), go('postgres')]);
const total = (field: 'rows' | 'fires' | 'runs' | 'files' | 'answers') =>
  seen.reduce((sum, each) => sum + each[field], 0);
const at = (tally: Tally) => Object.fromEntries([...tally.at].sort(([a], [b]) => (a < b ? -1 : 1)));
const result = {
  kills: killed(),
  seed: scene.seed,
  seconds: Math.round((performance.now() - startedMs) / 1000),
  checked: {
    ...{ rows: total('rows'), fires: total('fires'), runs: total('runs') },
    ...{ files: total('files'), answers: total('answers') },
  },
  deaths: { sqlite: at(tallies.sqlite), postgres: at(tallies.postgres) },
  missing: { sqlite: tallies.sqlite.missing, postgres: tallies.postgres.missing },
  episodes: seen,
  broken,
};
const text = `${JSON.stringify(result, null, 2)}\n`;
await Bun.write(join(import.meta.dir, 'results/kills.json'), text);
process.stdout.write(text);
process.exitCode = broken.length > 0 || killed() < wanted ? 1 : 0;
