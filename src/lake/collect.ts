import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Folders, type TemporaryState, temporaryState } from './folders.ts';

/** What the metadata knows, as `<dataset id>/<name>`; retired files with the ISO time of it. */
export interface KnownFiles {
  kept: ReadonlySet<string>;
  retired: ReadonlyMap<string, string>;
}

export interface Collected {
  /** How many files were removed. */
  files: number;
  /** Retired files that are gone and may be forgotten. */
  forgotten: string[];
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

async function removeDead(folder: string): Promise<number> {
  let removed = 0;
  for (const name of await namesIn(folder)) {
    if ((await temporaryState(folder, name)) !== 'dead') continue;
    await rm(join(folder, name), { force: true, recursive: true });
    removed++;
  }
  return removed;
}

/**
 * Removes what no one needs: temporary files of processes that ended, files that were never published, and retired ones whose grace time
 * is over. The folders are read before the metadata: a file that is published in between is known by then.
 */
export async function collectFiles(
  folders: Folders,
  readKnown: () => Promise<KnownFiles>,
  retiredBefore: string,
): Promise<Collected> {
  const listing = new Map<string, string[]>();
  for (const id of await namesIn(folders.datasets))
    listing.set(id, await namesIn(join(folders.datasets, id)));
  const known = await readKnown();
  const collected: Collected = { files: 0, forgotten: [] };
  collected.files += await removeDead(folders.root);
  collected.files += await removeDead(folders.uploads);
  for (const [id, names] of listing) await collectFolder(folders, id, names, known, retiredBefore, collected);
  for (const path of known.retired.keys()) {
    const [id = '', name = ''] = path.split('/');
    if (!listing.get(id)?.includes(name)) collected.forgotten.push(path);
  }
  return collected;
}

async function collectFolder(
  folders: Folders,
  id: string,
  names: readonly string[],
  { kept, retired }: KnownFiles,
  retiredBefore: string,
  collected: Collected,
): Promise<void> {
  const folder = join(folders.datasets, id);
  const states = new Map<string, TemporaryState>();
  for (const name of names) states.set(name, await temporaryState(folder, name));
  const isBusy = [...states.values()].includes('alive');
  for (const name of names) {
    const path = `${id}/${name}`;
    const retiredAt = retired.get(path);
    const state = states.get(name);
    const isOver =
      retiredAt !== undefined ? retiredAt <= retiredBefore : state === 'none' ? !isBusy : state === 'dead';
    if (kept.has(path) || !isOver) continue;
    await rm(join(folder, name), { force: true, recursive: true });
    collected.files++;
    if (retiredAt !== undefined) collected.forgotten.push(path);
  }
  try {
    await rmdir(folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
  }
}
