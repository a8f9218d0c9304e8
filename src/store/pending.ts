import { Database as Sqlite } from 'bun:sqlite';
import { existsSync } from 'node:fs';
import { refuseUnknown } from './migrate.ts';
import { MIGRATIONS } from './migrations/all.ts';
import { isMetadataUrl } from './postgres/address.ts';
import { refuseForeign } from './sqlite/foreign.ts';
import { unusable } from './sqlite/unusable.ts';

async function appliedAt(path: string): Promise<string[]> {
  if (isMetadataUrl(path)) {
    const { inspectPostgres } = await import('./postgres/open.ts');
    return (await inspectPostgres(path)).applied;
  }
  if (!existsSync(path)) return [];
  try {
    return appliedIn(path);
  } catch (error) {
    throw unusable(path, error);
  }
}

function appliedIn(path: string): string[] {
  const sqlite = new Sqlite(path, { readwrite: true, create: false });
  try {
    sqlite.run('pragma busy_timeout = 5000');
    refuseForeign(sqlite, path);
    const table = sqlite.query("select 1 from sqlite_schema where name = 'migrations'").get();
    if (!table) return [];
    return sqlite
      .query<{ name: string }, []>('select name from migrations')
      .all()
      .map(({ name }) => name);
  } finally {
    sqlite.close();
  }
}

/** Migrations that the metadata at a path or URL lacks; makes and changes nothing. Throws AppError `storage.unusable` where the data is newer, another program's, or cannot be read. */
export async function pendingMigrations(path: string): Promise<string[]> {
  const applied = await appliedAt(path);
  refuseUnknown(applied, MIGRATIONS);
  return MIGRATIONS.map(({ name }) => name).filter((name) => !applied.includes(name));
}
