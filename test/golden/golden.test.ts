import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { Dialect as Parsed, parse as parseSql } from '@polyglot-sql/sdk';
import type { Column, ColumnType, SourceColumn } from '../../src/domain/column.ts';
import { ModelDefinition } from '../../src/domain/model.ts';
import { DistinctSpec, QuerySpec } from '../../src/domain/query-spec.ts';
import { parse } from '../../src/domain/schema.ts';
import { raw, render, type Sql, type Statement } from '../../src/sql/ast.ts';
import type { Dialect } from '../../src/sql/dialect.ts';
import { dialectFor } from '../../src/sql/dialects/for-engine.ts';
import { zoneTable } from '../../src/sql/dialects/zone-table.ts';
import { compileDistinct } from '../../src/sql/distinct.ts';
import { overModel } from '../../src/sql/model/over-model.ts';
import { columnsByName, type Scope } from '../../src/sql/scope.ts';
import { compileSpec } from '../../src/sql/spec.ts';
import { type Engine, openDuckdb, openMariadbEngine, openPostgresEngine } from '../equality/engines.ts';
import { NEWER_THAN_2017 } from '../support/mssql-versions.ts';
import { COLUMNS, MSSQL_COLUMNS, MYSQL_NAMES, NATIVE_TYPES } from './fixtures.ts';

/**
 * A folder a case: `spec.json` is the request (of distinct values where the folder is called distinct-…, over a model where it is called model-…), `<engine>.sql` the text and the
 * parameters that it means. A case called mssql-… is about columns of SQL Server's own types. Every statement also runs over an empty table, whose columns are called like their types; those of SQL Server are
 * parsed. UPDATE_GOLDEN=1 rewrites.
 */
const FOLDER = import.meta.dir;
const NOW = Date.UTC(2024, 2, 15, 12);
const SOURCE = raw('fixture');
/** Names that every engine has as they stand. */
const PLAIN_COLUMNS = COLUMNS.filter(({ name }) => !MYSQL_NAMES.has(name));

function scopeOf(
  { timezone = 'UTC', weekStart = 'monday' }: QuerySpec | DistinctSpec,
  dialect: Dialect,
  columns: readonly SourceColumn[] = COLUMNS,
): Scope {
  const expressions = dialect.engine === 'mysql' ? { expressions: MYSQL_NAMES } : {};
  return {
    columns: columnsByName(columns),
    ...expressions,
    dialect,
    timezone,
    weekStart,
    nowMs: NOW,
    ranges: [],
  };
}

function compile(name: string, body: unknown, dialect: Dialect): { statements: Sql[]; columns: Column[] } {
  if (name.startsWith('distinct-')) {
    const spec = parse(DistinctSpec, body);
    const { statement, columns } = compileDistinct(spec, SOURCE, scopeOf(spec, dialect));
    return { statements: [statement], columns };
  }
  if (name.startsWith('model-')) return compileModel(body as ModelBody, dialect);
  const spec = parse(QuerySpec, body);
  const scope = scopeOf(spec, dialect, isNative(name) ? MSSQL_COLUMNS : COLUMNS);
  const { statement, countStatement, columns } = compileSpec(spec, SOURCE, scope);
  return { statements: countStatement ? [statement, countStatement] : [statement], columns };
}

interface ModelBody {
  model: unknown;
  spec: unknown;
}

/** A model of which every table is the fixture. */
function compileModel(body: ModelBody, dialect: Dialect): { statements: Sql[]; columns: Column[] } {
  const definition = parse(ModelDefinition, body.model);
  const part = { source: SOURCE, columns: PLAIN_COLUMNS, name: 'fixture' };
  const joined = (definition.joins ?? []).map(() => part);
  const { columns: _, ...base } = scopeOf({ from: {} }, dialect);
  const { compiled } = overModel(
    parse(QuerySpec, body.spec),
    { definition, base: part, joined, saved: undefined },
    base,
    (asked, source, scope) => compileSpec(asked, source, scope),
  );
  return { statements: [compiled.statement], columns: compiled.columns };
}

