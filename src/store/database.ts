import { Database as Sqlite } from 'bun:sqlite';
import { CompiledQuery, Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import type { Tables } from './tables.ts';

export type Db = Kysely<Tables>;

/** bun:sqlite in the shape that Kysely's own SQLite dialect expects (that of better-sqlite3). */
function adapt(sqlite: Sqlite): SqliteDatabase {
  return {
    close: () => sqlite.close(),
    prepare(sql): SqliteStatement {
      const statement = sqlite.query(sql);
      return {
        reader: statement.columnNames.length > 0,
        all: (parameters) => statement.all(...(parameters as never[])),
        run: (parameters) => statement.run(...(parameters as never[])),
        iterate: (parameters) => statement.iterate(...(parameters as never[])) as IterableIterator<unknown>,
      };
    },
  };
}

/** Opens the metadata; the folder must exist. Several processes may have it open. */
export async function openDatabase(path: string): Promise<Db> {
  const sqlite = new Sqlite(path, { create: true, strict: true, safeIntegers: false });
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapt(sqlite) }) });
  for (const pragma of [
    'journal_mode = WAL',
    'busy_timeout = 10000',
    'foreign_keys = ON',
    'synchronous = FULL',
  ])
    await db.executeQuery(CompiledQuery.raw(`PRAGMA ${pragma}`));
  return db;
}
