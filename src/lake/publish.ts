import { link, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../base/system-error.ts';
import { originalName, rejectedName } from '../domain/dataset.ts';
import { linkOrCopy } from './copy-files.ts';
import { dataName, type Folders, openTemporary, temporaryName } from './folders.ts';
import type { Parts } from './jobs.ts';
import { syncPath } from './read-chunks.ts';

/** Makes, in a dataset's folder, the temporary file that is to become a generation. */
export async function openParts(folders: Folders, datasetId: string): Promise<Parts> {
  const folder = join(folders.datasets, datasetId);
  return { target: await openTemporary(folder), rejected: join(folder, temporaryName()) };
}

export async function removeParts({ target, rejected }: Parts): Promise<void> {
  await rm(target, { force: true });
  await rm(rejected, { force: true });
}

/** A generation whose files have their names in the dataset's folder. */
export interface NamedParts {
  generation: number;
  data: string;
  /** Undefined where no row was rejected. */
  rejected: string | undefined;
  /** Undefined where the upload is not kept. */
  original: string | undefined;
}

export const namesOf = ({ data, rejected, original }: NamedParts): string[] =>
  [data, rejected, original].filter((name) => name !== undefined);

/** What belongs to a generation besides its data. */
export interface Accompanying {
  hasRejected: boolean;
  /** The path of the upload that is to be kept. */
  original?: string | undefined;
}

/**
 * Gives the finished parts their names under the first free number from `atLeast`, and syncs the folder. A link never replaces a file, so
 * two uploads get two numbers. The temporary names stay until the metadata knows the generation: they keep the files from being collected.
 */
export async function nameParts(
  folders: Folders,
  datasetId: string,
  parts: Parts,
  { hasRejected, original: upload }: Accompanying,
  atLeast: number,
): Promise<NamedParts> {
  const folder = join(folders.datasets, datasetId);
  for (let generation = atLeast; ; generation++) {
    const data = dataName(folders, generation, 1);
    const rejected = hasRejected ? rejectedName(generation) : undefined;
    try {
      await link(parts.target, join(folder, data));
    } catch (error) {
      if (hasCode(error, 'EEXIST')) continue;
      throw error;
    }
    const original = upload === undefined ? undefined : originalName(generation);
    if (rejected !== undefined) await putBeside(parts.rejected, join(folder, rejected));
    if (upload !== undefined && original !== undefined) {
      await putBeside(upload, join(folder, original));
      await syncPath(join(folder, original));
    }
    await syncPath(folder);
    await syncPath(folders.datasets);
    return { generation, data, rejected, original };
  }
}

/** Takes names back that the metadata never came to know. */
export async function unname(folders: Folders, datasetId: string, named: NamedParts): Promise<void> {
  for (const name of namesOf(named)) await rm(join(folders.datasets, datasetId, name), { force: true });
}

/**
 * Whoever has the name of the data has this one too. A file that is here already was left by a collection that was killed, or, of several hosts
 * whose data have marks, is another's: its generation tells whose it is.
 */
async function putBeside(from: string, to: string): Promise<void> {
  await rm(to, { force: true });
  await linkOrCopy(from, to);
}
