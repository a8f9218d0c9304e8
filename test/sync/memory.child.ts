import { readFileSync } from 'node:fs';
import { openSyncKit } from './kit.ts';

/** Syncs the tasks of a home one after the other; says after each the most memory that the process ever had, in bytes. */
const [home = '', ...tasks] = process.argv.slice(2);
const kit = await openSyncKit({ home, env: { DUCKDB_MEMORY_LIMIT: '256MiB', DUCKDB_THREADS: '2' } });
for (const task of tasks) {
  const { rowCount } = await kit.sync(task);
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
  process.stdout.write(`${JSON.stringify({ task, rowCount, peak })}\n`);
}
await kit[Symbol.asyncDispose]();
process.exit(0);
