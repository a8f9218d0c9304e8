import { randomUUID } from 'node:crypto';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryLimitBytes } from '../base/memory.ts';
import { CLOSED, hasCode } from '../base/system-error.ts';
import type { Db } from '../store/database.ts';
import { migrationState } from '../store/migrate.ts';
import type { Store } from '../store/store.ts';
import type { Engines } from './engines.ts';
import type { Parts } from './parts.ts';
import { threadPool } from './self-check.ts';

/** By name: undefined when ready, else what is wrong, in words for an operator. */
export type Checks = Record<string, () => Promise<string | undefined>>;

const mib = (bytes: number) => `${Math.floor(bytes / 2 ** 20)} MiB`;

/** A part that takes longer to answer is not ready. */
const ANSWER_MS = 5000;

/** The probes of the fence, run once a process in a worker of its own kind; a failure to run them is tried again. */
function fenceCheck(
  { folders, tempFolder }: Parts,
  pool: Engines['query'],
): () => Promise<string | undefined> {
  let holes: Promise<readonly string[]> | undefined;
  return async () => {
    holes ??= pool.run(
      {
        kind: 'attest',
        targets: { folder: folders.datasets, outsideFile: process.execPath, outsideFolder: tempFolder },
      },
      { signal: new AbortController().signal },
    ) as Promise<readonly string[]>;
    try {
      const found = await holes;
      return found.length === 0 ? undefined : `DuckDB escapes its fence: ${found.join('; ')}`;
    } catch (error) {
      holes = undefined;
      throw error;
    }
  };
}

async function isWritable(folder: string): Promise<boolean> {
  const probe = join(folder, `probe-${randomUUID()}`);
  try {
    await writeFile(probe, '');
    await rm(probe);
    return true;
  } catch (error) {
    if (hasCode(error, ...CLOSED, 'ENOENT')) return false;
    throw error;
  }
}

/** What must hold before a process is given work. */
export function createReadiness(parts: Parts, db: Db, store: Store, { query: pool }: Engines): Checks {
  const { config, folders } = parts;
  return {
    async metadata() {
      await store.users.count();
      return undefined;
    },
    async migrations() {
      const { pending, unknown } = await migrationState(db);
      if (unknown.length > 0) return `The metadata was written by a newer version (${unknown.join(', ')})`;
      return pending.length > 0 ? `The metadata lacks ${pending.join(', ')}` : undefined;
    },
    async datasetsFolder() {
      for (const folder of [folders.datasets, folders.uploads])
        if (!(await isWritable(folder))) return `${folder} cannot be written`;
      return undefined;
    },
    async disk() {
      const { bavail, bsize } = await statfs(folders.datasets);
      const free = bavail * bsize;
      return free < config.READY_MIN_DISK_BYTES
        ? `Only ${mib(free)} are free on the disk of the datasets`
        : undefined;
    },
    async memory() {
      const [used, limit] = [process.memoryUsage.rss(), memoryLimitBytes()];
      const percent = (100 * used) / limit;
      return percent > config.READY_MAX_MEMORY_PERCENT
        ? `${mib(used)} of ${mib(limit)} of memory are in use`
        : undefined;
    },
    async threadPool() {
      await threadPool(parts.tempFolder)();
      return undefined;
    },
    async workers() {
      const options = { signal: AbortSignal.timeout(ANSWER_MS), isProbe: true };
      await pool.runIfStarted({ kind: 'ping' }, options);
      return undefined;
    },
    duckdbFence: fenceCheck(parts, pool),
  };
}
