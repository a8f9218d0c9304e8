import { describe, expect, test } from 'bun:test';
import { AppError } from '../../src/base/errors.ts';
import { FIELD_BYTES, TOO_LONG } from '../../src/domain/long-text.ts';
import { mapDuckDbError } from '../../src/drivers/duckdb/errors.ts';
import { raw, render, sql } from '../../src/sql/ast.ts';
import { compileExpression } from '../../src/sql/expression/expression.ts';
import { columnsByName, type Scope } from '../../src/sql/scope.ts';
import {
  type Engine,
  openDuckdb,
  openMariadbEngine,
  openMssqlEngine,
  openPostgresEngine,
} from './engines.ts';

const OPENED: [Engine['name'], () => Promise<Engine>, type: string][] = [
  ['duckdb', openDuckdb, 'text'],
  ['postgres', openPostgresEngine, 'text'],
  ['mysql', openMariadbEngine, 'mediumtext'],
];
const MSSQL_URL = Bun.env.TEST_MSSQL_URL;
if (MSSQL_URL) OPENED.push(['mssql', () => openMssqlEngine(MSSQL_URL), 'nvarchar(max)']);

/** `word` lengthened 24 times, of rows up to a length. */
async function lengthened(engine: Engine, expression: string, id: number) {
  const { dialect } = engine;
  const scope: Scope = {
    columns: columnsByName([{ name: 'word', type: 'text' }]),
    dialect,
    timezone: 'UTC',
    weekStart: 'monday',
    nowMs: 0,
    ranges: [],
  };
  const { sql: value, column } = compileExpression(expression, scope, '/expr');
  const statement = sql`SELECT ${value} AS v FROM (SELECT * FROM ${raw('long_words')}) AS f WHERE id = ${raw(String(id))}`;
  return engine.rows(render(statement, dialect), [{ ...column, name: 'v' }]).catch((error: unknown) => {
    throw mapDuckDbError(error);
  });
}

describe.each(OPENED)('%s', (_, open, type) => {
  test('an expression that lengthens a text answers for short ones, and names the limit for long ones', async () => {
    await using engine = await open();
    const text = (length: number) => `'${'ab'.repeat(length / 2)}'`;
    await engine.load([
      `create table long_words (id int, word ${type})`,
      `insert into long_words values (1, 'banana'), (2, ${text(FIELD_BYTES)}), (3, ${text(FIELD_BYTES + 2)}), (4, null)`,
    ]);
    const longer = `length(replace(word, 'a', '${'a'.repeat(24)}'))`;
    expect(await lengthened(engine, `replace(word, 'n', '${'-'.repeat(40)}')`, 1)).toEqual([
      [`ba${'-'.repeat(40)}a${'-'.repeat(40)}a`],
    ]);
    expect(await lengthened(engine, longer, 2)).toEqual([[String((FIELD_BYTES / 2) * 25)]]);
    expect(await lengthened(engine, longer, 4)).toEqual([[null]]);
    const error = await lengthened(engine, longer, 3).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    const { code, params, message } = error as AppError;
    expect({ code, limit: params?.limit, most: params?.most }).toEqual({
      code: 'limit.bytes',
      limit: TOO_LONG,
      most: FIELD_BYTES,
    });
    expect(message).not.toContain('abab');
    expect(await lengthened(engine, "replace(word, 'a', 'c')", 3)).toEqual([
      ['cb'.repeat(FIELD_BYTES / 2 + 1)],
    ]);
  }, 120_000);
});
