import { link, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dataName, type Folders, temporaryName } from './folders.ts';
import type { Parts } from './jobs.ts';
import { syncPath } from './read-chunks.ts';

const hasCode = (error: unknown, code: string) => (error as NodeJS.ErrnoException).code === code;

/**
 * Makes a dataset's folder and, in it, the temporary file that is to become a generation. While that file is there, nobody
 * collects the folder.
 */
export async function openParts(folders: Folders, datasetId: string): Promise<Parts> {
  const folder = join(folders.datasets, datasetId);
  const target = join(folder, temporaryName());
  for (let attempt = 1; ; attempt++) {
    await mkdir(folder, { recursive: true, mode: 0o750 });
    try {
      await (await open(target, 'wx', 0o640)).close();
      return { target, rejected: join(folder, temporaryName()) };
    } catch (error) {
      // Another process collected the empty folder between the two steps.
      if (!hasCode(error, 'ENOENT') || attempt === 10) throw error;
    }
  }
}

export async function removeParts({ target, rejected }: Parts): Promise<void> {
  await rm(target, { force: true });
  await rm(rejected, { force: true });
}

export const rejectedName = (generation: number) => `${generation}-rejected.ndjson`;

/** A generation whose files have their names in the dataset's folder. */
export interface NamedParts {
  generation: number;
  data: string;
  /** Undefined where no row was rejected. */
  rejected: string | undefined;
}

export const namesOf = ({ data, rejected }: NamedParts): string[] =>
  rejected === undefined ? [data] : [data, rejected];

/**
 * Gives the finished parts their names under the first free number from `atLeast`, and syncs the folder. A link never replaces a file, so
 * two uploads get two numbers. The temporary names stay until the metadata knows the generation: they keep the files from being collected.
 */
export async function nameParts(
  folders: Folders,
  datasetId: string,
  parts: Parts,
  hasRejected: boolean,
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
    if (rejected !== undefined) await putRejected(folders, parts.rejected, join(folder, rejected));
    await syncPath(folder);
    await syncPath(folders.datasets);
    return { generation, data, rejected };
  }
}

/** Takes names back that the metadata never came to know. */
export async function unname(folders: Folders, datasetId: string, named: NamedParts): Promise<void> {
  for (const name of namesOf(named)) await rm(join(folders.datasets, datasetId, name), { force: true });
}

/** Its name has no mark of its own: of several hosts, another's file may be here, and its generation tells whose it is. */
async function putRejected({ isOneOfMany }: Folders, from: string, to: string): Promise<void> {
  if (isOneOfMany) await rm(to, { force: true });
  await link(from, to);
}
