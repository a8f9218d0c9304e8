import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { CLOSED, FULL, hasCode } from '../base/system-error.ts';
import type { AuditEvent, Caller } from '../domain/audit.ts';
import type { Backup, BackupKind, BackupManifest } from '../domain/backup.ts';
import { type Folders, temporaryName, temporaryState } from '../lake/folders.ts';
import { syncPath } from '../lake/read-chunks.ts';
import { isMetadataUrl } from '../store/postgres/address.ts';
import { backupTo } from '../store/sqlite/backup.ts';
import { examineCopy } from '../store/sqlite/examine.ts';
import { bytesOf, fillFolder, METADATA_FILE } from './backup-folder.ts';

export interface BackupsDeps {
  /** METADATA_DB_PATH. */
  metadata: string;
  /** BACKUP_DIR. */
  folder: string | undefined;
  keep: number;
  /** A bucket holds the files of datasets; the folder holds some of them. */
  hasBucket?: boolean;
  folders: Folders;
  clock: Clock;
  record?: (event: AuditEvent, caller: Caller) => Promise<void>;
  /** Called at each step; tests stop the process there. */
  reached?: (step: BackupStep) => Promise<void>;
}

export type BackupStep = 'copied' | 'filled' | 'placed';

export interface BackupOptions {
  withDatasets?: boolean;
  /** The whole path, which must be free; without it, a name by the time in the folder of backups. */
  target?: string | undefined;
}

const NAME = /^(metadata|full)-(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2}-\d{3})Z(?:\.sqlite)?$/;

const nameOf = (kind: BackupKind, at: string) =>
  `${kind}-${at.replaceAll(':', '-').replace('.', '-')}${kind === 'metadata' ? '.sqlite' : ''}`;

/** Where backups are kept where BACKUP_DIR does not say. */
export const backupFolder = (metadata: string, folder: string | undefined): string =>
  resolve(folder ?? join(dirname(metadata), 'backups'));

/** Backups of the metadata in SQLite, and of what it names. Who may do what is decided before. */
export class Backups {
  #running = false;

  constructor(readonly deps: BackupsDeps) {}

  /** Whether the metadata is of the kind that is backed up here. */
  get isSupported(): boolean {
    return !isMetadataUrl(this.deps.metadata);
  }

  get folder(): string {
    return backupFolder(this.deps.metadata, this.deps.folder);
  }

  /** The newest first. */
  async list(): Promise<Backup[]> {
    if (!this.isSupported) return [];
    const found: Backup[] = [];
    for (const name of await namesIn(this.folder)) {
      const backup = await this.#describe(name);
      if (backup) found.push(backup);
    }
    return found.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  }

  /**
   * Makes one, tries it by opening it, and removes those of its kind past `keep`; it appears whole or not at all, also when the process is
   * killed. Others may go on reading and writing. Throws AppError `backup.unsupported` over PostgreSQL, `resource.conflict` while another is
   * being made here, `storage.full`, and `storage.unusable` where the folder cannot be written.
   */
  async make({ withDatasets = false, target }: BackupOptions, caller: Caller): Promise<Backup> {
    this.#refuseServer();
    if (withDatasets && this.deps.hasBucket)
      throw new AppError(
        'backup.unsupported',
        'The datasets are in a bucket, which the service does not copy: back the metadata up alone, and keep versions of the objects (DEPLOY.md, "Several hosts")',
      );
    if (this.#running) throw new AppError('resource.conflict', 'A backup is being made already');
    this.#running = true;
    try {
      const backup = await this.#make(withDatasets ? 'full' : 'metadata', target);
      if (target === undefined) await this.#prune(backup.kind);
      const detail = { path: backup.path, bytes: backup.bytes };
      await this.deps.record?.({ action: 'backup.create', target: backup.name, detail }, caller);
      return backup;
    } catch (error) {
      if (hasCode(error, ...FULL, 'SQLITE_FULL'))
        throw new AppError('storage.full', 'There is no room on the disk for the backup', { cause: error });
      if (hasCode(error, ...CLOSED))
        throw new AppError(
          'storage.unusable',
          `${target ?? this.folder} cannot be written: it must belong to the user of the service, and under systemd be in ReadWritePaths= of the unit`,
          { cause: error },
        );
      throw error;
    } finally {
      this.#running = false;
    }
  }

  #refuseServer(): void {
    if (this.isSupported) return;
    throw new AppError(
      'backup.unsupported',
      `The metadata is on a PostgreSQL server: back it up with pg_dump, and ${this.deps.hasBucket ? 'keep versions of the objects in the bucket' : 'the folder of datasets after it'} (DEPLOY.md, "Several hosts")`,
    );
  }

  async #make(kind: BackupKind, target: string | undefined): Promise<Backup> {
    const { reached = async () => undefined } = this.deps;
    const createdAt = iso(this.deps.clock.now());
    const path = resolve(target ?? join(this.folder, nameOf(kind, createdAt)));
    const parent = dirname(path);
    await mkdir(parent, { recursive: true, mode: 0o700 });
    await sweep(parent);
    const work = join(parent, temporaryName());
    try {
      await mkdir(work, { mode: 0o700 });
      const file = join(work, METADATA_FILE);
      await backupTo(resolve(this.deps.metadata), file);
      await reached('copied');
      const { datasetFiles } = examineCopy(file);
      let bytes: number;
      if (kind === 'full')
        bytes = bytesOf(await fillFolder(work, this.deps.folders, datasetFiles, createdAt));
      else bytes = (await stat(file)).size;
      await reached('filled');
      await placeNew(kind === 'full' ? work : file, path);
      await reached('placed');
      return { name: path.slice(parent.length + 1), path, kind, createdAt, bytes };
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }

  async #prune(kind: BackupKind): Promise<void> {
    const names = (await namesIn(this.folder)).filter((name) => NAME.exec(name)?.[1] === kind).sort();
    for (const name of names.slice(0, -this.deps.keep))
      await rm(join(this.folder, name), { recursive: true, force: true });
  }

  async #describe(name: string): Promise<Backup | undefined> {
    const [, kind, day, hour, minute, rest] = NAME.exec(name) ?? [];
    if (kind === undefined) return undefined;
    const path = join(this.folder, name);
    const createdAt = `${day}T${hour}:${minute}:${rest!.replace('-', '.')}Z`;
    try {
      const bytes =
        kind === 'full'
          ? bytesOf(JSON.parse(await readFile(join(path, 'manifest.json'), 'utf8')) as BackupManifest)
          : (await stat(path)).size;
      return { name, path, kind: kind as BackupKind, createdAt, bytes };
    } catch (error) {
      // Pruned by another process meanwhile, or tampered with: no backup that one could count on.
      if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Removes what processes left under construction that were killed. */
export async function sweep(folder: string): Promise<void> {
  for (const name of await namesIn(folder))
    if ((await temporaryState(folder, name)) === 'dead')
      await rm(join(folder, name), { recursive: true, force: true });
}

/** Gives what is finished its name, which must be free. */
async function placeNew(work: string, path: string): Promise<void> {
  if ((await namesIn(dirname(path))).includes(path.slice(dirname(path).length + 1)))
    throw new AppError('resource.conflict', `${path} is there already`);
  await rename(work, path);
  await syncPath(dirname(path));
}
