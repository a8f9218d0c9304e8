import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../base/system-error.ts';
import { type Folders, namesIn, type TemporaryState, temporaryState } from './folders.ts';

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

async function removeDead(folder: string): Promise<number> {
  let removed = 0;
  for (const name of await namesIn(folder)) {
    if ((await temporaryState(folder, name)) !== 'dead') continue;
    await rm(join(folder, name), { force: true, recursive: true });
    removed++;
  }
  return removed;
}

interface Listing {
  names: readonly string[];
  /** Of these, and of what came meanwhile. */
  states: ReadonlyMap<string, TemporaryState>;
}

async function look(folder: string): Promise<Listing> {
  const names = await namesIn(folder);
  const states = new Map<string, TemporaryState>();
  for (const name of new Set([...names, ...(await namesIn(folder))]))
    states.set(name, await temporaryState(folder, name));
  return { names, states };
}

/**
 * Removes what no one needs: temporary files of processes that ended, files that were never published, and retired ones whose grace time
 * is over. The order matters: files first, then who is at work (it began before its files had names), then the metadata: who is not at work any
 * more by then has published, and what was published is known.
 */
export async function collectFiles(
  folders: Folders,
  readKnown: () => Promise<KnownFiles>,
  retiredBefore: string,
): Promise<Collected> {
  const listing = new Map<string, Listing>();
  for (const id of await namesIn(folders.datasets)) listing.set(id, await look(join(folders.datasets, id)));
  const known = await readKnown();
  const collected: Collected = { files: 0, forgotten: [] };
  collected.files += await removeDead(folders.root);
  collected.files += await removeDead(folders.uploads);
  for (const [id, found] of listing) await collectFolder(folders, id, found, known, retiredBefore, collected);
  for (const path of known.retired.keys()) {
    const [id = '', name = ''] = path.split('/');
    if (!listing.get(id)?.names.includes(name)) collected.forgotten.push(path);
  }
  return collected;
}

async function collectFolder(
  folders: Folders,
  id: string,
  { names, states }: Listing,
  { kept, retired }: KnownFiles,
  retiredBefore: string,
  collected: Collected,
): Promise<void> {
  const folder = join(folders.datasets, id);
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
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR')) throw error;
  }
}
