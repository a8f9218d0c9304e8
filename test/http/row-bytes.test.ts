import { afterAll, beforeAll, expect, test } from 'bun:test';
import { openMysql } from '../../src/drivers/mysql/driver.ts';
import { openPostgres } from '../../src/drivers/postgres/driver.ts';
import { startMariadb } from '../support/mariadb-server.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { openService, type TestService, until } from '../support/service-kit.ts';

const MIB = 1 << 20;
let service: TestService;
let postgres: TestServer;
let mariadb: TestServer;

beforeAll(async () => {
  [service, postgres, mariadb] = await Promise.all([
    openService({ QUERY_RATE_PER_SEC: '1000', QUERY_BURST: '5000', QUERY_TIMEOUT_SECONDS: '60' }),
    startPostgres(),
    startMariadb(),
  ]);
  mariadb.admin('set global max_allowed_packet = 1073741824');
  for (const [name, type, server] of [
    ['pg', 'postgres', postgres],
    ['maria', 'mysql', mariadb],
  ] as const) {
    const { user, password, host, port, database } = server;
    const settings = { user, password, host, port, database, pool: { size: 1, maxOverflow: 0 } };
    const { status } = await service.call('POST', '/api/datasources', { name, type, settings });
    expect(status).toBe(201);
  }
}, 60_000);
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
  await mariadb[Symbol.asyncDispose]();
});

const ask = (datasource: string, sql: string) => service.call('POST', '/api/query', { datasource, sql });

/** The most memory that the process had while `work` went on, beyond what it had before. */
async function growth<T>(work: () => Promise<T>): Promise<[T, number]> {
  Bun.gc(true);
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 10);
  const answer = await work();
  clearInterval(timer);
  return [answer, Math.max(most, process.memoryUsage.rss()) - before];
}

test.each([
  ['pg', "select repeat('a', 300000000) as x"],
  ['pg', 'select array_fill(0, array[1000, 1000, 30]) as x'],
  ['pg', "select 1 as a, repeat('b', 60000000) as b, repeat('c', 60000000) as c"],
  ['maria', "select repeat('a', 300000000) as x"],
  ['maria', "select 1 as a, repeat('b', 60000000) as b"],
])(
  '%s: %s is limit.bytes, and memory stays flat',
  async (datasource, sql) => {
    await ask(datasource, 'select 1 as warm');
    const hits = await service.metric('limits_hit_total{limit="QUERY_MAX_BYTES"}');
    const [{ json, status }, bytes] = await growth(() => ask(datasource, sql));
    expect(json).toMatchObject({ code: 'limit.bytes', limit: 'QUERY_MAX_BYTES', maxRowBytes: 16 * MIB });
    expect(json.detail).toContain('QUERY_MAX_BYTES');
    expect(status).toBe(422);
    expect(bytes / MIB).toBeLessThan(150);
    expect(await service.metric('limits_hit_total{limit="QUERY_MAX_BYTES"}')).toBe(hits + 1);
    const pool = (await service.call('GET', `/api/datasources/${datasource}/stats`)).json.pool;
    expect([pool.inUse, pool.idle]).toEqual([0, 0]);
    expect((await ask(datasource, 'select 2 as x')).json.rows).toEqual([[2]]);
  },
  120_000,
);

test.each([
  ['postgres', openPostgres, "select repeat('a', 5000000) as x from generate_series(1, 20) as g(n)"],
  ['mysql', openMysql, "select repeat('a', 5000000) as x from seq_1_to_20"],
] as const)('%s: rows of some megabytes are handed on in small batches', async (engine, open, text) => {
  const { user, password, host, port, database } = engine === 'postgres' ? postgres : mariadb;
  await using driver = open(
    { user, password, host, port, database },
    { applicationName: 'test', onPoolEvent: () => undefined },
  );
  const { signal } = new AbortController();
  const counts: number[] = [];
  for await (const { count } of driver.run(
    { text, params: [] },
    { signal, timeoutMs: 30_000, maxRowBytes: 6 * MIB },
  ))
    counts.push(count);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(20);
  expect(Math.max(...counts)).toBeLessThanOrEqual(3);
});

test('a value below the limit comes whole', async () => {
  const { json } = await ask('pg', "select repeat('ab', 4000000) as x, array_fill(1, array[1000, 100]) as y");
  expect(json.rows[0][0]).toBe('ab'.repeat(4_000_000));
  const nested = JSON.parse(
    typeof json.rows[0][1] === 'string' ? json.rows[0][1] : JSON.stringify(json.rows[0][1]),
  );
  expect([nested.length, nested[999].length]).toEqual([1000, 100]);
});

test('a preview has the same limit', async () => {
  postgres.admin(
    "create table wide (id integer, x text); insert into wide values (1, repeat('a', 30000000))",
  );
  const { json } = await service.call('GET', '/api/datasources/pg/tables/wide/preview');
  expect(json).toMatchObject({ code: 'limit.bytes', limit: 'QUERY_MAX_BYTES' });
  const pivot = await service.call('POST', '/api/query/pivot', {
    from: { datasource: 'pg', table: 'wide' },
    rows: ['x'],
    measures: [{ agg: 'count' }],
  });
  expect(pivot.json).toMatchObject({ code: 'limit.bytes', limit: 'QUERY_MAX_BYTES' });
  await until(async () => (await service.call('GET', '/api/queries')).json.items.length === 0);
});
