import { afterAll, beforeAll, expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { MIGRATIONS } from '../../src/store/migrations/all.ts';
import { ADMIN } from '../support/service-kit.ts';
import { type Running, Shipped } from './shipped.ts';

const [OLD, NEW] = ['o1d', 'n3w'].map((text) => `${text}-0123456789abcdefghijklmnopqrstuv`) as [
  string,
  string,
];

let shipped: Shipped;
let work: string;
beforeAll(async () => {
  shipped = new Shipped();
  work = join(shipped.folder, 'work');
  const instance = await DuckDBInstance.create(join(work, 'old.duckdb'));
  const connection = await instance.connect();
  await connection.run("CREATE TABLE sales AS SELECT 'EU' AS region, 12.50::DECIMAL(9, 2) AS amount");
  connection.closeSync();
  instance.closeSync();
}, 120_000);
afterAll(() => shipped[Symbol.asyncDispose]());

/** A command over the data of this file's tests; throws what it said unless it ended with 0. */
async function done(line: string, env: Record<string, string> = {}): Promise<string> {
  const { code, out, err } = await shipped.run(line.split(' '), { SECRET_KEY: OLD, ...env });
  if (code !== 0) throw new Error(`${line} ended with ${code}: ${err}${out}`);
  return out;
}

/** What an admin of a running service gets. */
async function ask(service: Running, method: string, path: string, body?: unknown) {
  const json = { 'content-type': 'application/json' };
  const login = { method: 'POST', headers: json, body: JSON.stringify(ADMIN) };
  const { token } = (await (await fetch(`${service.url}/api/auth/login`, login)).json()) as { token: string };
  const headers = { ...json, authorization: `Bearer ${token}` };
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return (await fetch(`${service.url}/api${path}`, init)).json();
}

const serve = (SECRET_KEY: string) =>
  shipped.serve({ SECRET_KEY, ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password, THREADS: '1' });

async function end(service: Running): Promise<void> {
  service.kill('SIGTERM');
  expect(await service.ended).toBe(0);
}

test('migrate makes the metadata of this version', async () => {
  expect(JSON.parse(await done('migrate --json')).migrations).toEqual(MIGRATIONS.map(({ name }) => name));
  expect(await done('migrate')).toBe('The metadata is up to date.\n');
});

test('a predecessor’s DuckDB file comes in, and goes out again', async () => {
  expect(await done('import duckdb old.duckdb')).toBe('sales: imported, 1 rows\n');
  await done('export --dataset sales --format parquet --out sales.parquet');
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const rows = await connection.runAndReadAll(`FROM '${join(work, 'sales.parquet')}'`);
  expect(rows.getRowsJson()).toEqual([['EU', '12.50']]);
  connection.closeSync();
  instance.closeSync();
});

test('what a backup holds comes back where all is lost', async () => {
  await done('backup --with-datasets --out kept');
  rmSync(join(work, '.data'), { recursive: true });
  expect(JSON.parse(await done('restore kept --json')).files).toEqual({ placed: 1, present: 0, missing: [] });
  const service = await serve(OLD);
  expect(await ask(service, 'GET', '/datasets/sales/preview')).toMatchObject({ rows: [['EU', '12.50']] });
  const settings = { host: '127.0.0.1', port: 1, user: 'u', password: 'hunter2', database: 'd' };
  const made = await ask(service, 'POST', '/datasources', { name: 'shop', type: 'postgres', settings });
  expect(made).toMatchObject({ name: 'shop' });
  await end(service);
});

test('secrets are sealed under the next key, and the service starts with that alone', async () => {
  const rotated = await done('secret rotate --json', { SECRET_KEY: NEW, SECRET_KEY_PREVIOUS: OLD });
  expect(JSON.parse(rotated)).toEqual({ resealed: 1, current: 0, unreadable: 0 });
  const service = await serve(NEW);
  // The password can be read again: it is the server that is not there.
  expect(await ask(service, 'POST', '/datasources/shop/test')).toMatchObject({ ok: false });
  expect(service.log()).not.toContain('hunter2');
  await end(service);
});

test('bench compares with the bare engine', async () => {
  const { rows, results } = JSON.parse(await done('bench --rows 1000 --seconds 1 --json'));
  expect(rows).toBe(1000);
  expect(results).toHaveLength(4);
  for (const { rounds, ms } of results) expect(Math.min(rounds, ms)).toBeGreaterThan(0);
});

test('the description has every room of the API', async () => {
  const { openapi, paths } = JSON.parse(await done('openapi'));
  expect(openapi).toBe('3.1.0');
  for (const path of ['query/pivot', 'sync-tasks', 'schedules', 'ai/ask', 'mcp', 'admin/stats'])
    expect(Object.keys(paths)).toContain(`/api/${path}`);
});

test.each(['bash', 'zsh', 'fish'])('completion for %s names the commands', async (shell) => {
  const script = await done(`completion ${shell}`);
  for (const command of ['serve', 'restore', 'completion']) expect(script).toContain(command);
});
