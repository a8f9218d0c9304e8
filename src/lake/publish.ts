import { link, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Folders, temporaryName } from './folders.ts';
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

/** The names of a generation's files in the dataset's folder. */
export interface GenerationFiles {
  data: string;
  rejected: string;
}

export const filesOf = (generation: number): GenerationFiles => ({
  data: `${generation}-1.parquet`,
  rejected: `${generation}-rejected.ndjson`,
});

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
): Promise<number> {
  const folder = join(folders.datasets, datasetId);
  for (let generation = atLeast; ; generation++) {
    const { data, rejected } = filesOf(generation);
    try {
      await link(parts.target, join(folder, data));
    } catch (error) {
      if (hasCode(error, 'EEXIST')) continue;
      throw error;
    }
    if (hasRejected) await link(parts.rejected, join(folder, rejected));
    await syncPath(folder);
    await syncPath(folders.datasets);
    return generation;
  }
}

/** Takes names back that the metadata never came to know. */
export async function unname(folders: Folders, datasetId: string, generation: number): Promise<void> {
  const { data, rejected } = filesOf(generation);
  await rm(join(folders.datasets, datasetId, data), { force: true });
  await rm(join(folders.datasets, datasetId, rejected), { force: true });
}
