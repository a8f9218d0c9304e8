import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { runCommand } from '../../support/program.ts';
import { tempFolder } from '../../support/server-process.ts';
import { lookInto } from '../../support/sqlite-file.ts';

let folder: string;
let removeFolder: () => Promise<void>;

beforeEach(async () => {
  ({ path: folder, remove: removeFolder } = await tempFolder('import-'));
});
afterEach(() => removeFolder());

const cli = (...args: string[]) =>
  runCommand(args, {
    METADATA_DB_PATH: join(folder, 'data/meta.sqlite'),
    DUCKDB_PATH: join(folder, 'data/local.duckdb'),
    QUERY_RATE_PER_SEC: '1',
    QUERY_BURST: '1',
  });

async function duckdb(file: string, ...statements: string[]): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  let rows: unknown[][] = [];
  for (const statement of statements) rows = (await connection.runAndReadAll(statement)).getRowsJson();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

const VALUES = `SELECT 1 AS id, 170141183460469231731::HUGEINT AS wide, DATE '2024-02-29' AS day, 12.50::DECIMAL(9,2) AS amount,
  '=1+1' AS formula, {'a': 1, 'b': [2, 3]} AS nested, INTERVAL 3 DAY AS took, TIMESTAMPTZ '2024-01-01 10:00:00+02' AS at, true AS ok
  UNION ALL SELECT 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL`;

async function makeDuckdb(): Promise<string> {
  const file = join(folder, 'old.duckdb');
  await duckdb(
    file,
    `CREATE TABLE sales AS ${VALUES}`,
    "CREATE TABLE codes (c VARCHAR, n INTEGER GENERATED ALWAYS AS (length(c))); INSERT INTO codes VALUES ('ab')",
    `CREATE TABLE "odd/na""me" AS SELECT 1 AS x`,
    'CREATE TABLE empty (x INTEGER)',
    "CREATE SCHEMA crm; CREATE TABLE crm.people AS SELECT 1 AS id, 'x' AS password_hash",
    "CREATE VIEW passwd AS SELECT * FROM read_csv('/etc/passwd')",
  );
  return file;
}

const json = (text: string) => JSON.parse(text);

test('tables of a DuckDB file become datasets with their types; the rest is said', async () => {
  const file = await makeDuckdb();
  const dry = await cli('import', 'duckdb', file, '--dry-run', '--json');
  expect(json(dry.out).tables.map((table: { outcome: string }) => table.outcome)).toEqual([
    'skipped',
    'wouldImport',
    'skipped',
    'wouldImport',
    'wouldImport',
  ]);
  expect((await cli('export', '--all')).err).toBe('There are no datasets\n');

  const { code, out } = await cli('import', 'duckdb', file);
  expect(out).toBe(
    [
      'crm.people: left out, 1 rows (the column "password_hash" looks like a secret, and who may read datasets would read it; name the table to take it)',
      'codes: imported, 1 rows',
      'empty: left out, 0 rows (it has no rows)',
      'odd/na"me: imported, 1 rows',
      'sales: imported, 2 rows',
      'Not taken: view passwd',
      '',
    ].join('\n'),
  );
  expect(code).toBe(0);

  const csv = await cli('export', '--dataset', 'sales', '--out', '-');
  expect(csv.out.split(/\r?\n/)).toEqual([
    'id,wide,day,amount,formula,nested,took,at,ok',
    `1,170141183460469231731,2024-02-29,12.50,"'=1+1","{""a"":1,""b"":[2,3]}",3 days,2024-01-01T08:00:00Z,true`,
    '2,,,,,,,,',
    '',
  ]);

  const parquet = join(folder, 'sales.parquet');
  expect((await cli('export', '--dataset', 'sales', '--format', 'parquet', '--out', parquet)).code).toBe(0);
  const [[wide, day, amount]] = (await duckdb(
    ':memory:',
    `SELECT wide, day, amount FROM read_parquet('${parquet}') WHERE id = 1`,
  )) as [unknown[]];
  expect([wide, day, amount]).toEqual(['170141183460469231731', '2024-02-29', '12.50']);
});

