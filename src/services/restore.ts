import { chmod, copyFile, mkdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { BackupManifest } from '../domain/backup.ts';
import { hashFile, linkOrCopy } from '../lake/copy-files.ts';
import { type Folders, makeFolders, temporaryName } from '../lake/folders.ts';
import { syncPath } from '../lake/read-chunks.ts';
import { openDatabase } from '../store/database.ts';
import { migrate } from '../store/migrate.ts';
import { isMetadataUrl } from '../store/postgres/address.ts';
import { type Examined, examineCopy } from '../store/sqlite/examine.ts';
import { type Alone, holdAlone } from '../store/sqlite/hold-alone.ts';
import type { Log } from '../telemetry/log.ts';
import { DATASETS_FOLDER, fillFolder, METADATA_FILE, verifyFolder } from './backup-folder.ts';
import { backupFolder, sweep } from './backups.ts';

export interface RestoreDeps {
  /** METADATA_DB_PATH. */
  metadata: string;
  /** BACKUP_DIR. */
  folder: string | undefined;
  folders: Folders;
  clock: Clock;
  log: Log;
  /** Called at each step; tests stop the process there. */
  reached?: (step: RestoreStep) => Promise<void>;
}

export type RestoreStep = 'checked' | 'held' | 'kept' | 'files' | 'replaced';

export interface RestoreOptions {
  /** Also where the present metadata is damaged, so that nobody can tell whether the service runs. */
  force: boolean;
  dryRun: boolean;
}

export interface Restored {
  dryRun: boolean;
  /** The state before, as a full backup that holds what the restored state does not know; null where there was none. */
  kept: string | null;
  migrations: string[];
  files: {
    /** Of datasets: put back from the backup. */
    placed: number;
    /** That were there. */
    present: number;
    /** That the metadata names and nobody has; those generations cannot be read. */
    missing: string[];
  };
}

interface Source {
  metadata: string;
  manifest: BackupManifest | undefined;
  datasets: string;
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );

async function openSource(path: string): Promise<Source> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new AppError('backup.invalid', `There is no file ${path}`, { cause: error });
  });
  const datasets = join(path, DATASETS_FOLDER);
  if (found.isDirectory())
    return { metadata: join(path, METADATA_FILE), manifest: await verifyFolder(path), datasets };
  if (await exists(`${path}-wal`))
    throw new AppError(
      'backup.invalid',
      `${path}-wal is beside it: it is the metadata of a service, and no finished backup`,
    );
  return { metadata: path, manifest: undefined, datasets };
}

/** A copy that has been looked through and brought to this version, in a folder of its own beside the metadata. */
async function prepare(source: Source, work: string, log: Log): Promise<Examined & { path: string }> {
  await mkdir(work, { mode: 0o700 });
  const path = join(work, METADATA_FILE);
  await copyFile(source.metadata, path);
  await chmod(path, 0o600);
  const before = examineCopy(path);
  const db = await openDatabase(path);
  try {
    await migrate(db, path, log);
  } finally {
    await db.destroy();
  }
  const { datasetFiles } = examineCopy(path);
  await syncPath(path);
  return { path, applied: before.applied, datasetFiles };
}

function refuse(alone: Alone | undefined, metadata: string, force: boolean): void {
  if (!alone?.isDamaged || force) return;
  throw new AppError(
    'resource.conflict',
    `${metadata} is damaged, so it does not say whether the service has it open; stop the service, then use --force`,
  );
}