/** What leaves DuckDB: numbers and booleans as such, all else as text. */
const SHOWN_TYPES: Partial<Record<ColumnType, RegExp>> = {
  integer: /^(BIGINT|HUGEINT)$/,
  decimal: /^DECIMAL/,
  float: /^DOUBLE$/,
  boolean: /^BOOLEAN$/,
};

const spelled = ({ text, params }: Statement, dialect: Dialect) =>
  `${[text, ...params.map((value, i) => `-- ${dialect.placeholder(i + 1)} = ${JSON.stringify(value)}`)].join('\n')}\n`;

const isNative = (name: string) => name.startsWith('mssql-');
const cases = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

/** What SQL Server cannot do at all, with the code that says so. */
const REFUSED: Readonly<Record<string, Partial<Record<Dialect['engine'], string>>>> = {
  'where-text-with-case': { mssql: 'query.unsupported' },
  'where-text-ignoring-case': { mssql: 'query.unsupported' },
};

async function checked(
  name: string,
  dialect: Dialect,
): Promise<{ rendered: Statement[]; columns: Column[] }> {
  const body = await Bun.file(`${FOLDER}/${name}/spec.json`).json();
  const { statements, columns } = compile(name, body, dialect);
  const rendered = statements.map((statement) => render(statement, dialect));
  const golden = Bun.file(`${FOLDER}/${name}/${dialect.engine}.sql`);
  const text = rendered.map((statement) => spelled(statement, dialect)).join('\n');
  if (Bun.env.UPDATE_GOLDEN === '1') await Bun.write(golden, text);
  expect(text).toBe(await golden.text());
  return { rendered, columns };
}

test('there are at least forty cases', () => {
  expect(cases.length).toBeGreaterThanOrEqual(40);
});

describe.each([
  ['duckdb', openDuckdb],
  ['postgres', openPostgresEngine],
  ['mysql', openMariadbEngine],
] as const)('%s', (name, open) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open();
    const columns = COLUMNS.map((column) => {
      const named = name === 'mysql' ? column.name.replace('🦆', 'duck') : column.name;
      return `${engine.dialect.quote(named)} ${NATIVE_TYPES[name][column.type]}`;
    });
    await engine.load([`CREATE TABLE fixture (${columns.join(', ')})`]);
  }, 60_000);
  afterAll(() => engine[Symbol.asyncDispose]());

  test.each(cases.filter((each) => !isNative(each)))('%s', async (folder) => {
    const { rendered, columns } = await checked(folder, engine.dialect);
    for (const [index, statement] of rendered.entries()) {
      const answer = index === 0 ? columns : [{ name: 'n', type: 'integer' as const }];
      const rows = await engine.rows(statement, answer);
      expect(rows.length).toBeLessThanOrEqual(1);
    }
    const shape = await engine.shape?.(rendered[0]!);
    for (const [index, { name, type }] of (shape ?? []).entries()) {
      expect(name).toBe(columns[index]!.name);
      expect(type).toMatch(SHOWN_TYPES[columns[index]!.type] ?? /^VARCHAR$/);
    }
  });

  test('the fixture still stands', async () => {
    const count = { text: 'SELECT count(*) FROM fixture', params: [] };
    expect(await engine.rows(count, [{ name: 'n', type: 'integer' }])).toEqual([['0']]);
  });
});

describe('mssql', () => {
  const dialect = dialectFor('mssql', { textComparison: 'exact', zones: zoneTable() });

  test.each(cases)('%s', async (folder) => {
    const code = REFUSED[folder]?.mssql;
    if (code) {
      await expect(checked(folder, dialect)).rejects.toMatchObject({ code });
      return;
    }
    const { rendered } = await checked(folder, dialect);
    for (const { text } of rendered) {
      expect(parseSql(text, Parsed.TSQL)).toMatchObject({ success: true });
      expect(text).not.toMatch(NEWER_THAN_2017);
    }
  });
});
