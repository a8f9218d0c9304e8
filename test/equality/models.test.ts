import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Column } from '../../src/domain/column.ts';
import { ModelDefinition } from '../../src/domain/model.ts';
import type { PivotSpec } from '../../src/domain/pivot-spec.ts';
import type { Measure, QuerySpec } from '../../src/domain/query-spec.ts';
import { parse } from '../../src/domain/schema.ts';
import { raw, render } from '../../src/sql/ast.ts';
import type { Dialect } from '../../src/sql/dialect.ts';
import type { ModelParts, TablePart } from '../../src/sql/model/model-parts.ts';
import { overModel } from '../../src/sql/model/over-model.ts';
import { compilePivot, compileRemotePivot } from '../../src/sql/pivot.ts';
import type { Scope } from '../../src/sql/scope.ts';
import { compileSpec } from '../../src/sql/spec.ts';
import {
  type Cell,
  type Engine,
  openDuckdb,
  openMariadbEngine,
  openMssqlEngine,
  openPostgresEngine,
} from './engines.ts';
import { layOut, stageGroups } from './lay-out.ts';
import { MODEL_CASES, type ModelCase } from './model-cases.ts';
import { modelStatements, type Row, TABLES, type Table } from './model-data.ts';

const baseScope = (dialect: Dialect): Omit<Scope, 'columns'> => ({
  dialect,
  timezone: 'UTC',
  weekStart: 'monday',
  nowMs: 0,
  ranges: [],
});

const partOf = ({ name, columns }: Table): TablePart => ({ source: raw(name), columns, name });

const partsOf = ({ definition, joins }: ModelCase): ModelParts => ({
  definition: parse(ModelDefinition, { from: {}, ...definition }),
  base: partOf(TABLES.orders),
  joined: (definition.joins ?? []).map(({ as }) => partOf(joins[as]!)),
  saved: undefined,
});

const AGGREGATIONS = ['sum', 'count', 'min', 'max', 'countDistinct', 'avg', 'median'] as const;

const measuresOf = (inputs: readonly string[]): Measure[] =>
  inputs.flatMap((field) => AGGREGATIONS.map((agg) => ({ agg, field, as: `${agg} ${field}` })));

/** What an aggregation of values must be, over numbers that are held exactly as hundredths. */
function aggregated(agg: (typeof AGGREGATIONS)[number], values: readonly Cell[]): number | null {
  const numbers = values.flatMap((value) => (value === null ? [] : [Math.round(Number(value) * 100)]));
  if (agg === 'count') return numbers.length;
  if (agg === 'countDistinct') return new Set(numbers).size;
  if (numbers.length === 0) return null;
  const sum = numbers.reduce((a, b) => a + b, 0);
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const middle = sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  const made = { sum, min: sorted[0]!, max: sorted.at(-1)!, avg: sum / numbers.length, median: middle };
  return made[agg] / 100;
}

const number = (cell: Cell | undefined) =>
  cell === null || cell === undefined ? null : Math.round(Number(cell) * 1e6) / 1e6;
const rounded = (value: number | null) => (value === null ? null : Math.round(value * 1e6) / 1e6);

