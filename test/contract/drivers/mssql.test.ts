import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Driver } from '../../../src/drivers/driver.ts';
import { openMssql } from '../../../src/drivers/mssql/driver.ts';
import type { Param } from '../../../src/sql/ast.ts';
import { mssqlSettings, runBatches } from '../../support/mssql-server.ts';
import { result, TdsServer } from '../../support/tds/server.ts';
import { all, failureOf, openOn, run, type Shown } from '../../unit/drivers/mssql-kit.ts';
import { CONTRACT_CASES } from './mssql-cases.ts';

/** `mssql://user:password@host:port/database`, a database in which tables may be made and dropped. */
const URL_OF_A_SERVER = Bun.env.TEST_MSSQL_URL;

const statementOf = (expression: string) => `SELECT ${expression} AS v`;

describe('values of the test server', () => {
  test.each(CONTRACT_CASES.map((one) => [one.expression, one] as const))('%s', async (expression, one) => {
    await using server = await TdsServer.start();
    server.on(statementOf(expression), result([{ name: 'v', type: one.wire }], [[one.sent]]));
    await using driver = openOn(server);
    const { columns, rows } = await all(run(driver, statementOf(expression)));
    expect(rows).toEqual([[one.shown]]);
    expect(columns[0]?.type).toBe(one.type);
  });
});

