import { describe, expect, test } from 'bun:test';
import { readdir, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { sql } from 'kysely';
import { openDatabase } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { MIGRATIONS, type Migration } from '../../../src/store/migrations/all.ts';
import { createStore } from '../../../src/store/store.ts';
import { createLog, silentLog } from '../../../src/telemetry/log.ts';
import { eachStore, type Place } from '../../support/metadata-stores.ts';
import { lookInto } from '../../support/sqlite-file.ts';
import { spawnScript } from './folder.ts';

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

const NAMES = MIGRATIONS.map(({ name }) => name);

eachStore((engine, open, place) => {
  const TABLES =
    engine === 'sqlite'
      ? "select name from sqlite_schema where type = 'table' order by name"
      : 'select tablename from pg_tables where schemaname = current_schema() order by 1';

  /** What a client of the engine's own finds. */
  const found = ({ look }: Pick<Place, 'look'>) => ({
    tables: look(TABLES),
    applied: look('select name from migrations order by name'),
    users: look('select name from users order by id'),
  });
  const copiesIn = async ({ folder }: Place) =>
    (await readdir(folder)).filter((name) => name.includes('before'));

  async function withAdmin(migrations: readonly Migration[] = MIGRATIONS) {
    const store = await open({ migrations });
    await createStore(store.db).users.insert({ ...ADMIN });
    return store;
  }

  describe('empty metadata', () => {
    test('gets every table, and no backup', async () => {
      await using store = await withAdmin();
      const { tables, applied } = found(store);
      expect(applied).toEqual(NAMES);
      expect(tables).toContain('users');
      expect(await copiesIn(store)).toEqual([]);
    });

    test('several processes that start at once all succeed and migrate once', async () => {
      await using empty = await place();
      const children = Array.from({ length: 4 }, () =>
        spawnScript('migrate.child.ts', [empty.path, 'plain']),
      );
      expect(await Promise.all(children.map(({ exited }) => exited))).toEqual([0, 0, 0, 0]);
      expect(found(empty).applied).toEqual(NAMES);
    }, 60_000);
  });

  describe('metadata that holds data', () => {
    test('keeps it; a file is copied once before it is migrated, of a server it is said that it is not', async () => {
      await using store = await withAdmin();
      const events: string[] = [];
      const log = createLog('info', (line) => events.push(JSON.parse(line).event));
      await migrate(store.db, store.path, log, [...MIGRATIONS, second, third]);
      const after = found(store);
      expect(after.tables).toEqual(expect.arrayContaining(['second', 'third', 'users']));
      expect(after.users).toEqual(['A']);
      const kept = engine === 'sqlite' ? 'store.backup' : 'store.notBackedUp';
      expect(events).toEqual([kept, 'store.migrated', 'store.migrated']);
      if (engine === 'postgres') return expect(await copiesIn(store)).toEqual([]);
      const copy = `${store.path}.before-9001-second`;
      const before = found({ look: lookInto(copy) });
      expect(before.applied).toEqual(NAMES);
      expect(before.users).toEqual(['A']);
      expect(before.tables).not.toContain('second');
      expect((await stat(copy)).mode & 0o777).toBe(0o600);
      expect(await copiesIn(store)).toEqual([basename(copy)]);
    });

    test('that is up to date is left alone', async () => {
      await using store = await withAdmin();
      await migrate(store.db, store.path, silentLog);
      expect(await copiesIn(store)).toEqual([]);
      expect(found(store).users).toEqual(['A']);
    });

    test('keeps the state before a migration that fails; those before it stay', async () => {
      await using store = await withAdmin();
      const failing = migrate(store.db, store.path, silentLog, [...MIGRATIONS, second, broken]);
      await expect(failing).rejects.toThrow('nowhere');
      const { tables, applied, users } = found(store);
      expect(applied).toEqual([...NAMES, second.name]);
      expect(tables).not.toContain('half');
      expect(users).toEqual(['A']);
      await migrate(store.db, store.path, silentLog, [...MIGRATIONS, second, third]);
      expect(found(store).tables).toContain('third');
    });

    test('loses nothing when the process is killed in the middle of a migration', async () => {
      await using store = await withAdmin();
      const child = spawnScript('migrate.child.ts', [store.path, 'hang']);
      await child.wrote('inside');
      await child.kill('SIGKILL');
      const after = found(store);
      expect(after.users).toEqual(['A']);
      expect(after.applied).toEqual(NAMES);
      expect(after.tables).not.toContain('more');
      if (engine === 'sqlite') {
        expect(store.look('pragma integrity_check')).toEqual(['ok']);
        expect(lookInto(`${store.path}.before-9001-more`)('select name from users')).toEqual(['A']);
      }
      const finishing = spawnScript('migrate.child.ts', [store.path, 'finish']);
      expect(await finishing.exited).toBe(0);
      expect(found(store)).toMatchObject({ users: ['changed'], applied: [...after.applied, '9001-more'] });
    }, 60_000);

    test('is migrated by one of two processes', async () => {
      await using store = await withAdmin();
      const children = [1, 2].map(() => spawnScript('migrate.child.ts', [store.path, 'finish']));
      expect(await Promise.all(children.map(({ exited }) => exited))).toEqual([0, 0]);
      expect(found(store).users).toEqual(['changed']);
      expect(store.look('select count(*) from more')).toEqual(['1']);
      if (engine === 'sqlite')
        expect(lookInto(`${store.path}.before-9001-more`)('select name from users')).toEqual(['A']);
    }, 60_000);

    test('that is newer than this code is refused and left as it is', async () => {
      await using store = await withAdmin([...MIGRATIONS, second]);
      const db = await openDatabase(store.path);
      await expect(migrate(db, store.path, silentLog)).rejects.toMatchObject({
        code: 'storage.unusable',
        message: expect.stringContaining('newer version of this service (it has 9001-second)'),
      });
      await db.destroy();
      expect(found(store).applied).toContain('9001-second');
    });
  });

  if (engine === 'postgres')
    test('every column holds and orders what SQLite’s does, also in tables of later migrations', async () => {
      const later: Migration = {
        name: '9001-later',
        async up(db) {
          await sql`create table later (id text primary key, user_id text references users (id), n integer not null, note text)`.execute(
            db,
          );
          await sql`create index later_note on later (note, id)`.execute(db);
          await sql`alter table users add column nick text`.execute(db);
        },
      };
      await using store = await open({ migrations: [...MIGRATIONS, later] });
      const columns =
        store.look(`select data_type, collation_name, is_identity, count(*) from information_schema.columns
        where table_schema = current_schema() group by 1, 2, 3 order by 1, 3`);
      expect(columns.map((line) => line.replace(/\|\d+$/, ''))).toEqual([
        'bigint||NO',
        'bigint||YES',
        'text|C|NO',
      ]);
      expect(
        store.look(`select table_name, column_name from information_schema.columns
        where table_schema = current_schema() and is_identity = 'YES' order by 1`),
      ).toEqual(['audit|id', 'login_failures|id']);
    });
});

test('names of migrations are in order, and each is there once', () => {
  expect(NAMES).toEqual([...new Set(NAMES)].sort());
});
