import { describe, expect, test } from 'bun:test';
import type { Param } from '../../../src/sql/ast.ts';
import { result, TdsServer } from '../../support/tds/server.ts';
import { WIRE } from '../../support/tds/types.ts';
import { all, failureOf, openOn, run } from './mssql-kit.ts';

const LONG = 'é'.repeat(4001);

async function sent(...params: Param[]) {
  await using server = await TdsServer.start();
  server.on(/^SELECT/, result([{ name: 'n', type: WIRE.int }], [[1]]));
  await using driver = openOn(server);
  await all(run(driver, 'SELECT n', params));
  const [statement] = server.statements;
  return { declarations: statement?.declarations, parameters: statement?.parameters };
}

describe('parameters are bound, with a type of their value', () => {
  test.each<[Param, string, string, string | number | boolean | null]>([
    [null, 'nvarchar(4000)', 'nvarchar', null],
    ['', 'nvarchar(4000)', 'nvarchar', ''],
    ["'; DROP TABLE x --", 'nvarchar(4000)', 'nvarchar', "'; DROP TABLE x --"],
    ['مرحبا 😀', 'nvarchar(4000)', 'nvarchar', 'مرحبا 😀'],
    [LONG, 'nvarchar(max)', 'nvarchar(max)', LONG],
    [true, 'bit', 'bit', true],
    [false, 'bit', 'bit', false],
    [5, 'bigint', 'bigint', '5'],
    [-9_007_199_254_740_991, 'bigint', 'bigint', '-9007199254740991'],
    [0.1, 'float', 'float', 0.1],
    [1e300, 'float', 'float', 1e300],
    [9_223_372_036_854_775_807n, 'bigint', 'bigint', '9223372036854775807'],
    [-9_223_372_036_854_775_808n, 'bigint', 'bigint', '-9223372036854775808'],
    [9_223_372_036_854_775_808n, 'numeric(38, 0)', 'numeric(38,0)', '9223372036854775808'],
    [-(10n ** 38n - 1n), 'numeric(38, 0)', 'numeric(38,0)', `-${'9'.repeat(38)}`],
  ])('%p as %s', async (value, declared, type, received) => {
    expect(await sent(value)).toEqual({
      declarations: `@p1 ${declared}`,
      parameters: [{ name: '@p1', type, value: received }],
    });
  });

  test('in their order', async () => {
    const { declarations, parameters } = await sent(1, 'a', null, true);
    expect(declarations).toBe('@p1 bigint, @p2 nvarchar(4000), @p3 nvarchar(4000), @p4 bit');
    expect(parameters?.map(({ name }) => name)).toEqual(['@p1', '@p2', '@p3', '@p4']);
  });

  test('a statement without parameters declares none', async () => {
    expect(await sent()).toEqual({ declarations: undefined, parameters: [] });
  });

  test('a number that the server cannot hold is refused before it is sent', async () => {
    await using server = await TdsServer.start();
    await using driver = openOn(server);
    expect((await failureOf(all(run(driver, 'SELECT n', [10n ** 38n])))).code).toBe('query.type');
    expect(server.statements).toEqual([]);
    expect(driver.stats()).toMatchObject({ inUse: 0, idle: 1 });
  });
});
