import { AppError } from '../base/errors.ts';
import type { DatasetSource } from '../domain/dataset.ts';
import type { DatasourceConnection, TableColumn } from '../domain/datasource.ts';
import type { RowFormat } from '../domain/query-result.ts';
import { refuseSystemTable, tableScopeOf } from '../domain/readable-tables.ts';
import type { SqlParams, SqlQuery } from '../domain/sql-query.ts';
import type { Statement } from '../domain/statement.ts';
import { raw, render } from '../sql/ast.ts';
import { duckdb } from '../sql/dialects/duckdb.ts';
import { bindSelect } from '../sql/gate/bind-named.ts';
import type { CheckedSelect } from '../sql/gate/check-select.ts';
import { type SelectSource, sourceOfSelect } from '../sql/gate/select-source.ts';
import type { SqlAllowed, TableName } from '../workers/source-job.ts';
import { type Plan, type PlanOptions, planDatasetSql, planSql } from './plan.ts';
import {
  datasourceSubject,
  type Subject,
  selectSubject,
  tableSource,
  tableSubject,
  type Zones,
} from './subject.ts';

/** What is asked of a database, and of the gate, before a query over it can be planned. */
export interface SourceFacts {
  columns(connection: DatasourceConnection, table: TableName, signal: AbortSignal): Promise<TableColumn[]>;
  /** Columns that are kept of its tables are not used any more. */
  forgetColumns(connection: DatasourceConnection): void;
  describe(
    connection: DatasourceConnection,
    statement: Statement,
    signal: AbortSignal,
  ): Promise<TableColumn[]>;
  check(
    text: string,
    engine: 'duckdb' | DatasourceConnection['engine'],
    allowed: SqlAllowed,
    signal: AbortSignal,
  ): Promise<CheckedSelect>;
}

const TABLE_NAME = /"((?:[^"]|"")+)"(?:\.|$)|([^".]+)(?:\.|$)/gy;

/** `schema.table` or `table`; a part in double quotes may hold anything. */
export function tableName(text: string, at = '/from'): TableName {
  const parts = [...text.matchAll(TABLE_NAME)];
  const whole = parts.reduce((length, [part]) => length + part.length, 0);
  const [first, second] = parts.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!);
  if (whole !== text.length || text.endsWith('.') || parts.length > 2 || first === undefined)
    throw new AppError(
      'request.invalid',
      `${at}/table ${JSON.stringify(text.slice(0, 256))} must be a table, or a schema and a table, as in sales.orders or "my schema"."my table"`,
      { pointer: `${at}/table` },
    );
  return second === undefined ? { name: first } : { schema: first, name: second };
}

/** Adds to an AppError where the source stands that it is about; `field` where it does not say which of its fields. */
async function pointed<T>(at: string, field: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message, params, retryAfterS, cause } = error;
    const inside = error.pointer?.replace(/^\/from/, '') ?? field;
    throw new AppError(code, message, { pointer: at + inside, params, retryAfterS, cause });
  }
}

/** Columns of a SELECT are called by their names, so that each needs one of its own. */
function checkNames(columns: readonly TableColumn[], pointer: string): void {
  const seen = new Set<string>();
  for (const [i, { name }] of columns.entries()) {
    const position = i + 1;
    if (name === '')
      throw new AppError(
        'request.invalid',
        `Column ${position} of the statement has no name; give it one, as in count(*) AS orders`,
        { pointer, params: { position } },
      );
    if (seen.has(name))
      throw new AppError(
        'request.invalid',
        `Column ${position} of the statement has the name ${JSON.stringify(name)} of another one; rename one of them with AS`,
        { pointer, params: { position, name } },
      );
    seen.add(name);
  }
}

/** A table or SELECT of a database: what stands after FROM without an alias, and what its statements need around them. */
export interface SourcePart extends Pick<SelectSource, 'with' | 'from' | 'end'> {
  columns: readonly TableColumn[];
}

const NOTHING = raw('');

const allowedIn = (connection: DatasourceConnection): SqlAllowed => ({
  scope: tableScopeOf(connection),
  functions: connection.settings.allowFunctions,
});

