import { Database as Sqlite } from 'bun:sqlite';
import { copyFile, type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../base/errors.ts';
import { datasetFilesIn } from './examine.ts';

/** The metadata file, held so that nobody else can have it open. */
export interface Alone {
  /** The file cannot be read; then nobody can tell whether others have it open. */
  isDamaged: boolean;
  isEmpty: boolean;
  datasetFiles: string[];
  /** Writes what it holds to `target` (0600), which must be free; of a damaged one, its files as they are. */
  copyTo(target: string): Promise<void>;
  /** Puts the finished file `next` of the same file system in its place. */
  replaceBy(next: string): Promise<void>;
  close(): Promise<void>;
}

const WAIT_MS = 2000;
const HEADER_BYTES = 100;
const BESIDE = ['-wal', '-journal', '-shm'];

const exists = async (path: string) =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Each connection in WAL mode has a shared lock on the file for as long as it is open, so the exclusive one is to be had only where there is no
 * other. The log beside the file goes into it on the way.
 */
function lock(path: string): Sqlite {
  const sqlite = new Sqlite(path, { readwrite: true, create: true });
  try {
    sqlite.run(`pragma busy_timeout = ${WAIT_MS}`);
    sqlite.run('pragma locking_mode = exclusive');
    sqlite.run('begin exclusive');
    sqlite.run('commit');
    sqlite.query('pragma journal_mode = delete').get();
    // From here on it writes no file beside it, which would be taken for one of the next file's.
    sqlite.query('pragma journal_mode = memory').get();
    return sqlite;
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

const isDamage = (error: unknown) =>
  /^SQLITE_(?:NOTADB|CORRUPT)/.test((error as { code?: string }).code ?? '');

async function copyBytes(from: FileHandle, target: string): Promise<void> {
  const to = await open(target, 'w', 0o600);
  try {
    const chunk = Buffer.alloc(1 << 20);
    for (let at = 0; ; ) {
      const { bytesRead } = await from.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) return;
      await to.writeFile(chunk.subarray(0, bytesRead));
      at += bytesRead;
    }
  } finally {
    await to.close();
  }
}

const busy = (path: string, cause: unknown) =>
  new AppError('resource.conflict', `${path} is in use: stop the service, then try again`, { cause });

async function damaged(path: string): Promise<Alone> {
  return {
    isDamaged: true,
    isEmpty: false,
    datasetFiles: [],
    async copyTo(target) {
      for (const suffix of ['', ...BESIDE])
        if (await exists(path + suffix)) await copyFile(path + suffix, target + suffix);
      await sync(target);
    },
    async replaceBy(next) {
      for (const suffix of BESIDE) await rm(path + suffix, { force: true });
      await rename(next, path);
      await sync(dirname(path));
    },
    close: async () => undefined,
  };
}

/**
 * Takes the metadata file for oneself, making an empty one where there is none. Throws AppError `resource.conflict` while any process has
 * it open.
 */
export async function holdAlone(path: string): Promise<Alone> {
  if (!(await exists(path))) for (const suffix of BESIDE) await rm(path + suffix, { force: true });
  let sqlite: Sqlite;
  try {
    sqlite = lock(path);
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (code.startsWith('SQLITE_BUSY')) throw busy(path, error);
    if (isDamage(error)) return damaged(path);
    throw error;
  }
  try {
    return await held(path, sqlite);
  } catch (error) {
    sqlite.close();
    if (isDamage(error)) return damaged(path);
    throw error;
  }
}

async function held(path: string, sqlite: Sqlite): Promise<Alone> {
  const isEmpty = sqlite.query('select 1 from sqlite_schema limit 1').get() === null;
  const datasetFiles = datasetFilesIn(sqlite);
  // Closing any descriptor of the file would give the lock back (fcntl(2)); so this one stays open until the end.
  const file = await open(path, 'r+');
  return {
    ...{ isDamaged: false, isEmpty, datasetFiles },
    async copyTo(target) {
      await (await open(target, 'wx', 0o600)).close();
      try {
        sqlite.query('vacuum into ?').run(target);
      } catch (error) {
        if (!isDamage(error)) throw error;
        await copyBytes(file, target);
      }
      await sync(target);
    },
    async replaceBy(next) {
      await rename(next, path);
      await sync(dirname(path));
      // Who opened the former file just now, and waits for it, must not go on with it: it has no name any more.
      await file.write(Buffer.alloc(HEADER_BYTES, '!'), 0, HEADER_BYTES, 0);
    },
    async close() {
      sqlite.close();
      await file.close();
    },
  };
}
