import type { DuckDBConnection } from '@duckdb/node-api';
import type { Column, ColumnType } from '../domain/column.ts';
import type { QuerySummary } from '../domain/query-result.ts';
import { boundTypes } from '../drivers/duckdb/params.ts';
import { ident, raw, render, type Sql, sql } from '../sql/ast.ts';
import { duckdb } from '../sql/dialects/duckdb.ts';
import type { SqlJob } from './query-job.ts';
import { runRows } from './run-rows.ts';
import type { JobContext } from './serve.ts';

/** DuckDB's types by the start of their names; what is not here is shown as text. */
const TYPES: readonly (readonly [RegExp, ColumnType])[] = [
  [/^BOOLEAN$/, 'boolean'],
  [/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/, 'integer'],
  [/^DECIMAL/, 'decimal'],
  [/^(FLOAT|DOUBLE)$/, 'float'],
  [/^DATE$/, 'date'],
  [/^TIME$/, 'time'],
  [/^TIMESTAMP WITH TIME ZONE$/, 'timestamptz'],
  [/^TIMESTAMP/, 'timestamp'],
  [/^UUID$/, 'uuid'],
  [/^BLOB$/, 'binary'],
  [/\[\d*\]$|^(STRUCT|MAP|UNION|JSON)/, 'json'],
];

function typeOf(native: string): ColumnType {
  // A list of anything is a list.
  if (/\[\d*\]$/.test(native)) return 'json';
  return TYPES.find(([pattern]) => pattern.test(native))?.[1] ?? 'text';
}

/** In the widths that are read: small and unsigned integers grow, nested values become JSON. */
function widened(value: Sql, type: ColumnType, native: string): Sql {
  if (type === 'integer') return sql`CAST(${value} AS HUGEINT)`;
  if (type === 'json' && native !== 'JSON') return sql`CAST(to_json(${value}) AS VARCHAR)`;
  return type === 'timestamp' ? sql`CAST(${value} AS TIMESTAMP)` : value;
}

/** A name for the table of the answer that no dataset of the statement has; DuckDB ignores case. */
function answerName(tables: SqlJob['tables']): string {
  const taken = new Set(tables.map(({ name }) => name.toLowerCase()));
  let name = 'answered';
  while (taken.has(name)) name += '_';
  return name;
}

/** Runs a caller's own statement: its tables are views of its datasets, and its rows are kept so that their order is its own. */
export async function runSql(
  connection: DuckDBConnection,
  job: SqlJob,
  context: Pick<JobContext, 'send'>,
): Promise<Omit<QuerySummary, 'elapsedMs'>> {
  const { caps, format, numbers, statement, timezone } = job;
  for (const { name, source } of job.tables) {
    const { text } = render(sql`CREATE TEMP VIEW ${ident(name)} AS SELECT * FROM ${raw(source)}`, duckdb);
    await connection.run(text);
  }
  const answered = answerName(job.tables);
  await connection.run(
    `CREATE TEMP TABLE ${answered} AS SELECT * FROM (${statement.text}) LIMIT ${caps.rows + 1}`,
    statement.params,
    boundTypes(statement.params),
  );
  const described = (await connection.runAndReadAll(`DESCRIBE ${answered}`)).getRowObjects() as {
    column_name: string;
    column_type: string;
  }[];
  const columns = described.map(({ column_name: name, column_type: native }) => ({
    name,
    native,
    type: typeOf(native),
  }));
  const shown = columns.map(({ name, native, type }) =>
    duckdb.shown[type](widened(ident(name), type, native), timezone),
  );
  const list = shown.flatMap((value, i) => (i === 0 ? [value] : [raw(', '), value]));
  const answer = render(
    sql`SELECT ${{ parts: list.flatMap(({ parts }) => parts) }} FROM ${raw(answered)}`,
    duckdb,
  );
  const shownColumns: Column[] = columns.map(({ name, type }) => ({ name, type }));
  return runRows(
    connection,
    {
      kind: 'rows',
      statement: answer,
      columns: shownColumns,
      countStatement: undefined,
      format,
      numbers,
      caps,
    },
    context,
  );
}
