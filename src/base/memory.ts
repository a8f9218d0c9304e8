import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { hasCode } from './system-error.ts';

/** Where Linux tells the limits; tests pass their own. */
export interface MemoryPlaces {
  /** The cgroups of this process. */
  membership: string;
  /** Where the cgroup file systems are mounted. */
  cgroups: string;
  totalBytes: number;
}

const machine = (): MemoryPlaces => ({
  membership: '/proc/self/cgroup',
  cgroups: '/sys/fs/cgroup',
  totalBytes: totalmem(),
});

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return undefined;
    throw error;
  }
}

/** The smallest limit from `group` up to the root of the tree: every ancestor binds. */
function limitAbove(root: string, group: string, file: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (let folder = group; ; folder = dirname(folder)) {
    const value = Number(read(join(root, folder, file)) ?? Number.NaN);
    if (value > 0) least = Math.min(least, value);
    if (folder === '/' || folder === '.') return least;
  }
}

/** Bytes of memory that this process may use: the least of the machine's and its cgroups' (version 2 and 1). */
export function memoryLimitBytes(places: MemoryPlaces = machine()): number {
  let least = places.totalBytes;
  for (const line of (read(places.membership) ?? '').split('\n')) {
    const [, controllers, group] = line.match(/^\d+:([^:]*):(.*)$/) ?? [];
    if (group === undefined) continue;
    if (controllers === '') least = Math.min(least, limitAbove(places.cgroups, group, 'memory.max'));
    else if (controllers?.split(',').includes('memory'))
      least = Math.min(least, limitAbove(join(places.cgroups, 'memory'), group, 'memory.limit_in_bytes'));
  }
  return least;
}
