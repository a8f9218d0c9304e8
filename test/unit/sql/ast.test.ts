import { expect, test } from 'bun:test';
import { ident, join, param, raw, render, sql } from '../../../src/sql/ast.ts';
import { duckdb } from '../../../src/sql/dialects/duckdb.ts';
import { compileSpec } from '../../../src/sql/spec.ts';
import { openDatabase, scopeOf, table } from './duckdb.ts';

test('values become numbered parameters in the order of the text, wherever the fragments came from', () => {
  const inner = sql`${ident('b')} = ${param(2)}`;
  const whole = sql`${ident('a')} = ${param('x')} AND (${join([inner, inner, raw('TRUE')], ' OR ')})`;
  expect(render(whole, duckdb)).toEqual({
    text: '"a" = $1 AND ("b" = $2 OR "b" = $3 OR TRUE)',
    params: ['x', 2, 2],
  });
});

test('a quote in a name stays inside of the name', () => {
  expect(render(ident('x"; drop table t; --'), duckdb).text).toBe('"x""; drop table t; --"');
});

test('a name with a NUL character is refused', () => {
  expect(() => ident('a\u0000b')).toThrow('NUL');
});

const HOSTILE = [
  'x"; drop table t; --',
  "it's",
  'a.b',
  'semi;colon',
  '🦆 duck',
  ' spaced ',
  'select',
  '$1',
  '?',
  '/* c */',
  'line\nbreak',
  '"',
  'd0',
  'x0',
  'm0',
  'r',
  'g',
];

test.each(HOSTILE)(
  'a column called %j is grouped, summed, filtered and ordered, and the table still stands',
  async (name) => {
    await using db = await openDatabase();
    const column = render(ident(name), duckdb).text;
    await db.run(`CREATE TABLE t AS SELECT * FROM (VALUES (1::BIGINT), (1), (2), (NULL)) AS v(${column})`);
    const scope = scopeOf([{ name, type: 'integer' }]);
    const { statement, columns } = compileSpec(
      {
        from: { dataset: 't' },
        dimensions: [name],
        measures: [{ agg: 'sum', field: name, as: `${name}!`, where: { field: name, op: 'gt', value: 0 } }],
        where: { field: name, op: 'isNotNull' },
        having: { field: `${name}!`, op: 'gt', value: 0 },
        order: [{ by: name, dir: 'desc' }],
      },
      table('t'),
      scope,
    );
    expect(await db.rows(statement)).toEqual([
      ['2', '2'],
      ['1', '2'],
    ]);
    expect(columns.map((c) => c.name)).toEqual([name, `${name}!`]);
    expect(await db.rows(sql`SELECT count(*) FROM t`)).toEqual([['4']]);
  },
);

test('columns that bear the names we use inside do not mix with them', async () => {
  await using db = await openDatabase();
  await db.run(
    `CREATE TABLE t AS SELECT 10::BIGINT AS d0, 20::BIGINT AS d1, 30::BIGINT AS x0, 40::BIGINT AS m0`,
  );
  const scope = scopeOf(['d0', 'd1', 'x0', 'm0'].map((name) => ({ name, type: 'integer' as const })));
  const { statement } = compileSpec(
    {
      from: { dataset: 't' },
      dimensions: [
        { field: 'd1', as: 'm0' },
        { field: 'd0', as: 'd1' },
        { field: 'm0', as: 'd0' },
      ],
      measures: [
        { agg: 'sum', field: 'd0', as: 'x' },
        { agg: 'max', field: 'x0', as: 'x0' },
      ],
      where: { field: 'd0', op: 'eq', value: 10 },
    },
    table('t'),
    scope,
  );
  expect(await db.rows(statement)).toEqual([['20', '10', '40', '10', '30']]);
});

test('a fragment may have more parts than a call takes arguments', () => {
  const many = join(
    Array.from({ length: 300_000 }, () => raw('1')),
    '+',
  );
  expect(render(sql`(${many})`, duckdb).text).toHaveLength(600_001);
});
