import { readFileSync } from 'node:fs';
import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ABANDONED_MS, machineId } from '../base/machine.ts';
import { hasCode } from '../base/system-error.ts';

/** Where the lake keeps its files. Every name in a path is one of ours, never a user's. */
export interface Folders {
  root: string;
  datasets: string;
  uploads: string;
  /** The small DuckDB file of views. */
  viewsFile: string;
  /** Other hosts have folders of their own: a number does not make a name that is free everywhere. */
  isOneOfMany?: boolean;
}

export function foldersOf(duckdbPath: string, isOneOfMany = false): Folders {
  const viewsFile = resolve(duckdbPath);
  const root = dirname(viewsFile);
  return { root, datasets: join(root, 'datasets'), uploads: join(root, 'uploads'), viewsFile, isOneOfMany };
}

const MARK_BYTES = 5;

/** The name of a generation's nth file of data. */
export function dataName({ isOneOfMany = false }: Folders, generation: number, n: number): string {
  const mark = isOneOfMany
    ? `-${Buffer.from(crypto.getRandomValues(new Uint8Array(MARK_BYTES))).toString('hex')}`
    : '';
  return `${generation}-${n}${mark}.parquet`;
}

export async function makeFolders(folders: Folders): Promise<void> {
  await mkdir(folders.root, { recursive: true, mode: 0o750 });
  await mkdir(folders.datasets, { recursive: true, mode: 0o750 });
  await mkdir(folders.uploads, { recursive: true, mode: 0o700 });
}

/** States of processes that have ended, and whose parent has not asked for their end yet. */
const ENDED = new Set(['Z', 'X']);

/**
 * The start of a process in clock ticks (Linux); with it, a pid that was given again is told from the one before. Undefined of one that
 * has ended.
 */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ENDED.has(fields[0]!) ? undefined : fields[19];
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The names in a folder; none where there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

const TEMPORARY = /^tmp-([0-9a-f]{8})-(\d+)-(\d+)-/;

/** A name for a file under construction; it says which process of which machine makes it. */
export function temporaryName(): string {
  return `tmp-${machineId()}-${process.pid}-${startOf(process.pid) ?? '0'}-${crypto.randomUUID()}`;
}

/** So often is a folder made anew that another process collects, being empty, before a file is in it. */
const MAKING = 10;

/**
 * Makes an empty file with a temporary name in a dataset's folder, and the folder; gives its path. As long as it is there nobody collects the
 * folder, nor files in it that have their names and are not published yet.
 */
export async function openTemporary(folder: string): Promise<string> {
  const path = join(folder, temporaryName());
  for (let attempt = 1; ; attempt++) {
    await mkdir(folder, { recursive: true, mode: 0o750 });
    try {
      await (await open(path, 'wx', 0o640)).close();
      return path;
    } catch (error) {
      if (!hasCode(error, 'ENOENT') || attempt === MAKING) throw error;
    }
  }
}

export type TemporaryState = 'none' | 'alive' | 'dead';

/**
 * Of a file: not temporary, or made by a process that lives, or left behind by one that died. Processes of other machines, which share the
 * folder, cannot be looked at: their files count as left behind when they were not written to for a day.
 */
export async function temporaryState(folder: string, name: string): Promise<TemporaryState> {
  const match = TEMPORARY.exec(name);
  if (!match) return 'none';
  const [, machine, pid, start] = match;
  if (machine !== machineId()) return isAbandoned(join(folder, name));
  const now = startOf(Number(pid));
  return now !== undefined && (start === '0' || start === now) ? 'alive' : 'dead';
}

async function isAbandoned(path: string): Promise<TemporaryState> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > ABANDONED_MS ? 'dead' : 'alive';
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 'dead';
    throw error;
  }
}
