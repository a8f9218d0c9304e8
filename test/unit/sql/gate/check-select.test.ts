import { describe, expect, test } from 'bun:test';
import { AppError } from '../../../../src/base/errors.ts';
import type { Engine } from '../../../../src/sql/dialect.ts';
import { type CheckOptions, checkSelect } from '../../../../src/sql/gate/check-select.ts';
import '../../../support/hostile/corpus.ts';

function fault(
  text: string,
  engine: Engine = 'postgres',
  options: CheckOptions = {},
): Record<string, unknown> {
  try {
    checkSelect(text, engine, options);
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, ...error.params };
    throw error;
  }
  return { code: 'none' };
}

const runs = (text: string, engine: Engine) => checkSelect(text, engine, { allowedTables: () => true }).text;

describe('the text that runs', () => {
  test.each([
    ['postgres', 'select a -- x\n, /* y */ b from t;', 'select a , b from t'],
    ['postgres', "select 'a\\b', E'it\\'s\\n', $$x'y$$", "select E'a\\\\b', 'it''s\n', 'x''y'"],
    ['postgres', 'select "a""b"', 'select "a""b"'],
    ['postgres', 'select a<-1, a- -1', 'select a< -1, a- -1'],
    ['mysql', `select "a'b", 'a\\'b', 'c\\\\d', 'x\\%'`, "select 'a''b', 'a''b', 'c\\\\d', 'x\\\\%'"],
    ['mysql', 'select 1--1 # x\n', 'select 1- -1'],
    [
      'mysql',
      'select count(*), char_length(a), length(a) from t',
      'select count(*), char_length(a), length(a) from t',
    ],
    ['mssql', "select \"a]b\", [c]]d], N'e''f' from t", "select [a]]b], [c]]d], N'e''f' from t"],
    ['duckdb', "select 'a\\', b from t", "select 'a\\', b from t"],
  ] as const)('%s: %s', (engine, text, expected) => {
    expect(runs(text, engine)).toBe(expected);
  });
});

describe('refusals', () => {
  test('say where', () => {
    expect(fault('select 1,\n  pg_sleep(1)')).toEqual({
      code: 'query.refused',
      reason: 'function',
      what: 'pg_sleep',
      line: 2,
      column: 3,
    });
    expect(fault('select a\nfrom t\nwhere )')).toEqual({ code: 'query.syntax', line: 3, column: 7 });
    expect(fault("select 1\n, 'open")).toEqual({ code: 'query.syntax', line: 2, column: 4 });
  });

  test('come for what is too long or too deep, never as a crash', () => {
    expect(fault(`select '${'é'.repeat(60)}'`, 'postgres', { maxBytes: 100 })).toMatchObject({
      reason: 'tooLong',
    });
    expect(fault(`select ${'('.repeat(9)}1${')'.repeat(9)}`, 'postgres', { maxDepth: 8 })).toMatchObject({
      reason: 'tooComplex',
    });
    for (const text of [
      `select ${'('.repeat(60)}1${')'.repeat(60)}`,
      `select 1${' + 1'.repeat(4_900)}`,
      `select ${'not '.repeat(5_000)} a`,
      `select 1${' union all select 1'.repeat(2_000)}`,
      `select 1${'::int'.repeat(4_000)}`,
      `select ${'1,'.repeat(9_000)}1`,
    ]) {
      expect(fault(text)).toMatchObject({ code: 'query.refused', reason: 'tooComplex' });
      expect(fault('select 1')).toEqual({ code: 'none' });
    }
    expect(fault(`select a${'.b'.repeat(4_000)}`)).toMatchObject({ code: 'query.refused' });
  });
});

describe('tables', () => {
  const tablesOf = (text: string) =>
    checkSelect(text, 'duckdb', { allowedTables: () => true }).tables.map(({ name }) => name);

  test('are those of no CTE in scope', () => {
    expect(tablesOf('with x as (select * from a) select * from x join b on true')).toEqual(['a', 'b']);
    expect(tablesOf('with x as (select * from x) select * from x')).toEqual(['x']);
    expect(
      tablesOf('with recursive x as (select 1 as n union all select n + 1 from x) select * from x'),
    ).toEqual([]);
    expect(tablesOf('select * from (with x as (select 1) select * from x) a, x')).toEqual(['x']);
    expect(tablesOf('with a as (select * from b), b as (select 1) select * from a, b')).toEqual(['b']);
    expect(tablesOf('with x as (select 1) select 1 union select * from x')).toEqual([]);
    expect(tablesOf('(with x as (select 1) select 1) union select * from x')).toEqual(['x']);
    expect(tablesOf('with "X" as (select 1) select * from x')).toEqual([]);
  });

  test('of datasets are refused unless allowed; those of databases may be limited', () => {
    expect(fault('select * from a', 'duckdb')).toMatchObject({ reason: 'table', what: 'a' });
    expect(fault('select * from a', 'mssql', { allowedTables: ({ name }) => name === 'b' })).toMatchObject({
      reason: 'table',
    });
    expect(fault('select * from other.dbo.a', 'mssql')).toMatchObject({ reason: 'table' });
    expect(fault('select * from other.dbo.a', 'mssql', { allowedTables: () => true })).toEqual({
      code: 'none',
    });
    expect(fault('select * from sys.sql_logins', 'mssql', { allowedTables: () => true })).toMatchObject({
      reason: 'table',
    });
  });
});

test('what the checker gives is plain data', () => {
  const checked = checkSelect('select :a as a from t', 'postgres');
  expect(structuredClone(checked)).toEqual(checked);
  expect(checked.params).toEqual(['a']);
});
