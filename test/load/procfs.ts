import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What the kernel says of a process. */
export interface ProcessUse {
  pid: number;
  rssBytes: number;
  threads: number;
  /** What each open descriptor is: a path, or its kind where it is a socket, pipe or the like. */
  descriptors: string[];
}

export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

export function rssBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** None where it went between being listed and being looked at. */
function unlessGone<T>(look: () => T): T[] {
  try {
    return [look()];
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code!)) return [];
    throw error;
  }
}

export interface Thread {
  id: number;
  name: string;
  nice: number;
}

export function threadsOf(pid: number): Thread[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((id) =>
    unlessGone(() => {
      const stat = readFileSync(`/proc/${pid}/task/${id}/stat`, 'utf8');
      // The name may have brackets and spaces.
      const end = stat.lastIndexOf(')');
      const nice = Number(stat.slice(end + 2).split(' ')[16]);
      return { id: Number(id), name: stat.slice(stat.indexOf('(') + 1, end), nice };
    }),
  );
}

export function useOf(pid: number): ProcessUse {
  const folder = `/proc/${pid}/fd`;
  return {
    pid,
    rssBytes: rssBytes(pid),
    threads: readdirSync(`/proc/${pid}/task`).length,
    descriptors: readdirSync(folder).flatMap((name) =>
      unlessGone(() => readlinkSync(`${folder}/${name}`).replace(/:\[\d+\]$/, '')),
    ),
  };
}

const STATES: Record<string, string> = { '01': 'established', '08': 'closeWait' };

/** Connections that the servers of a port hold: those whose clients are there, and those whose clients have gone. */
export function connectionsOf(port: number): { established: number; closeWait: number } {
  const found = { established: 0, closeWait: 0 };
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6'])
    for (const line of readFileSync(file, 'utf8').split('\n').slice(1)) {
      const [, local, , state] = line.trim().split(/\s+/);
      const name = STATES[state ?? ''];
      if (local?.endsWith(suffix) && name) found[name as keyof typeof found]++;
    }
  return found;
}
