import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { openDatabase } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import {
  networkFileSystemName,
  refuseNetworkFileSystem,
} from '../../../src/store/sqlite/network-file-system.ts';
import { createStore } from '../../../src/store/store.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { temporaryFolder } from './folder.ts';

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('opening', () => {
  test('makes folder and file for this user alone', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('a/b/meta.sqlite');
    const db = await openDatabase(path);
    await migrate(db, path, silentLog);
    expect(await modeOf(folder.file('a/b'))).toBe(0o700);
    for (const end of ['', '-wal', '-shm']) expect(await modeOf(path + end)).toBe(0o600);
    await db.destroy();
  });

  test('takes the file away from others', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('meta.sqlite');
    await writeFile(path, '');
    await chmod(path, 0o644);
    await (await openDatabase(path)).destroy();
    expect(await modeOf(path)).toBe(0o600);
  });

  test('a file that is no database is an error, and stays as it is', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('meta.sqlite');
    const text = 'these are notes, not a database; '.repeat(40);
    await writeFile(path, text);
    await chmod(path, 0o644);
    await expect(openDatabase(path)).rejects.toThrow('is no SQLite database');
    expect(await Bun.file(path).text()).toBe(text);
    expect(await modeOf(path)).toBe(0o644);
  });
});

test('a database of another program, as a predecessor leaves one there, stays as it is', async () => {
  await using folder = await temporaryFolder();
  const path = folder.file('meta.sqlite');
  const other = new Database(path);
  for (const table of ['users', 'cards', 'runs', 'things']) other.run(`create table ${table} (x)`);
  other.close();
  await chmod(path, 0o644);
  const before = await Bun.file(path).bytes();
  const message = `${path} holds tables of another program (cards, runs, things, …); name another file`;
  await expect(openDatabase(path)).rejects.toMatchObject({
    code: 'storage.unusable',
    message: expect.stringContaining(message),
  });
  expect(await Bun.file(path).bytes()).toEqual(before);
  expect(await modeOf(path)).toBe(0o644);
});

describe('network file systems', () => {
  test.each([
    ['NFS', 0x6969],
    ['SMB', 0x517b],
    ['CIFS', 0xff534d42],
    ['CIFS', 0xff534d42 | 0],
    ['SMB2', 0xfe534d42],
  ])('%s (%p) is refused by name', async (name, type) => {
    expect(networkFileSystemName(type)).toBe(name);
    await expect(refuseNetworkFileSystem('/x', async () => type)).rejects.toMatchObject({
      code: 'storage.unusable',
      message: expect.stringContaining(`network file system (${name})`),
    });
  });

  test.each([
    ['ext4', 0xef53],
    ['xfs', 0x58465342],
    ['tmpfs', 0x01021994],
    ['overlay', 0x794c7630],
    ['9p', 0x01021997],
  ])('%s is not', async (_, type) => {
    expect(await refuseNetworkFileSystem('/x', async () => type)).toBeUndefined();
  });
});

test('a transaction on a full disk says so, and the store goes on', async () => {
  await using folder = await temporaryFolder();
  const path = folder.file('meta.sqlite');
  const db = await openDatabase(path);
  await migrate(db, path, silentLog);
  const store = createStore(db);
  await sql`pragma max_page_count = 1`.execute(db); // as many pages as there are
  const large = 'x'.repeat(1_000_000);
  const fault = { code: 'storage.full' };
  await expect(store.facts.set('large', large)).rejects.toMatchObject(fault);
  await expect(store.transaction(({ facts }) => facts.set('large', large))).rejects.toMatchObject(fault);
  await sql`pragma max_page_count = 100000`.execute(db);
  await store.transaction(({ facts }) => facts.set('large', large));
  expect((await store.facts.get('large'))?.length).toBe(1_000_000);
  await db.destroy();
});