function suiteOfAServer(url: string): void {
  const settings = mssqlSettings(url);
  const open = (more = {}) =>
    openMssql({ ...settings, ...more }, { applicationName: 'contract', onPoolEvent: () => undefined });
  const signal = new AbortController().signal;
  const TABLE = 'contract_odd ]name';
  const QUOTED = '[contract_odd ]]name]';
  let driver: Driver;
  let schema: string;

  beforeAll(async () => {
    await runBatches(settings, [
      `DROP TABLE IF EXISTS ${QUOTED}`,
      `CREATE TABLE ${QUOTED} ([id] int NOT NULL PRIMARY KEY, [odd "col" €] nvarchar(40) NULL, [price] decimal(18, 4) NULL)`,
      `INSERT INTO ${QUOTED} VALUES (1, N'a', 1.5), (2, NULL, -0.0001), (3, N'ج', NULL)`,
    ]);
    driver = open();
    const { rows } = await all(run(driver, 'SELECT SCHEMA_NAME() AS s'));
    schema = String(rows[0]?.[0]);
  }, 60_000);
  afterAll(async () => {
    await driver[Symbol.asyncDispose]();
    await runBatches(settings, [`DROP TABLE IF EXISTS ${QUOTED}`]);
  });

  test.each(CONTRACT_CASES.map((one) => [one.expression, one] as const))('%s', async (expression, one) => {
    const { columns, rows } = await all(run(driver, statementOf(expression)));
    expect(rows).toEqual([[one.shown]]);
    expect(columns[0]?.type).toBe(one.type);
  });

  test.each<[Param, string, Shown]>([
    ["'; DROP TABLE x --", 'nvarchar(max)', "'; DROP TABLE x --"],
    ['é'.repeat(5000), 'nvarchar(max)', 'é'.repeat(5000)],
    [9_223_372_036_854_775_807n, 'bigint', '9223372036854775807'],
    [-(10n ** 38n - 1n), 'numeric(38, 0)', `-${'9'.repeat(38)}`],
    [0.1, 'float', 0.1],
    [true, 'bit', true],
    [null, 'nvarchar(10)', null],
  ])('parameter %p', async (value, type, shown) => {
    expect((await all(run(driver, `SELECT CAST(@p1 AS ${type}) AS v`, [value]))).rows).toEqual([[shown]]);
  });

  test('a million rows come whole, in batches', async () => {
    const ten = '(VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9))';
    const text = `SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n + 100000 * f.n AS n FROM ${['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${ten} AS ${name}(n)`).join(' CROSS JOIN ')}`;
    let rows = 0;
    let sum = 0;
    for await (const { columns, count } of run(driver, text, [], { timeoutMs: 60_000 })) {
      rows += count;
      for (let at = 0; at < count; at++) sum += columns[0]!.numbers[at]!;
    }
    expect([rows, sum]).toEqual([1_000_000, 499_999_500_000]);
  }, 60_000);

  test('what slips through the parser and writes is undone', async () => {
    await failureOf(all(run(driver, `DELETE FROM ${QUOTED}; SELECT COUNT(*) AS n FROM ${QUOTED}`)));
    expect((await all(run(driver, `SELECT COUNT(*) AS n FROM ${QUOTED}`))).rows).toEqual([[3]]);
  });

  test.each<[string, string]>([
    ['SELECT 1/0 AS n', 'query.failed'],
    ['SELECT * FROM no_such_table_anywhere', 'query.failed'],
    [`SELECT no_such_column FROM ${QUOTED}`, 'query.failed'],
    ['SELECT FROM WHERE', 'query.syntax'],
    ["SELECT CAST(N'x' AS int) AS n", 'query.failed'],
  ])('%s is %s', async (text, code) => {
    expect((await failureOf(all(run(driver, text)))).code).toBe(code);
    expect((await all(run(driver, 'SELECT 1 AS n'))).rows).toEqual([[1]]);
  });

  test('a statement whose time is over is ended, and the connection serves again', async () => {
    await using alone = open({ pool: { size: 1, maxOverflow: 0 } });
    const endless =
      'SELECT COUNT_BIG(*) AS n FROM sys.all_columns a CROSS JOIN sys.all_columns b CROSS JOIN sys.all_columns c';
    const start = Date.now();
    expect((await failureOf(all(run(alone, endless, [], { timeoutMs: 500 })))).code).toBe('query.timeout');
    expect(Date.now() - start).toBeLessThan(8000);
    expect((await all(run(alone, 'SELECT @@TRANCOUNT AS n'))).rows).toEqual([[0]]);
    expect(alone.stats()).toMatchObject({ inUse: 0, idle: 1, created: 1 });
  }, 20_000);

  test('a loop that is left early gives the connection back', async () => {
    await using alone = open({ pool: { size: 1, maxOverflow: 0 } });
    const many = 'SELECT a.object_id AS n FROM sys.all_columns a CROSS JOIN sys.all_columns b';
    for await (const _ of run(alone, many)) break;
    expect((await all(run(alone, 'SELECT 1 AS n'))).rows).toEqual([[1]]);
    expect(alone.stats()).toMatchObject({ inUse: 0, idle: 1, created: 1 });
  }, 20_000);

  test('wrong passwords and databases are told apart', async () => {
    await using wrongPassword = open({ password: 'not-it' });
    await using wrongDatabase = open({ database: 'no_such_database_here' });
    expect((await failureOf(wrongPassword.facts(signal))).code).toBe('datasource.login');
    expect((await failureOf(wrongDatabase.facts(signal))).code).toBe('datasource.database');
  }, 30_000);

  test('facts, schemas, tables and columns', async () => {
    expect((await driver.facts(signal)).version).toMatch(/^\d+\.\d+/);
    expect(await driver.schemas(signal)).toContain(schema);
    expect((await driver.tables(schema, signal)).find(({ name }) => name === TABLE)).toMatchObject({
      kind: 'table',
      schema,
    });
    expect(await driver.columns({ schema, name: TABLE }, signal)).toMatchObject([
      { name: 'id', type: 'integer', nullable: false, keyPosition: 1 },
      { name: 'odd "col" €', type: 'text', nativeType: 'nvarchar(40)', nullable: true },
      { name: 'price', type: 'decimal', precision: 18, scale: 4, nullable: true },
    ]);
    expect((await failureOf(driver.columns({ schema, name: 'no such table' }, signal))).code).toBe(
      'resource.notFound',
    );
  }, 30_000);

  test('describe does not run the statement', async () => {
    const described = await driver.describe(
      { text: `SELECT id, price * 2 AS doubled, @p1 AS given FROM ${QUOTED}`, params: ['x'] },
      signal,
    );
    expect(described.map(({ name, type }) => [name, type])).toEqual([
      ['id', 'integer'],
      ['doubled', 'decimal'],
      ['given', 'text'],
    ]);
  });
}

if (URL_OF_A_SERVER) describe('a server of the environment', () => suiteOfAServer(URL_OF_A_SERVER));
