import { expect, test } from 'bun:test';
import { AppError } from '../../../../src/base/errors.ts';
import { ident, raw, render, type Sql } from '../../../../src/sql/ast.ts';
import type { Engine } from '../../../../src/sql/dialect.ts';
import { checkSelect } from '../../../../src/sql/gate/check-select.ts';
import { sourceOfSelect, wrapWithLimit } from '../../../../src/sql/gate/select-source.ts';
import '../../../support/hostile/corpus.ts';

const SPELLING = { quote: (name: string) => `<${name}>`, placeholder: (index: number) => `@p${index}` };
const text = (fragment: Sql) => render(fragment, SPELLING).text;

function source(statement: string, engine: Engine = 'mssql', params = {}) {
  const { with: ctes, from, end } = sourceOfSelect(checkSelect(statement, engine), params);
  return { with: text(ctes), from: text(from), end: text(end) };
}

test.each([
  ['select a from t', '', '(select a from t)', ''],
  ['select a from t order by a', '', '(select a from t)', ''],
  ['select top 5 a from t order by a', '', '(select top 5 a from t order by a)', ''],
  ['select a from t order by a offset 5 rows', '', '(select a from t order by a offset 5 rows)', ''],
  [
    'select top 5 a from t union select b from u order by 1',
    '',
    '(select top 5 a from t union select b from u)',
    '',
  ],
  ['select a, rank() over (order by a) r from t', '', '(select a, rank() over (order by a) r from t)', ''],
  ['with x as (select 1 a) select a from x order by a', 'with x as (select 1 a)', '(select a from x)', ''],
  [
    'with x as (select 1 a), y(b) as (select a from x) select b from y option (maxrecursion 9)',
    'with x as (select 1 a), y(b) as (select a from x)',
    '(select b from y)',
    'option (maxrecursion 9)',
  ],
])('SQL Server: %s', (statement, ctes, from, end) => {
  expect(source(statement)).toEqual({ with: ctes, from, end });
});

test('SQL Server: rows of JSON or XML are no source', () => {
  expect(() => source('select a from t for json path')).toThrow(AppError);
});

test.each(['postgres', 'mysql'] as const)('%s keeps the statement whole', (engine) => {
  const statement = 'with x as (select 1 as a) select a from x order by a limit 3';
  expect(source(statement, engine)).toEqual({ with: '', from: `(${statement})`, end: '' });
});

test('values go with their places', () => {
  const checked = checkSelect('with x as (select :a as a) select a from x where a = :b', 'mssql');
  const { with: ctes, from } = sourceOfSelect(checked, { a: 1, b: 2 });
  expect(render(ctes, SPELLING)).toEqual({ text: 'with x as (select @p1 as a)', params: [1] });
  expect(render(from, SPELLING)).toEqual({ text: '(select a from x where a = @p1)', params: [2] });
});

test('a limit is written for each engine', () => {
  const limited = (engine: Engine) =>
    text(
      wrapWithLimit(checkSelect('select a from t', engine, { allowedTables: () => true }), {}, 7, ident('q')),
    );
  expect(limited('postgres')).toBe('SELECT * FROM (select a from t) AS <q> LIMIT 7');
  expect(limited('mssql').trim()).toBe('SELECT TOP (7) * FROM (select a from t) AS <q>');
  const withCte = wrapWithLimit(
    checkSelect('with x as (select 1 a) select a from x', 'mssql'),
    {},
    7,
    raw('q'),
  );
  expect(text(withCte).trim()).toBe('with x as (select 1 a) SELECT TOP (7) * FROM (select a from x) AS q');
});
