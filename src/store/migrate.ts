import { type Kysely, sql } from 'kysely';
import { AppError } from '../base/errors.ts';
import type { Log } from '../telemetry/log.ts';
import { backupTo } from './backup.ts';
import type { Db } from './database.ts';
import { MIGRATIONS, type Migration } from './migrations/all.ts';
import { isBusy } from './sqlite-errors.ts';

interface Ledger {
  migrations: { name: string; applied_at: string };
}

const LOCK_ATTEMPTS = 12;

async function appliedNames(ledger: Kysely<Ledger>): Promise<string[]> {
  const rows = await ledger.selectFrom('migrations').select('name').orderBy('name').execute();
  return rows.map(({ name }) => name);
}

function refuseUnknown(applied: readonly string[], known: readonly Migration[]): void {
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

async function hasTables(ledger: Kysely<Ledger>): Promise<boolean> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from sqlite_schema where type = 'table' and name not in ('migrations', 'sqlite_sequence')`.execute(
    ledger,
  );
  return (rows[0]?.n ?? 0) > 0;
}

interface Step {
  path: string;
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
    if (!step.isBackedUp && (await hasTables(ledger))) {
      const target = `${step.path}.before-${next.name}`;
      await backupTo(step.path, target);
      step.log.info('store.backup', { path: target });
    }
    step.isBackedUp = true;
    await next.up(transaction as unknown as Kysely<unknown>);
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

/**
 * Brings the metadata at `path` to this code's version, a transaction a migration; a crash leaves the state before or after.
 * Data that is there is copied to `<path>.before-<migration>` first. Throws AppError `storage.unusable` when the data is newer.
 */
export async function migrate(
  db: Db,
  path: string,
  log: Log,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const step: Step = { path, log, migrations, isBackedUp: false };
  while (await untilUnlocked(() => applyNext(db, step)));
}
