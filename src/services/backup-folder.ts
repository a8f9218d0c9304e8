import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../base/errors.ts';
import { hasCode } from '../base/system-error.ts';
import { BackupManifest } from '../domain/backup.ts';
import { parse } from '../domain/schema.ts';
import { copyFilesTo, hashFile } from '../lake/copy-files.ts';
import type { Folders } from '../lake/folders.ts';
import { syncPath } from '../lake/read-chunks.ts';

/** Names in a full backup. */
export const METADATA_FILE = 'meta.sqlite';
export const DATASETS_FOLDER = 'datasets';
const MANIFEST_FILE = 'manifest.json';

const fault = (detail: string, cause?: unknown) => new AppError('backup.invalid', detail, { cause });

/** Completes a folder that has the metadata: puts the files of datasets into it and, last, the manifest. */
export async function fillFolder(
  folder: string,
  folders: Pick<Folders, 'root' | 'datasets'>,
  files: readonly string[],
  createdAt: string,
): Promise<BackupManifest> {
  const datasets = join(folder, DATASETS_FOLDER);
  await mkdir(datasets, { mode: 0o700 });
  await copyFilesTo(folders, files, datasets);
  const manifest: BackupManifest = {
    format: 1,
    createdAt,
    metadata: await hashFile(join(folder, METADATA_FILE)),
    files: [],
  };
  for (const path of files) {
    const found = await hashFile(join(datasets, path));
    const { size } = await stat(join(folders.datasets, path)).catch(() => ({ size: found.bytes }));
    if (size !== found.bytes) throw fault(`The copy of ${path} is not complete`);
    manifest.files.push({ path, ...found });
  }
  const file = await open(join(folder, MANIFEST_FILE), 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncPath(folder);
  return manifest;
}

async function readManifest(folder: string): Promise<BackupManifest> {
  const path = join(folder, MANIFEST_FILE);
  try {
    return parse(BackupManifest, JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const isMissing = hasCode(error, 'ENOENT');
    if (!isMissing && !(error instanceof AppError || error instanceof SyntaxError)) throw error;
    throw fault(
      isMissing
        ? 'It is a folder without a manifest: no backup, or not a complete one'
        : 'Its manifest cannot be read',
      error,
    );
  }
}

/** Reads a full backup and every byte of its files. Throws AppError `backup.invalid` where one is missing or is not what the manifest says. */
export async function verifyFolder(folder: string): Promise<BackupManifest> {
  const manifest = await readManifest(folder);
  const parts = [
    { at: METADATA_FILE, ...manifest.metadata },
    ...manifest.files.map(({ path, ...rest }) => ({ at: join(DATASETS_FOLDER, path), ...rest })),
  ];
  for (const { at, bytes, sha256 } of parts) {
    const found = await hashFile(join(folder, at)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw fault(`Its file ${at} is missing`, error);
      throw error;
    });
    if (found.bytes !== bytes || found.sha256 !== sha256)
      throw fault(`Its file ${at} was changed or is damaged`);
  }
  return manifest;
}

export const bytesOf = ({ metadata, files }: BackupManifest) =>
  metadata.bytes + files.reduce((sum, { bytes }) => sum + bytes, 0);
