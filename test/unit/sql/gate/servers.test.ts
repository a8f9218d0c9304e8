import { expect, test } from 'bun:test';
import mysql from 'mysql2/promise';
import postgres from 'postgres';
import type { Param } from '../../../../src/sql/ast.ts';
import { bindNamed } from '../../../../src/sql/gate/bind-named.ts';
import { checkSelect } from '../../../../src/sql/gate/check-select.ts';
import { hostileOf, ordinaryOf } from '../../../support/hostile/corpus.ts';
import { fixtureOf, PARAMS } from '../../../support/hostile/fixture.ts';
import { startMariadb } from '../../../support/mariadb-server.ts';
import { startPostgres } from '../../../support/postgres-server.ts';

type Engine = 'postgres' | 'mysql';
type Answer = { names: string[]; rows: unknown };
type Run = (text: string, params?: Param[]) => Promise<Answer>;

const NEEDS: Record<string, string | number> = { lo: 1 };

/** Its text without the gate, where it has no parameters; moments are left out by the corpus, but for comparisons with them. */
async function sameAnswers(engine: Engine, run: Run): Promise<string[]> {
  const wrong: string[] = [];
  for (const text of ordinaryOf(engine)) {
    const checked = checkSelect(text, engine);
    const values = Object.fromEntries(checked.params.map((name) => [name, PARAMS[name] ?? NEEDS[name]!]));
    const statement = bindNamed(checked, values);
    try {
      const answer = await run(statement.text, statement.params);
      if (checked.params.length > 0) continue;
      const direct = await run(text);
      if (!Bun.deepEquals(answer.rows, direct.rows)) wrong.push(`${text}: other rows`);
    } catch (error) {
      wrong.push(`${text}: ${String(error)}`);
    }
  }
  return wrong;
}

/** Each on its own; what the second wall does not stop shows in `state`. */
async function runHostile(engine: Engine, run: (text: string) => Promise<void>): Promise<void> {
  for (const { text } of hostileOf(engine)) if (!text.includes('\0')) await run(text);
}

test('PostgreSQL: ordinary statements keep their answers, hostile ones change nothing in a read-only session', async () => {
  await using server = await startPostgres();
  for (const statement of fixtureOf('postgres')) server.admin(statement);
  server.admin(`create role reader login password 'reader'; grant all on all tables in schema public to reader;
    grant all on schema public to reader; create sequence orders_id_seq; grant all on sequence orders_id_seq to reader`);
  const connect = () =>
    postgres({
      host: server.host,
      port: server.port,
      database: server.database,
      username: 'reader',
      password: 'reader',
      max: 1,
      fetch_types: false,
      onnotice: () => undefined,
      connection: { statement_timeout: 100 },
    });
  const sql = connect();
  const run: Run = async (text, params = []) => {
    const rows = await sql.begin('read only', (tx) => tx.unsafe(text, params as never[], { prepare: true }));
    return { names: rows.columns.map(({ name }) => name), rows: [...rows] };
  };
  expect(await sameAnswers('postgres', run)).toEqual([]);
  await sql.end();
  const state = () =>
    server.admin(
      'select * from orders order by id; select * from customers order by id; select last_value, is_called from orders_id_seq; select count(*) from pg_class',
    );
  const before = state();
  await runHostile('postgres', async (text) => {
    const other = connect();
    await other
      .begin('read only', (tx) => tx.unsafe(text, [], { prepare: true }))
      .catch((error: unknown) => expect(error).toBeInstanceOf(Error));
    await other.end({ timeout: 1 });
  });
  expect(state()).toBe(before);
}, 120_000);

test('MariaDB: ordinary statements keep their answers, hostile ones change nothing in a read-only session', async () => {
  await using server = await startMariadb();
  for (const statement of fixtureOf('mysql')) server.admin(statement);
  server.admin("create user reader identified by 'reader'; grant all on shop.* to reader");
  const connect = async () => {
    const connection = await mysql.createConnection({
      host: server.host,
      port: server.port,
      database: server.database,
      user: 'reader',
      password: 'reader',
    });
    await connection.query('set session transaction read only');
    await connection.query('set session max_statement_time = 0.2');
    return connection;
  };
  const connection = await connect();
  const run: Run = async (text, params = []) => {
    const [rows, fields] = await connection.query({
      sql: text,
      values: params as never[],
      rowsAsArray: true,
    });
    return { names: fields.map(({ name }) => name), rows };
  };
  expect(await sameAnswers('mysql', run)).toEqual([]);
  await connection.end();
  const state = () =>
    server.admin(
      'select * from orders order by id; select * from customers order by id; show tables; show grants for reader',
    );
  const before = state();
  await runHostile('mysql', async (text) => {
    const other = await connect();
    await other.query('start transaction read only');
    await other.query(text).catch((error: unknown) => expect(error).toBeInstanceOf(Error));
    other.destroy();
  });
  expect(state()).toBe(before);
}, 120_000);
