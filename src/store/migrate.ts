import { type Kysely, sql } from 'kysely';
import { AppError } from '../base/errors.ts';
import type { Log } from '../telemetry/log.ts';
import { type Db, openDatabase } from './database.ts';
import { MIGRATIONS, type Migration } from './migrations/all.ts';
import { isMetadataUrl } from './postgres/address.ts';
import { alignColumns } from './postgres/columns.ts';
import { backupTo } from './sqlite/backup.ts';
import { isBusy } from './store-errors.ts';

interface Ledger {
  migrations: { name: string; applied_at: string };
}

const LOCK_ATTEMPTS = 12;

async function appliedNames(ledger: Kysely<Ledger>): Promise<string[]> {
  const rows = await ledger.selectFrom('migrations').select('name').orderBy('name').execute();
  return rows.map(({ name }) => name);
}

export function refuseUnknown(applied: readonly string[], known: readonly Migration[]): void {
  const names = new Set(known.map(({ name }) => name));
  const unknown = applied.filter((name) => !names.has(name));
  if (unknown.length === 0) return;
  throw new AppError(
    'storage.unusable',
    `The metadata was written by a newer version of this service (it has ${unknown.join(', ')}); start that version, or restore a backup`,
    { params: { unknown } },
  );
}

/** How the metadata stands to this code; both lists are empty where it is as it should be. */
export async function migrationState(db: Db): Promise<{ pending: string[]; unknown: string[] }> {
  const applied = await appliedNames(db as unknown as Kysely<Ledger>);
  const known = MIGRATIONS.map(({ name }) => name);
  return {
    pending: known.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !known.includes(name)),
  };
}

/** What the engines do differently around the same migrations. */
interface Engine {
  /** Keeps what is there, before the first migration changes it; runs inside the transaction. */
  backUp(ledger: Kysely<unknown>, migration: string, log: Log): Promise<void>;
  /** After each migration, in its transaction. */
  align(transaction: Kysely<unknown>): Promise<void>;
}

const sqliteAt = (path: string): Engine => ({
  async backUp(ledger, migration, log) {
    const { rows } = await sql<{ n: number }>`
      select count(*) as n from sqlite_schema where type = 'table' and name not in ('migrations', 'sqlite_sequence')`.execute(
      ledger,
    );
    if ((rows[0]?.n ?? 0) === 0) return;
    const target = `${path}.before-${migration}`;
    await backupTo(path, target);
    log.info('store.backup', { path: target });
  },
  align: async () => undefined,
});

const postgres: Engine = {
  async backUp(ledger, migration, log) {
    const { rows } = await sql`select 1 from migrations limit 1`.execute(ledger);
    if (rows.length === 0) return;
    log.info('store.notBackedUp', { migration, reason: 'copies of PostgreSQL are made by pg_dump' });
  },
  align: alignColumns,
};

interface Step {
  engine: Engine;
  log: Log;
  migrations: readonly Migration[];
  isBackedUp: boolean;
}

/**
 * Applies the first pending migration; false when there is none. The list is read under the write lock, so of two processes
 * one applies and the other finds it done; the backup is made under it too and holds exactly the state before.
 */
async function applyNext(db: Db, step: Step): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    const ledger = transaction as unknown as Kysely<Ledger>;
    await sql`create table if not exists migrations (name text primary key, applied_at text not null)`.execute(
      ledger,
    );
    const applied = await appliedNames(ledger);
    refuseUnknown(applied, step.migrations);
    const next = step.migrations.find(({ name }) => !applied.includes(name));
    if (!next) return false;
    const plain = transaction as unknown as Kysely<unknown>;
    if (!step.isBackedUp) await step.engine.backUp(plain, next.name, step.log);
    step.isBackedUp = true;
    await next.up(plain);
    await step.engine.align(plain);
    await ledger
      .insertInto('migrations')
      .values({ name: next.name, applied_at: new Date().toISOString() })
      .execute();
    step.log.info('store.migrated', { migration: next.name });
    return true;
  });
}

async function untilUnlocked<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error) || tries === LOCK_ATTEMPTS) throw error;
    }
  }
}

/** Rewriting a large table of PostgreSQL takes longer than any statement of a request may. */
const MIGRATION_MS = 60 * 60 * 1000;

/**
 * Brings the metadata at `path` to this code's version, a transaction a migration; a crash leaves the state before or after. Data in a SQLite
 * file is copied to `<path>.before-<migration>` first; on PostgreSQL a session of its own migrates. Throws AppError `storage.unusable` when
 * the data is newer.
 */
export async function migrate(
  db: Db,
  path: string,
  log: Log,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const run = async (on: Db, engine: Engine) => {
    const step: Step = { engine, log, migrations, isBackedUp: false };
    while (await untilUnlocked(() => applyNext(on, step)));
  };
  if (!isMetadataUrl(path)) return run(db, sqliteAt(path));
  const own = await openDatabase(path, { poolSize: 1, statementMs: MIGRATION_MS });
  try {
    await run(own, postgres);
  } finally {
    await own.destroy();
  }
}
