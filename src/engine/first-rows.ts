import { ident, join, type Sql, sql } from '../sql/ast.ts';
import type { Dialect } from '../sql/dialect.ts';
import { type ScopeColumn, storedField } from '../sql/scope.ts';

/** Some rows of a source as answers show them. The limit is in the statement: a distributed engine would collect the whole table otherwise. */
export function firstRows(
  columns: readonly ScopeColumn[],
  source: Sql,
  dialect: Dialect,
  limit: number,
): Sql {
  const shown = columns.map((column) => {
    const { sql: value } = storedField(ident(column.name), column, dialect);
    return dialect.shown[column.type](dialect.canonical[column.type](value), 'UTC');
  });
  return sql`SELECT ${join(shown, ', ')} FROM ${source} ${dialect.page(limit, 0, false)}`;
}