/** Makes subjects and plans of what stands in databases, and of callers' own SQL. */
export class Sources {
  constructor(
    readonly facts: SourceFacts,
    readonly zones: Zones,
  ) {}

  /** AppError `resource.notFound` at /from/table. */
  async table(connection: DatasourceConnection, text: string, signal: AbortSignal): Promise<Subject> {
    const { from, columns } = await this.tablePart(connection, text, '/from', signal);
    return tableSubject(connection, from, columns, this.zones);
  }

  /** A SELECT as a source; its columns are asked of the database without running it. */
  async select(
    connection: DatasourceConnection,
    text: string,
    params: SqlParams,
    signal: AbortSignal,
  ): Promise<Subject> {
    const part = await this.selectPart(connection, text, params, '/from', signal);
    return selectSubject(connection, part, part.columns, this.zones);
  }

  /** `at` is the pointer of what has the field `table`. */
  async tablePart(
    connection: DatasourceConnection,
    text: string,
    at: string,
    signal: AbortSignal,
  ): Promise<SourcePart> {
    const table = tableName(text, at);
    refuseSystemTable(tableScopeOf(connection), table, `${at}/table`);
    const columns = await pointed(at, '/table', () => this.facts.columns(connection, table, signal));
    return { with: NOTHING, from: tableSource(connection, table), end: NOTHING, columns };
  }

  /** `at` is the pointer of what has the fields `sql` and `params`. */
  async selectPart(
    connection: DatasourceConnection,
    text: string,
    params: SqlParams,
    at: string,
    signal: AbortSignal,
  ): Promise<SourcePart> {
    const checked = await pointed(at, '', () =>
      this.facts.check(text, connection.engine, allowedIn(connection), signal),
    );
    const [source, bound] = await pointed(
      at,
      '',
      () => [sourceOfSelect(checked, params), bindSelect(checked, params)] as const,
    );
    const { dialect } = datasourceSubject(connection, this.zones);
    const columns = await pointed(at, '/sql', () =>
      this.facts.describe(connection, render(bound, dialect), signal),
    );
    checkNames(columns, `${at}/sql`);
    return { ...source, columns };
  }

  /** A caller's own SELECT over a database. */
  async sqlOverDatasource(
    asked: SqlQuery,
    connection: DatasourceConnection,
    format: RowFormat,
    options: PlanOptions,
    signal: AbortSignal,
  ): Promise<Plan> {
    const checked = await this.facts.check(asked.sql, connection.engine, allowedIn(connection), signal);
    const subject = datasourceSubject(connection, this.zones);
    const statement = render(bindSelect(checked, asked.params ?? {}), subject.dialect);
    return planSql(statement, undefined, subject, sqlFormat(asked, format), options);
  }

  /** A caller's own SELECT over datasets, of which it may name any in `datasets`. */
  async sqlOverDatasets(
    asked: SqlQuery,
    datasets: readonly DatasetSource[],
    format: RowFormat,
    options: PlanOptions,
    signal: AbortSignal,
  ): Promise<Plan> {
    const names = datasets.map(({ name }) => name);
    const checked = await this.facts.check(asked.sql, 'duckdb', { tables: names }, signal);
    const used = datasets.filter(({ name }) => checked.tables.some((table) => table.name === name));
    refuseTwins(used.map(({ name }) => name));
    const statement = render(bindSelect(checked, asked.params ?? {}), duckdb);
    return planDatasetSql(statement, used, sqlFormat(asked, format), options);
  }
}

/** DuckDB takes names that differ in case for one. */
function refuseTwins(names: readonly string[]): void {
  const twin = names.find((name) =>
    names.some((other) => other !== name && other.toLowerCase() === name.toLowerCase()),
  );
  if (twin === undefined) return;
  const alike = names.filter((name) => name.toLowerCase() === twin.toLowerCase());
  throw new AppError(
    'query.ambiguous',
    `The statement reads datasets whose names differ in case only (${alike.join(', ')}); read one of them, or give one another name`,
    { pointer: '/sql', params: { names: alike } },
  );
}

const sqlFormat = ({ numbers = 'exact', limit }: SqlQuery, format: RowFormat) => ({ format, numbers, limit });
