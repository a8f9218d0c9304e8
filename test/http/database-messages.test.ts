import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import postgresClient from 'postgres';
import { mapDuckDbError } from '../../src/drivers/duckdb/errors.ts';
import { statementError } from '../../src/drivers/mssql/errors.ts';
import { postgresError } from '../../src/drivers/postgres/errors.ts';
import { startMariadb } from '../support/mariadb-server.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { openService, type TestService } from '../support/service-kit.ts';

let service: TestService;
let postgres: TestServer;
let mariadb: TestServer;

beforeAll(async () => {
  [service, postgres, mariadb] = await Promise.all([
    openService({ QUERY_RATE_PER_SEC: '1000', QUERY_BURST: '5000' }),
    startPostgres(),
    startMariadb(),
  ]);
  postgres.admin(`create table orders (id integer, qty integer, note text); insert into orders values (1, 2147483647, 'secret words');
    create view seen as select * from orders;
    create function ends_itself() returns integer language plpgsql as $$ begin commit; return 1; end $$`);
  mariadb.admin(
    `create table orders (id integer, qty bigint unsigned, note varchar(100)) engine = innodb; insert into orders values (1, 3, 'secret words')`,
    mariadb.database,
  );
  for (const [name, type, server] of [
    ['pg', 'postgres', postgres],
    ['maria', 'mysql', mariadb],
  ] as const) {
    const { user, password, host, port, database } = server;
    const settings = { user, password, host, port, database, allowFunctions: ['ends_itself'] };
    expect((await service.call('POST', '/api/datasources', { name, type, settings })).status).toBe(201);
  }
  await service.upload('sales', 'sales.csv', 'id,n,note\n1,9223372036854775807,secret words\n');
}, 60_000);
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
  await mariadb[Symbol.asyncDispose]();
});

const ask = (datasource: string | undefined, sql: string) =>
  service.call('POST', '/api/query', { ...(datasource ? { datasource } : {}), sql });

test.each([
  ['pg', 'select qty + 1 as x from orders', 422, 'query.failed', ['type integer', 'cast']],
  ['pg', 'select note::integer as x from orders', 422, 'query.failed', ['type integer']],
  ['pg', "select cast('9999999999' as integer) as x", 422, 'query.failed', ['type integer', 'cast']],
  ['pg', 'select cast(note as date) as x from orders', 422, 'query.failed', ['type date']],
  [
    'pg',
    'select ends_itself() as x',
    403,
    'query.refused',
    ['ends the transaction', 'call another function'],
  ],
  [
    'pg',
    'select * from seen tablesample system (10)',
    422,
    'query.unsupported',
    ['materialized views', 'random()'],
  ],
  [
    'pg',
    'select * from orders tablesample (10)',
    422,
    'query.unsupported',
    ['BERNOULLI (10)', 'line 1, column 22'],
  ],
  [
    'pg',
    'select 1 /* a /* b */ c */',
    403,
    'query.refused',
    ['holds another comment', 'line 1, column 10', 'take it out'],
  ],
  ['maria', 'select qty - 4 as x from orders', 422, 'query.failed', ['bigint unsigned', 'CAST(x AS SIGNED)']],
  [
    'maria',
    "select id from orders where match (note) against ('words')",
    422,
    'query.unsupported',
    ['FULLTEXT index', 'LIKE'],
  ],
  ['maria', 'select * from orders tablesample system (10)', 422, 'query.unsupported', ['rand() < 0.1']],
  [undefined, 'select n + 1 as x from sales', 422, 'query.failed', ['addition', 'type INT64', 'cast']],
  [undefined, 'select cast(note as integer) as x from sales', 422, 'query.failed', ['TRY_CAST', 'INT32']],
  [
    undefined,
    'select * from nothing_here',
    404,
    'resource.notFound',
    ['"nothing_here"', 'GET /api/datasets'],
  ],
  [undefined, 'select * from Sales', 404, 'resource.notFound', ['did you mean "sales"']],
  [
    undefined,
    'with x as (select 1 as a) select * from x join lost on true',
    404,
    'resource.notFound',
    ['"lost"'],
  ],
] as const)('%s: %s', async (datasource, sql, status, code, words) => {
  const answer = await ask(datasource, sql);
  for (const word of words) expect(answer.json.detail).toContain(word);
  expect(answer.json.detail).not.toContain('secret');
  expect([answer.json.code, answer.status]).toEqual([code, status]);
});

test.each([
  "select * from '/etc/passwd'",
  "select * from 'x.csv'",
  'select * from sqlite_master',
  'select * from main.sales',
  'select * from duckdb_settings',
])('%s over datasets is refused, not looked for', async (sql) => {
  expect((await ask(undefined, sql)).json).toMatchObject({ code: 'query.refused', reason: 'table' });
});

test('a foreign table whose mapping has no password is a matter of rights', () => {
  const error = Object.assign(new postgresClient.PostgresError('password is required' as never), {
    code: '2F003',
  });
  const { code, message } = postgresError(error);
  expect(message).toContain('user mapping has no password');
  expect(code).toBe('datasource.rights');
});

describe('a standby', () => {
  const conflict = (fields: object) =>
    postgresError(
      Object.assign(new postgresClient.PostgresError('x' as never), { code: '40001', ...fields }),
    );

  test.each([
    { message: 'canceling statement due to conflict with recovery' },
    {
      message: 'Anweisung wird abgebrochen wegen Konflikt mit Wiederherstellung',
      routine: 'ProcessInterrupts',
    },
    { message: 'x', routine: 'ProcessRecoveryConflictInterrupt' },
  ])('says that it replays changes, and what helps: %p', (fields) => {
    const { code, message, retryAfterS } = conflict(fields);
    expect(message).toContain('standby');
    expect(message).toContain('hot_standby_feedback');
    expect([code, retryAfterS]).toEqual(['query.failed', 1]);
  });

  test('another collision is told as one', () => {
    expect(conflict({ message: 'could not serialize access', routine: 'heap_update' }).message).toContain(
      'collided',
    );
  });
});

test.each([
  ['Arithmetic overflow error converting expression to data type int.', 8115, ['type int', 'bigint']],
  ["Conversion failed when converting the varchar value 'secret' to data type int.", 245, ['type int']],
  ['Arithmetic overflow error for type varchar, value = 7.', 232, ['too large']],
])('SQL Server: %s', (message, number, words) => {
  const detail = statementError(Object.assign(new Error(message), { number, class: 16 })).message;
  for (const word of words) expect(detail).toContain(word);
  expect(detail).not.toContain('secret');
});

test.each([
  [
    'Out of Range Error: Overflow in multiplication of INT64 (9223372036854775807 * 2)!',
    ['multiplication', 'type INT64'],
  ],
  [
    "Conversion Error: Could not convert string 'secret' to INT32\n\nLINE 1: SELECT CAST('secret' AS INTEGER)",
    ['INT32'],
  ],
  [
    "Conversion Error: Type INT64 with value 99 can't be cast because the value is out of range for the destination type INT8",
    ['type INT8'],
  ],
  [
    'Conversion Error: Casting value "12345" to type DECIMAL(4,2) failed: value is out of range!',
    ['DECIMAL(4,2)'],
  ],
])('DuckDB: %s', (text, words) => {
  const { message } = mapDuckDbError(new Error(text)) as Error;
  for (const word of words) expect(message).toContain(word);
  expect(message).not.toMatch(/secret|12345|9223372036854775807/);
});
