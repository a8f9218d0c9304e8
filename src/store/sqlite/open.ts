import { Database as Sqlite } from 'bun:sqlite';
import { statSync } from 'node:fs';
import { chmod, type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
  type SqliteStatement,
} from 'kysely';
import { isBusy, storeError } from '../store-errors.ts';
import type { Tables } from '../tables.ts';
import { refuseForeign } from './foreign.ts';
import { refuseNetworkFileSystem } from './network-file-system.ts';
import { damaged, unusable } from './unusable.ts';

type Db = Kysely<Tables> & { mark: () => string | undefined };

function told<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeError(error);
  }
}

/** bun:sqlite in the shape that Kysely's own SQLite dialect expects (that of better-sqlite3). */
function adapt(sqlite: Sqlite): SqliteDatabase {
  return {
    close: () => sqlite.close(),
    prepare(sql): SqliteStatement {
      const statement = sqlite.query(sql);
      return {
        reader: statement.columnNames.length > 0,
        all: (parameters) => told(() => statement.all(...(parameters as never[]))),
        run: (parameters) => told(() => statement.run(...(parameters as never[]))),
        iterate: (parameters) => statement.iterate(...(parameters as never[])) as IterableIterator<unknown>,
      };
    },
  };
}

/**
 * A transaction here writes. One that began by reading would fail at once when another process wrote meanwhile
 * (SQLITE_BUSY_SNAPSHOT, which busy_timeout does not wait for); so each takes the write lock first.
 */
class ImmediateDriver extends SqliteDriver {
  readonly #isOpen: () => boolean;

  constructor(config: SqliteDialectConfig, isOpen: () => boolean) {
    super(config);
    this.#isOpen = isOpen;
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  /** A full disk and some other failures end the transaction by themselves; a second end would hide what failed. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#isOpen()) await super.rollbackTransaction(connection);
  }
}

class ImmediateDialect extends SqliteDialect {
  constructor(readonly sqlite: Sqlite) {
    super({ database: adapt(sqlite) });
  }

  override createDriver() {
    const { sqlite } = this;
    return new ImmediateDriver({ database: adapt(sqlite) }, () => sqlite.inTransaction);
  }
}

const PRAGMAS = [
  'busy_timeout = 10000',
  'journal_mode = WAL',
  'foreign_keys = ON',
  'synchronous = FULL',
  'trusted_schema = OFF',
];

const WAL_ATTEMPTS = 50;

/** The switch to WAL does not honour busy_timeout, so two processes that make the file at once collide. */
async function setUp(db: Db): Promise<void> {
  for (const pragma of PRAGMAS) {
    for (let attempt = 1; ; attempt++) {
      try {
        await db.executeQuery(CompiledQuery.raw(`PRAGMA ${pragma}`));
        break;
      } catch (error) {
        if (!isBusy(error) || attempt === WAL_ATTEMPTS) throw error;
        await Bun.sleep(20 * Math.random() * attempt);
      }
    }
  }
}

const HEADER = Buffer.from('SQLite format 3\0');

/** A file of another kind, which a slip of the setting names, is left as it is: its rights too. */
async function refuseOther(file: FileHandle, path: string): Promise<void> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER.length), 0, HEADER.length, 0);
  if (bytesRead > 0 && !buffer.equals(HEADER))
    throw damaged(path, Object.assign(new Error('another header'), { code: 'SQLITE_NOTADB' }));
}

async function createPrivately(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await refuseNetworkFileSystem(dirname(path));
  const file = await open(path, 'a+', 0o600);
  try {
    await refuseOther(file, path);
  } finally {
    await file.close();
  }
}

/** Takes the file, and what SQLite has beside it, away from others. */
async function makePrivate(path: string): Promise<void> {
  for (const each of [path, `${path}-wal`, `${path}-shm`]) {
    const found = statSync(each, { throwIfNoEntry: false });
    if (found && (found.mode & 0o777) !== 0o600) await chmod(each, 0o600);
  }
}

/**
 * Opens the metadata, making its file (0600) and folder (0700) where they are missing; several processes of one host may
 * have it open. Transactions take the write lock at once. Throws AppError `storage.unusable` on a network
 * file system, and for a file that is damaged, no database, another program's, or not to be written.
 */
export async function openSqlite(path: string): Promise<Db> {
  try {
    await createPrivately(path);
    return await openThere(path);
  } catch (error) {
    throw unusable(path, error);
  }
}

const MARK = 'select data_version, total_changes() from pragma_data_version';

/** `data_version` grows with what other connections commit, `total_changes()` with what this one changes. */
function markOf(sqlite: Sqlite): () => string | undefined {
  return () => {
    // What is not committed yet may be rolled back.
    if (sqlite.inTransaction) return undefined;
    // Not kept here: an open statement would keep the file open after the connection is closed.
    return sqlite.query(MARK).values()[0]!.join(' ');
  };
}

async function openThere(path: string): Promise<Db> {
  const sqlite = new Sqlite(path, { readwrite: true, create: true, strict: true, safeIntegers: false });
  const kysely = new Kysely<Tables>({ dialect: new ImmediateDialect(sqlite) });
  const db: Db = Object.assign(kysely, { mark: markOf(sqlite) });
  try {
    sqlite.run(`PRAGMA ${PRAGMAS[0]}`);
    refuseForeign(sqlite, path);
    await makePrivate(path);
    await setUp(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}