function groupsOf(rows: readonly Row[], by: readonly string[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify(by.map((name) => row[name] ?? null));
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
}

const expectedCells = (rows: readonly Row[], inputs: readonly string[]) =>
  inputs.flatMap((field) =>
    AGGREGATIONS.map((agg) =>
      rounded(
        aggregated(
          agg,
          rows.map((row) => row[field] ?? null),
        ),
      ),
    ),
  );

async function runSpec(engine: Engine, of: ModelCase, spec: Omit<QuerySpec, 'from'>) {
  const { compiled } = overModel(
    { ...spec, from: { model: 'm' } },
    partsOf(of),
    baseScope(engine.dialect),
    (asked, source, scope) => compileSpec(asked, source, scope),
  );
  return engine.rows(render(compiled.statement, engine.dialect), compiled.columns as Column[]);
}

const OPENED: [Engine['name'], () => Promise<Engine>][] = [
  ['duckdb', openDuckdb],
  ['postgres', openPostgresEngine],
  ['mysql', openMariadbEngine],
];
const MSSQL_URL = Bun.env.TEST_MSSQL_URL;
if (MSSQL_URL) OPENED.push(['mssql', () => openMssqlEngine(MSSQL_URL)]);

describe.each(OPENED)('models over %s have the rows that they say', (_, open) => {
  let engine: Engine;
  let instance: DuckDBInstance;
  beforeAll(async () => {
    engine = await open();
    await engine.load(modelStatements(engine));
    instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  }, 60_000);
  afterAll(() => engine[Symbol.asyncDispose]());

  /** Groups of a database are laid out in a DuckDB; over DuckDB the rows themselves are. */
  async function pivot(of: ModelCase, spec: Omit<PivotSpec, 'from'>) {
    const remote = engine.driver !== undefined;
    const { compiled } = overModel(
      { ...spec, from: { model: 'm' } },
      partsOf(of),
      baseScope(engine.dialect),
      (asked, source, scope) =>
        remote
          ? compileRemotePivot(asked, { source, finish: (statement) => statement }, scope, {
              ...scope,
              ranges: [],
            })
          : compilePivot(asked, source, scope),
    );
    if (!remote) {
      await dropTables(engine.connection!);
      return layOut(engine.connection!, compiled);
    }
    const connection = await instance.connect();
    try {
      await stageGroups(connection, engine, compiled);
      return await layOut(connection, compiled);
    } finally {
      connection.closeSync();
    }
  }

  test.each(MODEL_CASES.map((each): [string, ModelCase] => [each.title, each]))('%s', async (_, of) => {
    const { groups, inputs, rows } = of;
    const given = await runSpec(engine, of, { dimensions: groups, measures: measuresOf(inputs) });
    const wanted = groupsOf(rows, groups);
    expect(given.map((row) => JSON.stringify(row.slice(0, groups.length))).toSorted()).toEqual(
      [...wanted.keys()].toSorted(),
    );
    for (const row of given) {
      const key = JSON.stringify(row.slice(0, groups.length));
      expect([key, ...row.slice(groups.length).map(number)]).toEqual([
        key,
        ...expectedCells(wanted.get(key)!, inputs),
      ]);
    }

    const [first, ...rest] = groups;
    const totals = { rows: 'all', columns: 'all' } as const;
    const grid = await pivot(of, { rows: [first!], columns: rest, measures: measuresOf(inputs), totals });
    const width = inputs.length * AGGREGATIONS.length;
    for (const [r, rowPath] of grid.rows.members.entries()) {
      for (const [c, columnPath] of grid.columns.members.entries()) {
        const behind = rows.filter(
          (row) =>
            rowPath.every((member, i) => (row[groups[i]!] ?? null) === member) &&
            columnPath.every((member, i) => (row[rest[i]!] ?? null) === member),
        );
        const cells = grid.cells[r]!.slice(c * width, (c + 1) * width).map(number);
        const expected = behind.length === 0 ? cells.map(() => null) : expectedCells(behind, inputs);
        expect([rowPath, columnPath, ...cells]).toEqual([rowPath, columnPath, ...expected]);
      }
    }
  });

  test('a left join of which nothing is read takes no part, whatever it has', async () => {
    const many = MODEL_CASES.find(({ title }) => title === 'left one to many')!;
    const given = await runSpec(engine, many, {
      measures: [{ agg: 'count' }, { agg: 'sum', field: 'amount' }],
    });
    const amounts = TABLES.orders.rows.map((row) => row[3]!);
    expect(given.map((row) => row.map(number))).toEqual([[40, rounded(aggregated('sum', amounts))]]);
  });
});

/** What pivots before left on the connection that they share. */
async function dropTables(connection: DuckDBConnection): Promise<void> {
  for (const table of ['fine', 'row_leaf', 'column_leaf', 'coded', 'base'])
    await connection.run(`DROP TABLE IF EXISTS ${table}`);
}
