import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { COLUMN_TYPES, type Column, type ColumnType } from '../../src/domain/column.ts';
import { DistinctSpec, QuerySpec } from '../../src/domain/query-spec.ts';
import { parse } from '../../src/domain/schema.ts';
import { raw, render, type Sql, type Statement } from '../../src/sql/ast.ts';
import { duckdb } from '../../src/sql/dialects/duckdb.ts';
import { compileDistinct } from '../../src/sql/distinct.ts';
import { columnsByName, type Scope } from '../../src/sql/scope.ts';
import { compileSpec } from '../../src/sql/spec.ts';

/**
 * A folder a case: `spec.json` is the request (of distinct values where the folder is called distinct-…), `duckdb.sql` the text and the parameters
 * that it means. Every statement also runs over an empty table, whose columns are called like their types. UPDATE_GOLDEN=1 rewrites.
 */
const FOLDER = import.meta.dir;
const NOW = Date.UTC(2024, 2, 15, 12);

const DUCKDB_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  decimal: 'DECIMAL(18,2)',
  float: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
  uuid: 'UUID',
  json: 'JSON',
  binary: 'BLOB',
};

const HOSTILE: Column[] = [
  { name: 'text"; drop table fixture; --', type: 'text' },
  { name: "integer's", type: 'integer' },
  { name: 'a.decimal', type: 'decimal' },
  { name: '🦆 date', type: 'date' },
  { name: 'd0', type: 'float' },
  { name: 'select', type: 'timestamptz' },
];

const COLUMNS: Column[] = [...COLUMN_TYPES.map((type) => ({ name: type, type })), ...HOSTILE];

let connection: DuckDBConnection;
beforeAll(async () => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await instance.connect();
  const columns = COLUMNS.map(({ name, type }) => `${duckdb.quote(name)} ${DUCKDB_TYPES[type]}`);
  await connection.run(`CREATE TABLE fixture (${columns.join(', ')})`);
});
afterAll(() => connection.closeSync());

function scopeOf({ timezone = 'UTC', weekStart = 'monday' }: QuerySpec | DistinctSpec): Scope {
  return { columns: columnsByName(COLUMNS), dialect: duckdb, timezone, weekStart, nowMs: NOW, ranges: [] };
}

/** What leaves the engine: numbers and booleans as such, all else as text. */
const SHOWN_TYPES: Partial<Record<ColumnType, RegExp>> = {
  integer: /^(BIGINT|HUGEINT)$/,
  decimal: /^DECIMAL/,
  float: /^DOUBLE$/,
  boolean: /^BOOLEAN$/,
};

const SOURCE = raw('fixture');

function compile(name: string, body: unknown): { statements: Sql[]; columns: Column[] } {
  if (name.startsWith('distinct-')) {
    const spec = parse(DistinctSpec, body);
    const { statement, columns } = compileDistinct(spec, SOURCE, scopeOf(spec));
    return { statements: [statement], columns };
  }
  const spec = parse(QuerySpec, body);
  const { statement, countStatement, columns } = compileSpec(spec, SOURCE, scopeOf(spec));
  return { statements: countStatement ? [statement, countStatement] : [statement], columns };
}

const spelled = ({ text, params }: Statement) =>
  `${[text, ...params.map((value, index) => `-- $${index + 1} = ${JSON.stringify(value)}`)].join('\n')}\n`;

const cases = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

test('there are at least forty cases', () => {
  expect(cases.length).toBeGreaterThanOrEqual(40);
});

test.each(cases)('%s', async (name) => {
  const { statements, columns } = compile(name, await Bun.file(`${FOLDER}/${name}/spec.json`).json());
  const rendered = statements.map((statement) => render(statement, duckdb));
  const golden = Bun.file(`${FOLDER}/${name}/duckdb.sql`);
  const text = rendered.map(spelled).join('\n');
  if (Bun.env.UPDATE_GOLDEN === '1') await Bun.write(golden, text);
  expect(text).toBe(await golden.text());
  const [answer] = await Promise.all(rendered.map(({ text, params }) => connection.run(text, params)));
  expect(answer!.columnNames()).toEqual(columns.map((column) => column.name));
  for (const [index, { type }] of columns.entries())
    expect(String(answer!.columnType(index))).toMatch(SHOWN_TYPES[type] ?? /^VARCHAR$/);
});

test('the fixture still stands', async () => {
  const reader = await connection.runAndReadAll('SELECT count(*) FROM fixture');
  expect(reader.getRowsJson()).toEqual([['0']]);
});
