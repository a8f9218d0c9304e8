import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { PivotSpec } from '../../src/domain/pivot-spec.ts';
import { parse } from '../../src/domain/schema.ts';
import { raw } from '../../src/sql/ast.ts';
import { duckdb } from '../../src/sql/dialects/duckdb.ts';
import { compilePivot, compileRemotePivot } from '../../src/sql/pivot.ts';
import { columnsByName, type Scope } from '../../src/sql/scope.ts';
import { COLUMNS, corpusStatements } from './corpus.ts';
import { covering } from './covering.ts';
import { type Engine, openMariadbEngine, openMssqlEngine, openPostgresEngine } from './engines.ts';
import { expressionPivots } from './expression-specs.ts';
import { type Grid, layOut, stageGroups } from './lay-out.ts';
import { openPartitionedEngine } from './partitioned-engine.ts';
import { allPivots } from './pivot-cases.ts';

const CASES = [...allPivots(150), ...expressionPivots()].map((spec) =>
  parse(PivotSpec, JSON.parse(JSON.stringify(spec))),
);
const NOW = Date.UTC(2024, 3, 1, 0, 30);

const scopeOf = (spec: PivotSpec, dialect: Scope['dialect']): Scope => ({
  columns: columnsByName(
    COLUMNS.map((column) => (column.type === 'decimal' ? { ...column, scale: 2 } : column)),
  ),
  dialect,
  timezone: spec.timezone ?? 'UTC',
  weekStart: spec.weekStart ?? 'monday',
  nowMs: NOW,
  ranges: [],
});

/** A connection of the reference's own, whose temporary tables go with it. */
async function overDuckdb(instance: DuckDBInstance, spec: PivotSpec): Promise<Grid> {
  const connection = await instance.connect();
  try {
    return await layOut(connection, compilePivot(spec, raw('corpus'), scopeOf(spec, duckdb)));
  } finally {
    connection.closeSync();
  }
}

async function overDatabase(instance: DuckDBInstance, engine: Engine, spec: PivotSpec): Promise<Grid> {
  const remote = { source: raw('corpus'), finish: <T>(statement: T) => statement };
  const program = compileRemotePivot(spec, remote, scopeOf(spec, engine.dialect), scopeOf(spec, duckdb));
  const connection = await instance.connect();
  try {
    await stageGroups(connection, engine, program);
    return await layOut(connection, program);
  } finally {
    connection.closeSync();
  }
}

const TOLERANCE = 1e-9;

/** Floats that are the same to the tolerance are spelled alike. */
function aligned(given: Grid, wanted: Grid): Grid {
  const cells = given.cells.map((row, r) =>
    row.map((cell, c) => {
      const other = wanted.cells[r]?.[c];
      const close =
        typeof cell === 'number' &&
        typeof other === 'number' &&
        Math.abs(cell - other) <= TOLERANCE * Math.abs(other);
      return close ? other : cell;
    }),
  );
  return { ...given, cells };
}

const OPENED: [title: string, name: Engine['name'], () => Promise<Engine>][] = [
  ['postgres', 'postgres', openPostgresEngine],
  ['mysql', 'mysql', openMariadbEngine],
  ['postgres whose partitions lie on two other servers', 'postgres', openPartitionedEngine],
];
const MSSQL_URL = Bun.env.TEST_MSSQL_URL;
if (MSSQL_URL) OPENED.push(['mssql', 'mssql', () => openMssqlEngine(MSSQL_URL)]);

let instance: DuckDBInstance;
let holder: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  holder = await instance.connect();
  await holder.run(`SET GLOBAL TimeZone = 'UTC'`);
  for (const statement of corpusStatements('duckdb')) await holder.run(statement);
});
afterAll(() => holder.closeSync());

describe.each(OPENED)('pivots over %s are those over DuckDB', (_, name, open) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open();
    await engine.load(corpusStatements(name));
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  const cases = open === openPartitionedEngine ? covering(CASES, JSON.stringify) : CASES;
  test.each(cases.map((spec): [string, PivotSpec] => [JSON.stringify(spec), spec]))('%s', async (_, spec) => {
    const wanted = await overDuckdb(instance, spec);
    const given = await overDatabase(instance, engine, spec);
    expect(aligned(given, wanted)).toEqual(wanted);
  });
});
