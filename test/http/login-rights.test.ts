import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { rightsOfGrant } from '../../src/drivers/mysql/rights.ts';
import { startMariadb } from '../support/mariadb-server.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { runCommand } from '../support/program.ts';
import { openService, type TestService } from '../support/service-kit.ts';

let service: TestService;
let postgres: TestServer;
let mariadb: TestServer;

beforeAll(async () => {
  [service, postgres, mariadb] = await Promise.all([openService(), startPostgres(), startMariadb()]);
  postgres.admin(`create schema "Sales Data"; create table "Sales Data".orders (id integer); create table plain (id integer, note text);
    create role reader login password 'p'; grant usage on schema "Sales Data" to reader;
    grant select on all tables in schema public, "Sales Data" to reader;
    create role writer login password 'p' createdb; grant insert, update on "Sales Data".orders to writer; grant insert, delete on plain to writer;
    grant usage, create on schema "Sales Data" to writer; grant pg_read_server_files to writer;
    create role column_writer login password 'p'; grant update (note) on plain to column_writer;
    create role deputy login password 'p'; grant admin to deputy; create role replicator login replication password 'p'`);
  mariadb.admin(
    `create table orders (id integer);
    create user reader identified by 'p'; grant select, show view on shop.* to reader;
    create user writer identified by 'p'; grant select, insert, drop on shop.* to writer with grant option; grant file, process on *.* to writer;
    create user column_writer identified by 'p'; grant select, update (id) on shop.orders to column_writer`,
    mariadb.database,
  );
}, 60_000);
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
  await mariadb[Symbol.asyncDispose]();
});

async function warningsOf(type: 'postgres' | 'mysql', user: string, password = 'p'): Promise<string[]> {
  const { host, port, database } = type === 'postgres' ? postgres : mariadb;
  const settings = { host, port, database, user, password };
  const { json } = await service.call('POST', '/api/datasources/test', { type, settings });
  expect(json).toMatchObject({ ok: true });
  return json.warnings;
}

describe('the test of a datasource', () => {
  test('says nothing of a login that only reads', async () => {
    expect(await warningsOf('postgres', 'reader')).toEqual([]);
    expect(await warningsOf('mysql', 'reader')).toEqual([]);
  });

  test('names each right beyond reading, and how a login without them is made', async () => {
    const [writer] = await warningsOf('postgres', 'writer');
    for (const right of [
      'CREATEDB',
      'member of pg_read_server_files',
      'INSERT on table "Sales Data".orders and 1 more',
      'UPDATE on table "Sales Data".orders',
      'DELETE on table public.plain',
      'CREATE on schema "Sales Data"',
    ])
      expect(writer).toContain(right);
    expect(writer).toContain('GRANT SELECT ON ALL TABLES');
    expect(writer).not.toContain('SUPERUSER');
    const [ofColumn] = await warningsOf('postgres', 'column_writer');
    expect(ofColumn).toContain('UPDATE on table public.plain');
    expect((await warningsOf('postgres', 'deputy'))[0]).toContain('member of admin');
    expect((await warningsOf('postgres', 'replicator'))[0]).toContain('REPLICATION');
    expect((await warningsOf('postgres', postgres.user, postgres.password))[0]).toContain('SUPERUSER');
    const [maria] = await warningsOf('mysql', 'writer');
    for (const right of ['INSERT, DROP on shop.*', 'GRANT OPTION on shop.*', 'FILE', 'PROCESS'])
      expect(maria).toContain(right);
    expect(maria).toContain('GRANT SELECT, SHOW VIEW');
    expect((await warningsOf('mysql', 'column_writer'))[0]).toContain('UPDATE on shop.orders');
    expect((await warningsOf('mysql', mariadb.user, mariadb.password))[0]).toContain('ALL PRIVILEGES on *.*');
  });

  test('of a saved one likewise', async () => {
    const { host, port, database } = postgres;
    const settings = { host, port, database, user: 'writer', password: 'p' };
    await service.call('POST', '/api/datasources', { name: 'writing', type: 'postgres', settings });
    const { json } = await service.call('POST', '/api/datasources/writing/test');
    expect(json.warnings[0]).toContain('CREATEDB');
  });
});

test('doctor warns of such logins, and of databases that do not answer', async () => {
  const { host, port, database } = postgres;
  const add = (name: string, settings: object) =>
    service.call('POST', '/api/datasources', {
      name,
      type: 'postgres',
      settings: { host, port, database, ...settings },
    });
  await add('reading', { user: 'reader', password: 'p' });
  await add('too much', { user: 'writer', password: 'p' });
  await add('wrong', { user: 'reader', password: 'not this one' });
  const { out } = await runCommand(['doctor', '--json'], {
    METADATA_DB_PATH: join(service.folder, 'meta.sqlite'),
    DUCKDB_PATH: join(service.folder, 'local.duckdb'),
    SECRET_KEY: 'a-test-key-of-more-than-32-characters',
  });
  const { findings } = JSON.parse(out) as {
    findings: { check: string; state: string; says: string; todo?: string }[];
  };
  const lines = findings
    .filter(({ check }) => check === 'sources')
    .map(({ state, says, todo }) => `${state} ${says} ${todo}`);
  expect(lines).toContainEqual('ok reading answers, and its login may only read undefined');
  expect(lines.find((line) => line.startsWith('warn too much:'))).toMatch(/CREATEDB.*GRANT SELECT/);
  expect(lines.find((line) => line.startsWith('warn wrong:'))).toContain('refused the user or password');
}, 60_000);

test.each([
  ["GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*X'", []],
  ['GRANT SELECT (`a`, `b`), INSERT (`a`) ON `shop`.`orders` TO `a`@`%`', ['INSERT on shop.orders']],
  [
    'GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION',
    ['ALL PRIVILEGES on *.*', 'GRANT OPTION on *.*'],
  ],
  ['GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `a`@`%`', ['EXECUTE on shop.p']],
  ['GRANT `reporting`@`%` TO `a`@`%`', []],
  [
    "GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION",
    ["PROXY on ''@'%'", "GRANT OPTION on ''@'%'"],
  ],
])('%s', (line, rights) => {
  expect(rightsOfGrant(line)).toEqual(rights);
});