test('a predecessor’s file at DUCKDB_PATH itself is imported and stays as it is', async () => {
  const file = join(folder, 'data/local.duckdb');
  await mkdir(dirname(file));
  await rename(await makeDuckdb(), file);
  const { code, out, err } = await cli('import', 'duckdb', file, '--table', 'sales');
  expect([code, out]).toEqual([0, expect.stringContaining('sales: imported, 2 rows')]);
  expect(json(err.trim().split('\n').at(-1)!)).toMatchObject({
    event: 'datasets.viewsFailed',
    cause: expect.stringContaining('DUCKDB_PATH holds tables'),
  });
  expect(await duckdb(file, 'select count(*) from codes')).toEqual([['1']]);
});

test('a second run leaves what is there; --replace loads it anew; a table that is named is taken', async () => {
  const file = await makeDuckdb();
  await cli('import', 'duckdb', file, '--table', 'codes');
  await duckdb(file, "INSERT INTO codes (c) VALUES ('abc')");
  const again = await cli('import', 'duckdb', file, '--table', 'codes', '--json');
  expect(json(again.out).tables[0]).toMatchObject({ outcome: 'exists', rows: 2 });
  expect((await cli('export', '--dataset', 'codes', '--out', '-')).out.trim().split(/\r?\n/)).toHaveLength(2);
  const replaced = await cli('import', 'duckdb', file, '--table', 'codes', '--replace', '--json');
  expect(json(replaced.out).tables[0]).toMatchObject({ outcome: 'imported', rows: 2 });
  expect((await cli('export', '--dataset', 'codes', '--out', '-')).out.trim().split(/\r?\n/)).toHaveLength(3);

  const named = await cli('import', 'duckdb', file, '--table', 'crm.people', '--prefix', 'old ', '--json');
  expect(json(named.out).tables).toEqual([
    { table: 'crm.people', dataset: 'old crm.people', outcome: 'imported', rows: 1 },
  ]);
  expect((await cli('import', 'duckdb', file, '--table', 'nope')).err).toBe('The file has no table "nope"\n');
});

test('generated columns of SQLite are taken with their values', async () => {
  const file = join(folder, 'generated.sqlite');
  const db = new Database(file);
  db.run(
    'CREATE TABLE lines (qty INT, price NUMERIC, total NUMERIC GENERATED ALWAYS AS (qty * price) STORED, double INT AS (qty * 2))',
  );
  db.run('INSERT INTO lines (qty, price) VALUES (2, 1.5), (3, 2)');
  db.close();
  expect((await cli('import', 'sqlite', file)).code).toBe(0);
  expect((await cli('export', '--dataset', 'lines', '--out', '-')).out.split(/\r?\n/)).toEqual([
    'qty,price,total,double',
    '2,1.5,3,4',
    '3,2,6,6',
    '',
  ]);
});

test('tables of a SQLite file become datasets; what looks like a secret does not', async () => {
  const file = join(folder, 'old.sqlite');
  const db = new Database(file);
  db.run(
    'CREATE TABLE widgets (id INTEGER, title TEXT, active BOOLEAN, at DATETIME, code TEXT, data BLOB, wide INTEGER)',
  );
  db.run(`INSERT INTO widgets VALUES (1, 'a"b', 1, '2024-01-01 10:00:00', '007', x'0102', 9007199254740993),
    (2, NULL, 0, NULL, '008', NULL, NULL)`);
  db.run('CREATE TABLE users (id INTEGER, email TEXT, hashed_password TEXT)');
  db.run("INSERT INTO users VALUES (1, 'a@example.com', 'x')");
  db.run('CREATE VIEW v AS SELECT * FROM users');
  db.close();
  const { out, code } = await cli('import', 'sqlite', file);
  expect(out).toContain('users: left out, 1 rows (the column "hashed_password" looks like a secret');
  expect(out).toContain('widgets: imported, 2 rows\nNot taken: view v\n');
  expect(code).toBe(0);
  expect((await cli('export', '--dataset', 'widgets', '--out', '-')).out.split(/\r?\n/)).toEqual([
    'id,title,active,at,code,data,wide',
    '1,"a""b",true,2024-01-01T10:00:00,007,AQI=,9007199254740993',
    '2,,false,,008,,',
    '',
  ]);
  expect((await cli('export', '--dataset', 'users')).code).toBe(1);
});

