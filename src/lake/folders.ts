import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Where the lake keeps its files. Every name in a path is one of ours, never a user's. */
export interface Folders {
  root: string;
  datasets: string;
  uploads: string;
  /** The small DuckDB file of views. */
  viewsFile: string;
}

export function foldersOf(duckdbPath: string): Folders {
  const viewsFile = resolve(duckdbPath);
  const root = dirname(viewsFile);
  return { root, datasets: join(root, 'datasets'), uploads: join(root, 'uploads'), viewsFile };
}

export async function makeFolders(folders: Folders): Promise<void> {
  await mkdir(folders.root, { recursive: true, mode: 0o750 });
  await mkdir(folders.datasets, { recursive: true, mode: 0o750 });
  await mkdir(folders.uploads, { recursive: true, mode: 0o700 });
}

/** The start of a process in clock ticks (Linux); with it, a pid that was given again is told from the one before. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const TEMPORARY = /^tmp-(\d+)-(\d+)-/;

/** A name for a file under construction; it says which process makes it. */
export function temporaryName(): string {
  return `tmp-${process.pid}-${startOf(process.pid) ?? '0'}-${crypto.randomUUID()}`;
}

/** Of a file's name: not temporary, or made by a process that lives, or left behind by one that died. */
export function temporaryState(name: string): 'none' | 'alive' | 'dead' {
  const match = TEMPORARY.exec(name);
  if (!match) return 'none';
  const [, pid, start] = match;
  const now = startOf(Number(pid));
  return now !== undefined && (start === '0' || start === now) ? 'alive' : 'dead';
}
