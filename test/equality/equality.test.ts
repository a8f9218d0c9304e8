import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { AppError } from '../../src/base/errors.ts';
import type { Column } from '../../src/domain/column.ts';
import { DistinctSpec, QuerySpec } from '../../src/domain/query-spec.ts';
import { parse } from '../../src/domain/schema.ts';
import { raw, render, type Sql } from '../../src/sql/ast.ts';
import { compileDistinct } from '../../src/sql/distinct.ts';
import { columnsByName, type Scope } from '../../src/sql/scope.ts';
import { compileSpec } from '../../src/sql/spec.ts';
import { COLUMNS, corpusStatements } from './corpus.ts';
import { covering } from './covering.ts';
import {
  type Cell,
  type Engine,
  openDuckdb,
  openMariadbEngine,
  openMssqlEngine,
  openPostgresEngine,
} from './engines.ts';
import { EXPRESSION_DISTINCTS, expressionSpecs } from './expression-specs.ts';
import { gapOf } from './gaps.ts';
import { openPartitionedEngine } from './partitioned-engine.ts';
import { allSpecs, DISTINCTS } from './specs.ts';

const NOW = Date.UTC(2024, 3, 1, 0, 30);
const SOURCE = raw('corpus');

interface Asked {
  statement: Sql;
  columns: Column[];
}

interface Case {
  title: string;
  compile(scope: Scope): Asked[];
  timezone: string;
  weekStart: NonNullable<QuerySpec['weekStart']>;
}

const COUNTED: Column[] = [{ name: 'n', type: 'integer' }];

const CASES: Case[] = [
  ...[...allSpecs(), ...expressionSpecs()].map((body): Case => {
    const spec = parse(QuerySpec, JSON.parse(JSON.stringify(body)));
    return {
      title: JSON.stringify(body),
      timezone: spec.timezone ?? 'UTC',
      weekStart: spec.weekStart ?? 'monday',
      compile: (scope) => {
        const { statement, columns, countStatement } = compileSpec(spec, SOURCE, scope);
        return [
          { statement, columns },
          ...(countStatement ? [{ statement: countStatement, columns: COUNTED }] : []),
        ];
      },
    };
  }),
  ...[...DISTINCTS, ...EXPRESSION_DISTINCTS].map((body): Case => {
    const spec = parse(DistinctSpec, JSON.parse(JSON.stringify(body)));
    return {
      title: `distinct ${JSON.stringify(body)}`,
      timezone: spec.timezone ?? 'UTC',
      weekStart: 'monday',
      compile: (scope) => [compileDistinct(spec, SOURCE, scope)],
    };
  }),
];

type Answer = Cell[][][] | { code: string };

/** DuckDB is asked of datasets, whose decimals tell their digits. */
const columnsOf = ({ name }: Engine): Column[] =>
  COLUMNS.map((column) =>
    name === 'duckdb' && column.type === 'decimal' ? { ...column, scale: 2 } : column,
  );

async function answerOf(engine: Engine, { compile, timezone, weekStart }: Case): Promise<Answer> {
  const scope: Scope = {
    columns: columnsByName(columnsOf(engine)),
    dialect: engine.dialect,
    timezone,
    weekStart,
    nowMs: NOW,
    ranges: [],
  };
  try {
    const answers: Cell[][][] = [];
    for (const { statement, columns } of compile(scope))
      answers.push(await engine.rows(render(statement, engine.dialect), columns));
    return answers;
  } catch (error) {
    if (error instanceof AppError && error.code === 'query.unsupported') return { code: error.code };
    throw error;
  }
}

const TOLERANCE = 1e-9;

function isSame(a: Cell, b: Cell): boolean {
  if (typeof a === 'number' && typeof b === 'number')
    return Object.is(a, b) || a === b || Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
  return a === b;
}

/** Both as text, where floats that are the same to the tolerance are spelled alike, so that a difference is shown as rows. */
function aligned(given: Answer, wanted: Answer): Answer {
  if (!Array.isArray(given) || !Array.isArray(wanted)) return given;
  return given.map((rows, s) =>
    rows.map((row, r) =>
      row.map((cell, c) => {
        const other = wanted[s]?.[r]?.[c];
        return other !== undefined && isSame(cell, other) ? other : cell;
      }),
    ),
  );
}

const OPENED: [title: string, name: Engine['name'], () => Promise<Engine>][] = [
  ['postgres', 'postgres', openPostgresEngine],
  ['mysql', 'mysql', openMariadbEngine],
  ['postgres whose partitions lie on two other servers', 'postgres', openPartitionedEngine],
];
const MSSQL_URL = Bun.env.TEST_MSSQL_URL;
if (MSSQL_URL) OPENED.push(['mssql', 'mssql', () => openMssqlEngine(MSSQL_URL)]);

let reference: Engine;
beforeAll(async () => {
  reference = await openDuckdb();
  await reference.load(corpusStatements('duckdb'));
});
afterAll(() => reference[Symbol.asyncDispose]());

test('there are at least three hundred cases', () => {
  expect(new Set(CASES.map(({ title }) => title)).size).toBeGreaterThanOrEqual(300);
});

describe.each(OPENED)('%s answers as DuckDB does', (_, name, open) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open();
    await engine.load(corpusStatements(name));
  }, 60_000);
  afterAll(() => engine[Symbol.asyncDispose]());

  const isSpread = open === openPartitionedEngine;
  if (isSpread)
    test('the other servers group the rows that they hold', async () => {
      const text = 'EXPLAIN (COSTS OFF) SELECT id, count(*) FROM corpus GROUP BY id HAVING count(*) > 1';
      const rows = await engine.rows({ text, params: [] }, [{ name: 'plan', type: 'text' }]);
      const plan = rows.map(([line]) => String(line)).join('\n');
      expect(plan.match(/Relations: Aggregate on \(corpus_\d/g) ?? plan).toHaveLength(2);
    });

  const cases = isSpread ? covering(CASES, ({ title }) => title) : CASES;
  test.each(cases.map((each): [string, Case] => [each.title, each]))('%s', async (title, each) => {
    const wanted = await answerOf(reference, each);
    const given = await answerOf(engine, each);
    const gap = gapOf(name, title);
    if (gap?.code === 'query.unsupported') expect(given).toEqual({ code: gap.code });
    else if (gap) expect(aligned(given, wanted)).not.toEqual(wanted);
    else expect(aligned(given, wanted)).toEqual(wanted);
  });
});
