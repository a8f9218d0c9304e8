import { Database as Sqlite } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { readdir, stat } from 'node:fs/promises';
import { type Kysely, sql } from 'kysely';
import { openDatabase } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { MIGRATIONS, type Migration } from '../../../src/store/migrations/all.ts';
import { createStore } from '../../../src/store/store.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { spawnScript, temporaryFolder } from './folder.ts';

const ADMIN = {
  id: 'usr_1',
  email: 'a@example.com',
  name: 'A',
  role: 'admin',
  disabled: false,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  passwordHash: 'x',
} as const;

const second: Migration = {
  name: '9001-second',
  up: async (db) => void (await sql`create table second (x integer)`.execute(db)),
};
const third: Migration = {
  name: '9002-third',
  up: async (db) => void (await sql`create table third (x integer)`.execute(db)),
};
const broken: Migration = {
  name: '9002-broken',
  async up(db) {
    await sql`create table half (x integer)`.execute(db);
    await sql`update users set name = 'half'`.execute(db);
    await sql`insert into nowhere values (1)`.execute(db);
  },
};

/** What a fresh connection finds. */
function look(path: string) {
  const sqlite = new Sqlite(path, { readonly: true });
  try {
    const names = (query: string) =>
      sqlite
        .query<{ name: string }, []>(query)
        .all()
        .map(({ name }) => name);
    return {
      tables: names("select name from sqlite_schema where type = 'table' order by name"),
      applied: names('select name from migrations order by name'),
      users: names('select name from users order by id'),
      integrity: sqlite.query('pragma integrity_check').values().flat(),
    };
  } finally {
    sqlite.close();
  }
}

async function withAdmin(path: string, migrations: readonly Migration[] = MIGRATIONS) {
  const db = await openDatabase(path);
  await migrate(db, path, silentLog, migrations);
  await createStore(db).users.insert({ ...ADMIN });
  return db;
}

describe('an empty file', () => {
  test('gets every table, and no backup', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('meta.sqlite');
    const db = await withAdmin(path);
    const { tables, applied } = look(path);
    expect(applied).toEqual(MIGRATIONS.map(({ name }) => name));
    expect(tables).toContain('users');
    await db.destroy();
    expect((await readdir(folder.path)).filter((name) => name.includes('before'))).toEqual([]);
  });

  test('several processes that start at once all succeed and migrate once', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('new/meta.sqlite');
    const children = Array.from({ length: 4 }, () => spawnScript('migrate.child.ts', [path, 'plain']));
    expect(await Promise.all(children.map(({ exited }) => exited))).toEqual([0, 0, 0, 0]);
    expect(look(path).applied).toEqual(MIGRATIONS.map(({ name }) => name));
  }, 30_000);
});

describe('a file that holds data', () => {
  test('is copied once before it is migrated, and keeps its data', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('meta.sqlite');
    await using db = disposable(await withAdmin(path));
    await migrate(db.it, path, silentLog, [...MIGRATIONS, second, third]);
    const after = look(path);
    expect(after.tables).toEqual(expect.arrayContaining(['second', 'third', 'users']));
    expect(after.users).toEqual(['A']);
    const copy = `${path}.before-9001-second`;
    const before = look(copy);
    expect(before.applied).toEqual(MIGRATIONS.map(({ name }) => name));
    expect(before.users).toEqual(['A']);
    expect(before.tables).not.toContain('second');
    expect((await stat(copy)).mode & 0o777).toBe(0o600);
    const backups = (await readdir(folder.path)).filter((name) => name.includes('before'));
    expect(backups).toEqual(['meta.sqlite.before-9001-second']);
  });

  test('that is up to date is left alone', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('meta.sqlite');
    await using db = disposable(await withAdmin(path));
    await migrate(db.it, path, silentLog);
    expect((await readdir(folder.path)).filter((name) => name.includes('before'))).toEqual([]);
    expect(look(path).users).toEqual(['A']);
  });

  test('keeps the state before a migration that fails; those before it stay', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('meta.sqlite');
    await using db = disposable(await withAdmin(path));
    await expect(migrate(db.it, path, silentLog, [...MIGRATIONS, second, broken])).rejects.toThrow('nowhere');
    const { tables, applied, users } = look(path);
    expect(applied).toEqual([...MIGRATIONS, second].map(({ name }) => name));
    expect(tables).not.toContain('half');
    expect(users).toEqual(['A']);
    await migrate(db.it, path, silentLog, [...MIGRATIONS, second, third]);
    expect(look(path).tables).toContain('third');
  });

  test('loses nothing when the process is killed in the middle of a migration', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('meta.sqlite');
    await (await withAdmin(path)).destroy();
    const child = spawnScript('migrate.child.ts', [path, 'hang']);
    await child.wrote('inside');
    await child.kill('SIGKILL');
    const after = look(path);
    expect(after.users).toEqual(['A']);
    expect(after.applied).toEqual(MIGRATIONS.map(({ name }) => name));
    expect(after.tables).not.toContain('more');
    expect(after.integrity).toEqual(['ok']);
    expect(look(`${path}.before-9001-more`).users).toEqual(['A']);
    const again = spawnScript('migrate.child.ts', [path, 'finish']);
    expect(await again.exited).toBe(0);
    expect(look(path)).toMatchObject({ users: ['changed'], applied: [...after.applied, '9001-more'] });
  }, 30_000);

  test('is migrated by one of two processes, and its copy is that of before', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('meta.sqlite');
    await (await withAdmin(path)).destroy();
    const children = [1, 2].map(() => spawnScript('migrate.child.ts', [path, 'finish']));
    expect(await Promise.all(children.map(({ exited }) => exited))).toEqual([0, 0]);
    expect(look(path).users).toEqual(['changed']);
    expect(look(`${path}.before-9001-more`).users).toEqual(['A']);
    const sqlite = new Sqlite(path, { readonly: true });
    expect(sqlite.query('select count(*) as n from more').get()).toEqual({ n: 1 });
    sqlite.close();
  }, 30_000);

  test('that is newer than this code is refused and left as it is', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('meta.sqlite');
    await (await withAdmin(path, [...MIGRATIONS, second])).destroy();
    await using db = disposable(await openDatabase(path));
    await expect(migrate(db.it, path, silentLog)).rejects.toMatchObject({
      code: 'storage.unusable',
      message: expect.stringContaining('newer version of this service (it has 9001-second)'),
    });
    expect(look(path).applied).toContain('9001-second');
  });
});

test('names of migrations are in order, and each is there once', () => {
  const names = MIGRATIONS.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)].sort());
});

function disposable<T extends Kysely<never> | { destroy(): Promise<void> }>(it: T) {
  return { it, [Symbol.asyncDispose]: () => it.destroy() };
}
