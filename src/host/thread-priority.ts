import { readdirSync, readFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { hasCode } from '../base/system-error.ts';

/**
 * Threads that compute, by the names that Bun 1.4 gives them: workers, and the pool for files and native calls, in which DuckDB's statements run.
 * A thread inherits name and priority from the one that makes it, and so do DuckDB's own.
 */
const COMPUTING = /^(?:Worker|Bun Pool)\b/;
const LOWEST = 19;

const isGone = (error: unknown) =>
  hasCode(error, 'ENOENT') || (error as NodeJS.ErrnoException).errno === -constants.errno.ESRCH;

function computingThreads(): number[] {
  return readdirSync('/proc/self/task').flatMap((name) => {
    try {
      return COMPUTING.test(readFileSync(`/proc/self/task/${name}/comm`, 'utf8')) ? [Number(name)] : [];
    } catch (error) {
      if (isGone(error)) return [];
      throw error;
    }
  });
}

/**
 * Lets the threads of this process that compute give way, by so many steps of `nice`, to the one that answers requests: where they want all cores,
 * it waits for none of them. To be called again, as threads come later. Throws the system's error where that is refused.
 */
export function lowerComputingThreads(steps: number): void {
  const nice = Math.min(LOWEST, getPriority(process.pid) + steps);
  for (const thread of computingThreads()) {
    try {
      if (getPriority(thread) < nice) setPriority(thread, nice);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}
