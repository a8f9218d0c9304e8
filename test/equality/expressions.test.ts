import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { Dialect as Parsed, parse as parseSql } from '@polyglot-sql/sdk';
import { AppError } from '../../src/base/errors.ts';
import type { Column, ColumnType } from '../../src/domain/column.ts';
import { raw, render, type Statement, sql } from '../../src/sql/ast.ts';
import type { Dialect } from '../../src/sql/dialect.ts';
import { dialectFor } from '../../src/sql/dialects/for-engine.ts';
import { zoneTable } from '../../src/sql/dialects/zone-table.ts';
import { compileExpression } from '../../src/sql/expression/expression.ts';
import { columnsByName, type Scope } from '../../src/sql/scope.ts';
import { NEWER_THAN_2017 } from '../support/mssql-versions.ts';
import { tableStatements } from './corpus.ts';
import {
  type Cell,
  type Engine,
  openDuckdb,
  openMariadbEngine,
  openMssqlEngine,
  openPostgresEngine,
} from './engines.ts';
import { EXPRESSION_CASES, FACTS } from './expression-cases.ts';
import { gapOf } from './gaps.ts';
import { cellOf, expressionMaker } from './random-expressions.ts';

/** After midnight in Rome, before it in UTC. */
const NOW = Date.UTC(2024, 2, 31, 22, 30);
const COLUMNS: Column[] = FACTS.map(({ name, type, ...rest }) => ({
  name,
  type: type as ColumnType,
  ...rest,
})).map(({ name, type, ...rest }) => ({ name, type, ...('scale' in rest ? { scale: rest.scale } : {}) }));

const OPENED: [Engine['name'], () => Promise<Engine>][] = [
  ['duckdb', openDuckdb],
  ['postgres', openPostgresEngine],
  ['mysql', openMariadbEngine],
];
const MSSQL_URL = Bun.env.TEST_MSSQL_URL;
if (MSSQL_URL) OPENED.push(['mssql', () => openMssqlEngine(MSSQL_URL)]);

function asked(dialect: Dialect, expression: string): { statement: Statement; column: Column } {
  const scope: Scope = {
    columns: columnsByName(COLUMNS),
    dialect,
    timezone: 'Europe/Rome',
    weekStart: 'monday',
    nowMs: NOW,
    ranges: [],
  };
  const { sql: value, column } = compileExpression(expression, scope, '/expr');
  const canonical = dialect.canonical[column.type](value);
  const shown = dialect.shown[column.type](raw('f.v'), scope.timezone);
  const statement = sql`SELECT ${shown} AS v FROM (SELECT ${canonical} AS v FROM ${raw('facts')}) AS f`;
  return { statement: render(statement, dialect), column };
}

async function valueIn(engine: Engine, expression: string): Promise<Cell> {
  const { statement, column } = asked(engine.dialect, expression);
  const [row] = await engine.rows(statement, [column]);
  return row![0]!;
}

const RANDOM = 400;

const close = (given: Cell, wanted: Cell) =>
  typeof given === 'number' &&
  typeof wanted === 'number' &&
  Math.abs(given - wanted) <= 1e-12 * Math.abs(wanted)
    ? wanted
    : given;

test('there are at least two hundred and fifty cases, each once', () => {
  const titles = EXPRESSION_CASES.map(([expression]) => expression);
  expect(new Set(titles).size).toBe(titles.length);
  expect(titles.length).toBeGreaterThanOrEqual(250);
});

describe.each(OPENED)('%s gives the values of the language', (name, open) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open();
    const row = FACTS.map(({ value }) => value);
    await engine.load(tableStatements(name, 'facts', COLUMNS, [row]));
  }, 60_000);
  afterAll(() => engine[Symbol.asyncDispose]());

  test.each([...EXPRESSION_CASES])('%s', async (expression, wanted) => {
    const gap = gapOf(name, expression);
    if (gap?.code === 'query.unsupported') {
      const failed = await valueIn(engine, expression).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(AppError);
      expect(failed).toMatchObject({ code: gap.code });
      return;
    }
    const given = await valueIn(engine, expression);
    if (gap) expect(close(given, wanted)).not.toBe(wanted);
    else expect(close(given, wanted)).toBe(wanted);
  });

  test('random expressions have the values that their parts make', async () => {
    const make = expressionMaker(20_251_125);
    for (let i = 0; i < RANDOM; i++) {
      const known = make();
      const given = await valueIn(engine, known.text);
      expect({ expression: known.text, value: given }).toEqual({
        expression: known.text,
        value: cellOf(known),
      });
    }
  });
});

test('SQL Server gets statements that can be parsed, each value as a parameter', () => {
  const dialect = dialectFor('mssql', { textComparison: 'exact', zones: zoneTable() });
  for (const [expression] of EXPRESSION_CASES) {
    const { text, params } = asked(dialect, expression).statement;
    expect({ expression, ...parseSql(text, Parsed.TSQL) }).toMatchObject({ expression, success: true });
    expect(text).not.toContain('undefined');
    expect(text).not.toMatch(NEWER_THAN_2017);
    for (const [index] of params.entries()) expect(text).toContain(`@p${index + 1}`);
  }
});
