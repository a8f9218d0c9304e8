import { afterEach, beforeEach, expect, test } from 'bun:test';
import { copyFile, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { writeViews } from '../../../src/lake/views.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'views-'));
  file = join(folder, 'local.duckdb');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const AS_OF = Date.parse('2026-05-04T09:00:00Z');

/** What a query of the `duckdb` shell would give. */
async function inFile(path: string, sql: string, more: Record<string, string> = {}): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(path, more);
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const shown = (sql: string) => inFile(file, sql, { access_mode: 'READ_ONLY' });
const names = async () =>
  (await shown('select view_name from duckdb_views() where not internal order by 1')).flat();

async function parquet(name: string, sql: string): Promise<string> {
  const path = join(folder, name);
  await inFile(':memory:', `copy (${sql}) to '${path}'`);
  return path;
}

const write = (views: Record<string, string[]>, asOfMs = AS_OF) =>
  writeViews(file, { views: Object.entries(views).map(([name, files]) => ({ name, files })), asOfMs });

test('only what changed is made anew, and what is gone goes; the file bears the time of the metadata', async () => {
  const [a, b, c] = await Promise.all(
    ['a', 'b', 'c'].map((name, i) => parquet(`${name}.parquet`, `select ${i} as v`)),
  );
  expect(await write({ one: [a!], two: [b!], "it's": [c!] })).toEqual({
    isWritten: true,
    changed: 3,
    leftOut: [],
  });
  expect((await stat(file)).mtimeMs).toBe(AS_OF);
  // DuckDB makes no view over a file that is not there: had it been made anew, it would be left out.
  await rm(b!);
  expect(await write({ one: [a!, c!], two: [b!] })).toEqual({ isWritten: true, changed: 1, leftOut: [] });
  expect(await names()).toEqual(['one', 'two']);
  expect(await shown('select v from one order by v')).toEqual([[0], [2]]);
  expect((await readdir(folder)).sort()).toEqual(['a.parquet', 'c.parquet', 'local.duckdb']);
});

test('a file that shows everything stays the same one, and is known to be up to date', async () => {
  const a = await parquet('a.parquet', 'select 1 as v');
  await write({ one: [a] });
  const { ino } = await stat(file);
  expect(await write({ one: [a] }, AS_OF + 5000)).toEqual({ isWritten: false, changed: 0, leftOut: [] });
  expect(await stat(file)).toMatchObject({ ino, mtimeMs: AS_OF + 5000 });
});

test('names that differ in case alone get numbers, whichever comes and goes', async () => {
  const [a, b] = await Promise.all([
    parquet('a.parquet', 'select 1 as v'),
    parquet('b.parquet', 'select 2 as v'),
  ]);
  await write({ data: [a] });
  await write({ DATA: [b], data: [a] });
  expect(await shown('select v from "data"')).toEqual([[2]]);
  expect(await shown('select v from "data_2"')).toEqual([[1]]);
  await write({ data: [a] });
  expect(await names()).toEqual(['data']);
  expect(await shown('select v from "data"')).toEqual([[1]]);
});

test('a dataset whose file cannot be read has no view, not an old one, and takes no view from the others', async () => {
  const [a, b] = await Promise.all([
    parquet('a.parquet', 'select 1 as v'),
    parquet('b.parquet', 'select 2 as v'),
  ]);
  await write({ one: [a], two: [a] });
  const missing = join(folder, 'missing.parquet');
  const { leftOut, ...rest } = await write({ one: [missing], two: [b], three: [b] });
  expect(rest).toEqual({ isWritten: true, changed: 2 });
  expect(leftOut).toMatchObject([{ name: 'one', cause: expect.stringContaining('missing.parquet') }]);
  expect(await names()).toEqual(['three', 'two']);
  expect(await shown('select v from two')).toEqual([[2]]);
  await inFile(':memory:', `copy (select 7 as v) to '${missing}'`);
  expect(await write({ one: [missing], two: [b], three: [b] })).toMatchObject({ changed: 1, leftOut: [] });
  expect(await shown('select v from one')).toEqual([[7]]);
});

test('a file with tables, such as a predecessor left there, is never written over', async () => {
  const a = await parquet('a.parquet', 'select 1 as v');
  await inFile(file, 'create table sales as select 42 as amount');
  await expect(write({ one: [a] })).rejects.toMatchObject({
    code: 'storage.unusable',
    message: expect.stringContaining('DUCKDB_PATH holds tables'),
  });
  expect(await shown('select amount from sales')).toEqual([[42]]);
});

test('nor is one that DuckDB cannot open; one without a byte is', async () => {
  const a = await parquet('a.parquet', 'select 1 as v');
  await Bun.write(file, 'not a database'.repeat(1000));
  await expect(write({ one: [a] })).rejects.toMatchObject({
    code: 'storage.unusable',
    message: expect.stringContaining('cannot be looked into'),
  });
  expect(await Bun.file(file).text()).toStartWith('not a database');
  await Bun.write(file, '');
  await write({ one: [a] });
  expect(await names()).toEqual(['one']);
});

const HOLDS = `const { DuckDBInstance } = await import('@duckdb/node-api');
  // A global is not collected, which would close the file.
  globalThis.held = await DuckDBInstance.create(process.env.FILE);
  process.send('open');
  process.on('message', () => process.exit(0));`;

test('one that a shell has open for writing is said to be, and shows all once that is closed', async () => {
  const a = await parquet('a.parquet', 'select 1 as v');
  await write({ one: [a] });
  const opened = Promise.withResolvers<void>();
  const shell = Bun.spawn([process.execPath, '-e', HOLDS], {
    cwd: import.meta.dir,
    env: { ...process.env, FILE: file },
    ipc: () => opened.resolve(),
  });
  await Promise.race([opened.promise, shell.exited]);
  await expect(write({ one: [a], two: [a] })).rejects.toMatchObject({
    code: 'storage.unusable',
    message: expect.stringContaining('is open for writing in another program'),
  });
  shell.send('close');
  expect(await shell.exited).toBe(0);
  await write({ one: [a], two: [a] });
  expect(await names()).toEqual(['one', 'two']);
});

test('what a shell that died left to be written is not taken over', async () => {
  const a = await parquet('a.parquet', 'select 1 as v');
  await write({ one: [a], two: [a] });
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run('drop view one; create view mine as select 1');
  await copyFile(`${file}.wal`, join(folder, 'wal'));
  connection.closeSync();
  instance.closeSync();
  await rm(file);
  await write({ one: [a], two: [a] });
  await rename(join(folder, 'wal'), `${file}.wal`);
  expect(await names()).toEqual(['mine', 'two']);
  expect(await write({ one: [a], two: [a] })).toEqual({ isWritten: true, changed: 1, leftOut: [] });
  expect(await names()).toEqual(['one', 'two']);
  expect((await readdir(folder)).sort()).toEqual(['a.parquet', 'local.duckdb']);
});

test('a file of views without marks, as earlier versions made it, is made anew', async () => {
  const a = await parquet('a.parquet', 'select 1 as v');
  await inFile(file, `create view one as select * from read_parquet(['${a}']); create view old as select 1`);
  expect(await write({ one: [a] })).toEqual({ isWritten: true, changed: 1, leftOut: [] });
  expect(await names()).toEqual(['one']);
});
