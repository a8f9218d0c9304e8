import { CHECKS } from './check.ts';
import { Harness } from './harness.ts';

/** `bun test/property/soak.ts [tables] [seed] [pivots|specs|conditions|distinct]`: as many random requests as there is patience for. */
const [tables = '2000', seed = String(Date.now() % 2 ** 31), which] = process.argv.slice(2);
await using harness = await Harness.open();
const runs = { tables: Number(tables), seed: Number(seed) };
for (const [name, check] of Object.entries(CHECKS)) {
  if (which !== undefined && which !== name) continue;
  const started = performance.now();
  const compared = await check(harness, runs);
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(`${name}: ${compared} compared in ${seconds} s, seed ${seed}\n`);
}
