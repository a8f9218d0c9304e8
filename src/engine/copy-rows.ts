import type { ColumnType } from '../domain/column.ts';
import type { SourceEngine, TableColumn } from '../domain/datasource.ts';
import type { Filter } from '../domain/filter.ts';
import type { SyncedColumn } from '../domain/sync-task.ts';
import type { CsvForm } from '../drivers/run-copy.ts';
import { ident, join, type Param, raw, render, type Sql, sql } from '../sql/ast.ts';
import { mssqlNative } from '../sql/dialects/mssql-native.ts';
import { compileFilter } from '../sql/filter.ts';
import { columnsByName } from '../sql/scope.ts';
import type { CopyJob } from '../workers/source-job.ts';
import type { Subject } from './subject.ts';

/** Rows whose cursor lies there, in its order, those without one first; or all rows, in no order. */
export interface CopyRange {
  column: string;
  from: string | null;
  to: string | null;
  nulls: boolean;
}

type Written = (value: Sql, column: TableColumn) => Sql;

const asText = (value: Sql) => sql`CAST(${value} AS text)`;
const isJson = ({ nativeType }: TableColumn) => nativeType === 'json' || nativeType === 'jsonb';

/** What is asked for so that the server's text of it is the value that queries see. */
const WRITTEN: Readonly<Record<SourceEngine, Written>> = {
  postgres(value, column) {
    const { nativeType, type } = column;
    if (nativeType === 'money') return sql`CAST(${value} AS numeric)`;
    if (nativeType === 'real') return sql`CAST(${value} AS double precision)`;
    if (nativeType.startsWith('character(') || nativeType === 'character') return asText(value);
    if (type === 'json' && !isJson(column)) return asText(sql`to_json(${value})`);
    return value;
  },
  mysql(value, { type, nativeType }) {
    if (type === 'boolean') return sql`(${value} <> 0)`;
    if (type === 'float') return sql`(${value} + 0E0)`;
    if (type === 'binary') return sql`HEX(${value})`;
    const bits = /^bit\((\d+)\)$/.exec(nativeType)?.[1];
    if (bits) return sql`LPAD(BIN(${value} + 0), ${raw(bits)}, '0')`;
    return value;
  },
  mssql(value, { type, nativeType }) {
    if (type === 'binary') return sql`CONVERT(varchar(max), CAST(${value} AS varbinary(max)), 2)`;
    if (nativeType === 'real') return sql`CONVERT(float, ${value})`;
    // The driver itself reads the variants of one column, which the server would spell in its own ways.
    return nativeType === 'sql_variant' ? value : (mssqlNative(nativeType)?.read?.(value) ?? value);
  },
};

const QUOTED: ReadonlySet<ColumnType> = new Set(['text', 'json', 'binary']);
const DATES: ReadonlySet<ColumnType> = new Set(['date', 'timestamp', 'timestamptz']);

const formOf = (type: ColumnType): CsvForm =>
  QUOTED.has(type) ? 'quoted' : DATES.has(type) ? 'date' : 'plain';