test.each([
  ['import duckdb FILE.sqlite', 'cannot be read as a DuckDB file', 1],
  ['import sqlite FILE.duckdb', 'cannot be read as a SQLite file: file is not a database', 1],
  ['import sqlite OWN', 'is the metadata of this service; put it in place by reporting-api restore', 1],
  ['import duckdb missing', 'There is no file', 1],
  ['import excel x', 'Unknown kind "excel"; there are duckdb, sqlite', 2],
  ['import duckdb', 'FILE is missing', 2],
  ['export', 'Give --dataset or --all', 2],
  ['export --all --out -', '--out - goes with one --dataset', 2],
  ['export --all --format xlsx', '--format must be csv or parquet', 2],
  ['export --dataset nope', 'There is no dataset "nope"', 1],
  ['bench --rows 0', '--rows must be a whole number from 1', 2],
] as const)('%s', async (line, fault, expected) => {
  new Database(join(folder, 'FILE.sqlite')).run('CREATE TABLE t (x)');
  await duckdb(join(folder, 'FILE.duckdb'), 'CREATE TABLE t (x INTEGER)');
  await cli('migrate');
  const args = line
    .split(' ')
    .map((part) =>
      part === 'OWN' ? join(folder, 'data/meta.sqlite') : part.includes('FILE.') ? join(folder, part) : part,
    );
  const { code, err } = await cli(...args);
  expect(err).toContain(fault);
  expect(code).toBe(expected);
});

test('files are named after their datasets and go nowhere else; one that is there stays', async () => {
  await cli('import', 'duckdb', await makeDuckdb());
  const out = join(folder, 'out');
  const first = await cli('export', '--all', '--out', `${out}/`, '--json');
  expect(
    json(first.out).map(({ dataset, rows }: { dataset: string; rows: number }) => [dataset, rows]),
  ).toEqual([
    ['codes', 1],
    ['odd/na"me', 1],
    ['sales', 2],
  ]);
  expect((await readdir(out)).sort()).toEqual(['codes.csv', 'odd_na_me.csv', 'sales.csv']);
  const second = await cli('export', '--all', '--out', out);
  expect(second.err).toContain('codes.csv is there already; --force replaces it');
  expect(second.code).toBe(1);
  expect((await cli('export', '--all', '--out', out, '--force')).code).toBe(0);
  expect((await readdir(out)).sort()).toEqual(['codes.csv', 'odd_na_me.csv', 'sales.csv']);
});

test('what was imported is in the audit log', async () => {
  await cli('import', 'duckdb', await makeDuckdb(), '--table', 'sales');
  const rows = lookInto(join(folder, 'data/meta.sqlite'))('select action from audit order by id');
  expect(rows).toEqual(['dataset.create']);
});

test('bench measures beside the bare engine and leaves nothing', async () => {
  const { code, out } = await cli('bench', '--rows', '20000', '--seconds', '1', '--json');
  const { rows, results } = json(out);
  expect(rows).toBe(20_000);
  expect(results.map(({ name }: { name: string }) => name)).toEqual([
    'query',
    'pivot',
    'distinct',
    'pivot, cached',
  ]);
  for (const { ratio, ms, bareMs } of results.slice(0, 3)) expect(ratio).toBeCloseTo(ms / bareMs, 1);
  expect(code).toBe(0);
  expect(await readdir(folder)).toEqual([]);
});