/** Keeps the state before: its metadata, and the files that only it knows, which would be collected. */
async function keep(alone: Alone, known: ReadonlySet<string>, deps: RestoreDeps): Promise<string | null> {
  if (alone.isEmpty) return null;
  const at = iso(deps.clock.now());
  const parent = backupFolder(deps.metadata, deps.folder);
  const path = join(parent, `replaced-${at.replaceAll(':', '-').replace('.', '-')}`);
  const work = join(parent, temporaryName());
  await mkdir(parent, { recursive: true, mode: 0o700 });
  await sweep(parent);
  try {
    await mkdir(work, { mode: 0o700 });
    await alone.copyTo(join(work, METADATA_FILE));
    const own: string[] = [];
    for (const file of alone.datasetFiles)
      if (!known.has(file) && (await exists(join(deps.folders.datasets, file)))) own.push(file);
    await fillFolder(work, deps.folders, own, at);
    await rename(work, path);
    await syncPath(parent);
    return path;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

type FileState = 'present' | 'absent' | 'other';

async function stateOf(
  path: string,
  wanted: BackupManifest['files'][number] | undefined,
): Promise<FileState> {
  if (!(await exists(path))) return 'absent';
  if (!wanted) return 'present';
  const { bytes, sha256 } = await hashFile(path);
  return bytes === wanted.bytes && sha256 === wanted.sha256 ? 'present' : 'other';
}

/** Which files of datasets are there, which the backup has, and which nobody has. */
async function compare(datasetFiles: readonly string[], { manifest }: Source, { datasets }: Folders) {
  const held = new Map(manifest?.files.map((file) => [file.path, file]));
  const found = { present: 0, absent: [] as string[], other: [] as string[], missing: [] as string[] };
  for (const file of datasetFiles) {
    const state = await stateOf(join(datasets, file), held.get(file));
    if (state === 'present') found.present++;
    else if (held.has(file)) found[state].push(file);
    else found.missing.push(file);
  }
  return found;
}

async function place(files: readonly string[], source: Source, { datasets }: Folders): Promise<void> {
  for (const file of files) {
    const folder = dirname(join(datasets, file));
    await mkdir(folder, { recursive: true, mode: 0o750 });
    const temporary = join(folder, temporaryName());
    await linkOrCopy(join(source.datasets, file), temporary);
    await rename(temporary, join(datasets, file));
    await syncPath(folder);
  }
}

/** The next start makes the file of views anew: what the backup holds was published before the file was written. */
async function outdateViews({ viewsFile }: Folders): Promise<void> {
  if (await exists(viewsFile)) await utimes(viewsFile, 0, 0);
}

/**
 * Puts a backup in the place of the metadata, and the files of datasets that it has where they belong. Everything is looked through before
 * anything is touched; killed at any time, it leaves the state before or after. Throws AppError `backup.invalid`, `backup.unsupported`, and
 * `resource.conflict` while a process has the metadata open.
 */
export async function restoreBackup(
  from: string,
  { force, dryRun }: RestoreOptions,
  deps: RestoreDeps,
): Promise<Restored> {
  const { folders, log, reached = async () => undefined } = deps;
  if (isMetadataUrl(deps.metadata))
    throw new AppError(
      'backup.unsupported',
      'The metadata is on a PostgreSQL server: bring it back with pg_restore (DEPLOY.md, "Several hosts")',
    );
  const metadata = resolve(deps.metadata);
  const source = await openSource(resolve(from));
  await mkdir(dirname(metadata), { recursive: true, mode: 0o700 });
  await makeFolders(folders);
  await sweep(dirname(metadata));
  const work = join(dirname(metadata), temporaryName());
  let alone: Alone | undefined;
  try {
    const next = await prepare(source, work, log);
    await reached('checked');
    if (!dryRun) alone = await holdAlone(metadata);
    refuse(alone, metadata, force);
    await reached('held');
    const found = await compare(next.datasetFiles, source, folders);
    const placed = found.absent.length + found.other.length;
    const files = { placed, present: found.present, missing: found.missing };
    const report = { dryRun, kept: null, migrations: next.applied, files };
    if (dryRun || !alone) return report;
    const kept = await keep(alone, new Set(next.datasetFiles), deps);
    await reached('kept');
    await place(found.absent, source, folders);
    await reached('files');
    await outdateViews(folders);
    await alone.replaceBy(next.path);
    await reached('replaced');
    await place(found.other, source, folders);
    return { ...report, kept };
  } finally {
    await alone?.close();
    await rm(work, { recursive: true, force: true });
  }
}
