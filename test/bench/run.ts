import { existsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { benchCached } from './cached.bench.ts';
import { benchCsv } from './csv.bench.ts';
import { benchHealth } from './health.bench.ts';
import { benchIsolation } from './isolation.bench.ts';
import { benchLists } from './lists.bench.ts';
import { benchPivots } from './pivot.bench.ts';
import { benchSource } from './source.bench.ts';
import { benchStart } from './start.bench.ts';
import { benchSync } from './sync.bench.ts';
import { benchViews } from './views.bench.ts';

/*
 * bun run bench [--quick] [--save]
 * bun test/bench/run.ts --only=sync [--quick] [--save]
 * Measures the binary in dist/ where it was built, else the source. Prints JSON; --save keeps it in results/latest.json, from which
 * the README's table is written; of one alone, in a file of its name. --other=PROGRAM has `isolation` ask a second program in turn.
 */

const BINARY = join(import.meta.dir, '../../dist/reporting-api');
const LATEST = join(import.meta.dir, 'results/latest.json');

const quick = process.argv.includes('--quick');
const command = existsSync(BINARY) ? [BINARY] : undefined;
const say = (text: string) => process.stderr.write(`${text}\n`);

say(`measuring ${command ? 'the binary' : 'the source'}`);
const other = process.argv.find((given) => given.startsWith('--other='))?.slice('--other='.length);
const only = process.argv.find((given) => given.startsWith('--only='))?.slice('--only='.length);
const about = {
  of: command ? 'binary' : 'source',
  machine: { cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30) },
};
const benches = {
  start: () => benchStart(command, quick ? 2 : 7),
  cached: () => benchCached(command, quick ? 1 : 3, quick ? 1 : 3),
  health: () => benchHealth(command, quick ? 1_000_000 : 3_000_000, 200),
  isolation: () => benchIsolation(other === undefined ? [command] : [command, [other]], quick ? 5 : 31),
  source: () => benchSource(command, quick ? 100_000 : 1_000_000, quick ? 2 : 5),
  lists: () => benchLists(command, quick ? 300_000 : 1_000_000, quick ? 3 : 5),
  sync: () =>
    benchSync(
      command,
      quick
        ? { rows: 1_000_000, large: 2_000_000, runs: 40, rounds: 2 }
        : { rows: 2_000_000, large: 50_000_000, runs: 1000, rounds: 3 },
    ),
  csv: () => benchCsv(quick ? 200_000 : 2_000_000, quick ? 1 : 3),
  async views() {
    const results = [];
    for (const count of quick ? [2000] : [2000, 5000]) results.push(await benchViews(count, quick ? 3 : 11));
    return results;
  },
  pivots: () => benchPivots(command, quick ? [1_000_000] : [1_000_000, 10_000_000], quick ? 3 : 7),
};
const results: Record<string, unknown> = about;
for (const [name, bench] of Object.entries(benches))
  if (only === undefined || only === name) results[name] = await bench();
const text = `${JSON.stringify(results, null, 2)}\n`;
process.stdout.write(text);
const target = only === undefined ? LATEST : join(import.meta.dir, `results/${only}.json`);
if (process.argv.includes('--save')) await Bun.write(target, text);