/** A parameter's value as a literal, for statements that take none. Sessions have standard strings (postgres) and the mode that makes `\` an escape (mysql). */
const LITERALS: Readonly<Record<SourceEngine, (text: string) => string>> = {
  postgres: (text) => `'${text.replaceAll("'", "''")}'`,
  mysql: (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
  mssql: (text) => `N'${text.replaceAll("'", "''")}'`,
};

function literal(engine: SourceEngine, value: Param): string {
  if (value === null) return 'NULL';
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (typeof value === 'string') return LITERALS[engine](value);
  return `(${value})`;
}

/** A fragment with its values written into it. */
const inlined = (fragment: Sql, engine: SourceEngine): Sql => ({
  parts: fragment.parts.map((part) =>
    part.kind === 'param' ? { kind: 'text', text: literal(engine, part.value) } : part,
  ),
});

/** MySQL keeps dates that are none, `0000-00-00`: they come as null, and stand before all others. */
export const hasZeroDates = (engine: SourceEngine, type: ColumnType) => engine === 'mysql' && DATES.has(type);
const FIRST_DATE: Readonly<Partial<Record<ColumnType, string>>> = {
  date: '0001-01-01',
  timestamp: '0001-01-01T00:00:00',
  timestamptz: '0001-01-01T00:00:00Z',
};

/** Whether nulls come first in ascending order anyway: to ask for it would keep the server from using an index. */
const NULLS_FIRST: Readonly<Record<SourceEngine, boolean>> = { postgres: false, mysql: true, mssql: true };

function condition(
  { column, from, to, nulls }: CopyRange,
  type: ColumnType,
  engine: SourceEngine,
): Filter | undefined {
  if (from === null && to === null) return undefined;
  const tests: Filter[] = [
    ...(from === null ? [] : [{ field: column, op: 'gte' as const, value: from }]),
    ...(to === null ? [] : [{ field: column, op: 'lte' as const, value: to }]),
  ];
  const inside: Filter = { and: tests };
  if (!nulls) return inside;
  const zero: Filter[] = hasZeroDates(engine, type)
    ? [{ field: column, op: 'lt', value: FIRST_DATE[type]! }]
    : [];
  return { or: [{ field: column, op: 'isNull' }, ...zero, inside] };
}

/** The statement that reads the columns of a subject for a dataset. */
export function copyStatement(
  subject: Subject,
  source: readonly TableColumn[],
  columns: readonly SyncedColumn[],
  range: CopyRange | undefined,
): Pick<CopyJob, 'text' | 'statement' | 'columns'> {
  const { dialect, connection } = subject;
  const engine = connection!.engine;
  const found = columns.map((column) => source.find(({ name }) => name === column.source)!);
  const values = found.map(
    (column, i) => sql`${WRITTEN[engine](ident(column.name), column)} AS ${raw(`c${i}`)}`,
  );
  const scope = {
    columns: columnsByName(subject.columns),
    dialect,
    timezone: 'UTC',
    weekStart: 'monday' as const,
    nowMs: 0,
    ranges: [],
  };
  const rangeType = source.find(({ name }) => name === range?.column)?.type;
  const filter = range && condition(range, rangeType!, engine);
  const where = filter ? sql` WHERE ${compileFilter(filter, scope, '/cursor')}` : raw('');
  const statement = subject.finish(
    sql`SELECT ${join(values, ', ')} FROM ${subject.source}${where}${range ? orderBy(subject, rangeType!, range) : raw('')}`,
  );
  return {
    text: render(inlined(statement, engine), dialect).text,
    statement: render(statement, dialect),
    columns: found.map(({ type, scale }) => ({
      type: type === 'binary' ? 'text' : type,
      ...(scale === undefined ? {} : { scale }),
      form: formOf(type),
    })),
  };
}

/** One row with the greatest scale of each column; the engine that knows decimals without a scale is PostgreSQL. */
export function scaleStatement(
  subject: Subject,
  columns: readonly string[],
): Pick<CopyJob, 'text' | 'statement' | 'columns'> {
  const { dialect, connection } = subject;
  const scales = columns.map(
    (column, i) => sql`max(scale(CAST(${ident(column)} AS numeric))) AS ${raw(`c${i}`)}`,
  );
  const statement = subject.finish(sql`SELECT ${join(scales, ', ')} FROM ${subject.source}`);
  return {
    text: render(inlined(statement, connection!.engine), dialect).text,
    statement: render(statement, dialect),
    columns: columns.map(() => ({ type: 'integer', form: 'plain' })),
  };
}

function orderBy({ dialect, connection }: Subject, type: ColumnType, { column, nulls }: CopyRange): Sql {
  const value = dialect.orderForms[type](ident(column));
  const isAsked = nulls && !NULLS_FIRST[connection!.engine];
  return sql` ORDER BY ${isAsked ? dialect.orderTerm(value, 'asc', 'first') : value}`;
}
