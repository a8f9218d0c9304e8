import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { freePort } from '../support/server-process.ts';
import { openService, type TestService } from '../support/service-kit.ts';

let server: TestServer;
let service: TestService;
let settings: Record<string, unknown>;

beforeAll(async () => {
  server = await startPostgres();
  const { host, port, user, password, database } = server;
  settings = { host, port, user, password, database };
  server.admin(
    `create table orders (id bigint primary key, note text);
    comment on column orders.note is 'free text';
    insert into orders values (9007199254740993, 'a'), (2, null)`,
    database,
  );
  const dsn = `postgresql+psycopg://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  service = await openService({ POSTGRES_DSN: `${dsn}?sa_pool_size=2&sa_max_overflow=3&sa_pool_timeout=5` });
}, 60_000);
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

const trial = async (change: Record<string, unknown>) =>
  (
    await service.call('POST', '/api/datasources/test', {
      type: 'postgres',
      settings: { ...settings, ...change },
    })
  ).json;

describe('a PostgreSQL server', () => {
  test('answers a test with what it is', async () => {
    expect(await trial({})).toMatchObject({
      ok: true,
      version: expect.stringMatching(/\d/),
      product: expect.any(String),
    });
    expect(await trial({ tls: { mode: 'verify', ca: server.ca } })).toMatchObject({ ok: true });
  });

  test('what is wrong is told apart', async () => {
    const faults = {
      'datasource.login': { password: 'wrong' },
      'datasource.database': { database: 'nowhere' },
      'datasource.tls': { tls: { mode: 'verify' } },
      'datasource.unreachable': { port: await freePort() },
    };
    const told: Record<string, unknown> = {};
    for (const [code, change] of Object.entries(faults)) told[code] = await trial(change);
    expect(told).toEqual(
      Object.fromEntries(
        Object.keys(faults).map((code) => [
          code,
          { ok: false, code, detail: expect.stringMatching(/\w{3}/), elapsedMs: expect.any(Number) },
        ]),
      ),
    );
    const unknown = await trial({ host: 'no-such-host.invalid' });
    expect(unknown).toMatchObject({ ok: false, code: 'datasource.unreachable' });
  });

  test('that the environment names shows its tables, columns and rows', async () => {
    const get = async (path: string) => (await service.call('GET', `/api/datasources/postgres${path}`)).json;
    expect((await service.call('POST', '/api/datasources/postgres/test')).json).toMatchObject({ ok: true });
    expect((await get('')).server).toMatchObject({ product: expect.any(String) });
    expect((await get('/schemas')).items).toContainEqual({ name: 'public' });
    expect((await get('/tables?schema=public')).items).toMatchObject([
      { schema: 'public', name: 'orders', kind: 'table' },
    ]);
    expect((await get('/tables/orders/columns')).items).toMatchObject([
      { name: 'id', type: 'integer', nativeType: 'bigint', nullable: false, keyPosition: 1 },
      { name: 'note', type: 'text', nativeType: 'text', nullable: true, comment: 'free text' },
    ]);
    const { columns, rows } = await get('/tables/orders/preview');
    expect(columns).toMatchObject([
      { name: 'id', type: 'integer' },
      { name: 'note', type: 'text' },
    ]);
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).toContain('9007199254740993');
    expect((await get('/stats')).pool.created).toBeGreaterThan(0);
    expect((await service.call('GET', '/api/datasources/postgres/tables/nowhere/columns')).status).toBe(404);
    expect(service.logged.join('')).not.toContain(server.password);
  });
});
