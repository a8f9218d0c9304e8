import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { MYSQL_FUNCTIONS } from '../../src/sql/gate/rules/mysql-functions.ts';
import { POSTGRES_FUNCTIONS } from '../../src/sql/gate/rules/postgres-functions.ts';
import { startMariadb } from '../support/mariadb-server.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { openService, type TestService } from '../support/service-kit.ts';

let service: TestService;
let postgres: TestServer;
let mariadb: TestServer;

const settingsOf = ({ user, password, host, port, database }: TestServer) => ({
  user,
  password,
  host,
  port,
  database,
});
const ask = (datasource: string, sql: string) => service.call('POST', '/api/query', { datasource, sql });

beforeAll(async () => {
  [service, postgres, mariadb] = await Promise.all([
    openService({ QUERY_RATE_PER_SEC: '1000', QUERY_BURST: '5000' }),
    startPostgres(),
    startMariadb(),
  ]);
  postgres.admin(`create schema sales;
    create function sales.net_price(numeric) returns numeric language sql as 'select $1 * 0.8';
    create function net_price(numeric) returns numeric language sql as 'select $1 * 0.5';
    create function "Net_Price"(numeric) returns numeric language sql as 'select -1.0';
    create type mood as enum ('good', 'bad')`);
  mariadb.admin(
    'create function net_price(x decimal(10, 2)) returns decimal(10, 2) deterministic return x * 0.8',
    mariadb.database,
  );
  for (const [name, type, server] of [
    ['pg', 'postgres', postgres],
    ['maria', 'mysql', mariadb],
  ] as const) {
    const { status } = await service.call('POST', '/api/datasources', {
      name,
      type,
      settings: settingsOf(server),
    });
    expect(status).toBe(201);
  }
}, 60_000);
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
  await mariadb[Symbol.asyncDispose]();
});

describe('functions of users', () => {
  test('pass only where the datasource lists them, in the spelling that it lists', async () => {
    const refused = await ask('pg', 'select sales.net_price(10) as x');
    expect(refused.json).toMatchObject({
      code: 'query.refused',
      reason: 'function',
      what: 'sales.net_price',
    });
    expect(refused.json.detail).toContain('settings.allowFunctions');
    expect(refused.status).toBe(403);
    const changed = await service.call('PATCH', '/api/datasources/pg', {
      settings: { allowFunctions: ['sales.net_price'] },
    });
    expect(changed.json.settings.allowFunctions).toEqual(['sales.net_price']);
    expect((await ask('pg', 'select sales.net_price(10) as x')).json.rows).toEqual([['8.0']]);
    expect((await ask('pg', 'select SALES.NET_PRICE(10) as x')).json.rows).toEqual([['8.0']]);
    for (const sql of [
      'select net_price(10)',
      'select "Net_Price"(10)',
      'select sales."NET_PRICE"(10)',
      'select public.net_price(10)',
      'select pg_sleep(1)',
    ])
      expect((await ask('pg', sql)).json).toMatchObject({ code: 'query.refused', reason: 'function' });
  });

  test('pass in SQL that is a source, too', async () => {
    const spec = { from: { datasource: 'pg', sql: 'select sales.net_price(10) as x' }, dimensions: ['x'] };
    expect((await service.call('POST', '/api/query/spec', spec)).json.rows).toEqual([['8.0']]);
  });

  test('of MySQL likewise', async () => {
    expect((await ask('maria', 'select net_price(10) as x')).json).toMatchObject({
      code: 'query.refused',
      what: 'net_price',
    });
    await service.call('PATCH', '/api/datasources/maria', { settings: { allowFunctions: ['net_price'] } });
    expect((await ask('maria', 'select net_price(10) as x')).json.rows).toEqual([['8.00']]);
    expect((await ask('maria', 'select shop.net_price(10) as x')).status).toBe(403);
  });

  test.each([['a b'], ['a.b.c'], [''], ['a;drop'], ['a('], ['"x"'], [7]])(
    '%p is no name of a function',
    async (name) => {
      const { json, status } = await service.call('PATCH', '/api/datasources/pg', {
        settings: { allowFunctions: [name] },
      });
      expect(json.pointer).toContain('/settings/allowFunctions/0');
      expect(status).toBe(400);
    },
  );

  test('enums may be cast to; types that look objects up may not', async () => {
    expect((await ask('pg', "select 'good'::mood as m")).json.rows).toEqual([['good']]);
    for (const sql of [
      "select '{pg_class}'::_regclass",
      "select 'pg_class'::regclass",
      "select cast('{admin}' as regrole[])",
    ])
      expect((await ask('pg', sql)).json).toMatchObject({ code: 'query.refused', reason: 'table' });
  });
});

describe('the user of the database', () => {
  test.each([
    ['pg', 'select current_user as me'],
    ['pg', 'select session_user as me'],
    ['pg', 'select user as me'],
    ['pg', 'select * from user'],
    ['maria', 'select user() as me'],
    ['maria', 'select current_user as me'],
    ['maria', 'select session_user() as me'],
  ])('%s: %s does not show it', async (datasource, sql) => {
    const { json, text } = await ask(datasource, sql);
    expect(json).toMatchObject({ code: 'query.refused', reason: 'function' });
    expect(text).not.toMatch(/admin@/);
  });
});

test('every function that PostgreSQL has on the list is stable, and writes, waits and looks up nothing', async () => {
  const listed = [...POSTGRES_FUNCTIONS.functions].map((name) => `'${name}'`).join(', ');
  const volatile = postgres
    .admin(`select distinct proname from pg_proc where pronamespace = 'pg_catalog'::regnamespace and provolatile = 'v'
      and proname in (${listed}) order by 1`)
    .split('\n');
  expect(volatile).toEqual(['clock_timestamp', 'gen_random_uuid', 'random', 'timeofday']);
  const dangerous = postgres
    .admin(`select proname from pg_proc where pronamespace = 'pg_catalog'::regnamespace and proname in (${listed})
      and prosrc ~ '(file|_dir|acl|privilege|lo_|advisory|xml|reload|rotate|regclass|setting)'
      and proname <> 'text'`)
    .split('\n');
  expect(dangerous).toEqual(['']);
});

test('MariaDB has no stored function behind a name on the list', () => {
  const listed = [...MYSQL_FUNCTIONS.functions].map((name) => `'${name}'`).join(', ');
  expect(
    mariadb.admin(
      `select routine_name from information_schema.routines where routine_schema <> 'sys' and routine_name in (${listed})`,
    ),
  ).toBe('');
});
