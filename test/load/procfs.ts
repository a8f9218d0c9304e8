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

/** A descriptor may be closed between being listed and being looked at. */
function targetOf(path: string): string[] {
  try {
    return [readlinkSync(path).replace(/:\[\d+\]$/, '')];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export function useOf(pid: number): ProcessUse {
  const folder = `/proc/${pid}/fd`;
  return {
    pid,
    rssBytes: rssBytes(pid),
    threads: readdirSync(`/proc/${pid}/task`).length,
    descriptors: readdirSync(folder).flatMap((name) => targetOf(`${folder}/${name}`)),
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
