import { ptr } from 'bun:ffi';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

import { checked, LINUX, type Libc, openLibc } from './libc.ts';

const LOWEST = 19;
/** The first that the kernel ends when memory runs out. */
const MOST_EXPENDABLE = '1000';

function limit(libc: Libc, resource: number, bytes: number): void {
  // `struct rlimit`: soft and hard.
  const values = new BigUint64Array([BigInt(bytes), BigInt(bytes)]);
  checked(libc, 'setrlimit', libc.setrlimit(resource, ptr(values)));
}

/** What counts against RLIMIT_DATA already: JavaScriptCore reserves gigabytes that it never touches. */
function reservedBytes(): number {
  return Number(/^VmData:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;
}

export interface Refused {
  what: string;
  why: string;
}

/** Lowers the threads that there are; others inherit it. One that ends meanwhile needs no priority. */
function giveWay(steps: number): void {
  const nice = Math.min(LOWEST, getPriority() + steps);
  for (const thread of readdirSync('/proc/self/task').map(Number)) {
    try {
      setPriority(thread, nice);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).errno !== -constants.errno.ESRCH) throw error;
    }
  }
}

/**
 * Makes this process one that a front can lose: the kernel ends it first when memory runs out, and with its parent; it leaves no core
 * file, gives way to the front by `nice` steps, and takes no signal that a terminal or service manager sends to all processes. Past
 * `dataLimitBytes` more private memory than it has now the kernel refuses it more, which DuckDB reports as an error of the statement.
 * Gives what the system did not allow, as a sandbox may; the process works without it.
 */
export function becomeEngineProcess(nice: number, dataLimitBytes: number): Refused[] {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const)
    process.on(signal, () => undefined);
  if (process.platform !== 'linux') return [];
  const libc = openLibc();
  const steps: Record<string, () => unknown> = {
    priority: () => nice > 0 && giveWay(nice),
    endsWithParent: () => checked(libc, 'prctl', libc.prctl(LINUX.PR_SET_PDEATHSIG, LINUX.SIGKILL, 0, 0, 0)),
    coreLimit: () => limit(libc, LINUX.RLIMIT_CORE, 0),
    memoryLimit: () => limit(libc, LINUX.RLIMIT_DATA, reservedBytes() + dataLimitBytes),
    oomScore: () => writeFileSync('/proc/self/oom_score_adj', MOST_EXPENDABLE),
  };
  return Object.entries(steps).flatMap(([what, step]) => {
    try {
      step();
      return [];
    } catch (error) {
      return [{ what, why: String(error) }];
    }
  });
}
