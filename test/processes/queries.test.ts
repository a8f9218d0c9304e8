import { afterAll, beforeAll, expect, test } from 'bun:test';
import { SQL } from 'bun';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { until } from '../support/service-kit.ts';
import { Cluster } from './cluster.ts';

const SLOW = 'SELECT count(*) AS n FROM big a, big b, big c';

let server: TestServer;
let dsn: string;
let sql: SQL;

beforeAll(async () => {
  server = await startPostgres();
  const { user, password, host, port, database } = server;
  dsn = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  sql = new SQL(dsn);
  await sql`CREATE TABLE big AS SELECT n FROM generate_series(1, 100000) AS n`;
});
afterAll(async () => {
  await sql.end();
  await server[Symbol.asyncDispose]();
});

/** Statements of the service that run in the database. */
async function statements(): Promise<number> {
  const [row] = await sql`SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE state = 'active' AND query LIKE '%FROM big%' AND pid <> pg_backend_pid()`;
  return (row as { n: number }).n;
}

const ask = (cluster: Cluster, requestId: string) =>
  fetch(`${cluster.url}/api/query`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${cluster.key}`,
      'content-type': 'application/json',
      connection: 'close',
    },
    body: JSON.stringify({ datasource: 'postgres', sql: SLOW, requestId }),
  });

test('a query is seen and cancelled through whichever process gets the request', async () => {
  await using cluster = await Cluster.start({ POSTGRES_DSN: dsn });
  for (let round = 0; round < 4; round++) {
    const requestId = `slow-${round}`;
    const asked = ask(cluster, requestId);
    await until(async () => (await statements()) === 1);
    const { items } = (await (await cluster.get('/api/queries')).json()) as { items: unknown[] };
    expect(items).toMatchObject([{ requestId }]);
    const cancelled = await fetch(`${cluster.url}/api/queries/${requestId}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${cluster.key}`, connection: 'close' },
    });
    expect(cancelled.status).toBe(204);
    expect(((await (await asked).json()) as { code: string }).code).toBe('query.cancelled');
    await until(async () => (await statements()) === 0);
  }
});

test('SIGTERM: a query past the grace ends in the database', async () => {
  await using cluster = await Cluster.start({ POSTGRES_DSN: dsn, GRACEFUL_TIMEOUT: '1' });
  const asked = ask(cluster, 'last').catch(String);
  await until(async () => (await statements()) === 1);
  expect(await cluster.end()).toBe(0);
  expect(await statements()).toBe(0);
  await asked;
  expect(cluster.of('process.stopTimedOut')).toEqual([]);
});
