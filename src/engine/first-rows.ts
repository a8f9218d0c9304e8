import type { SourceColumn } from '../domain/column.ts';
import { ident, join, type Sql, sql } from '../sql/ast.ts';
import type { Dialect } from '../sql/dialect.ts';
import { answerOf } from '../sql/native.ts';

/** Some rows of a source as answers show them. The limit is in the statement: a distributed engine would collect the whole table otherwise. */
export function firstRows(
  columns: readonly SourceColumn[],
  source: Sql,
  dialect: Dialect,
  limit: number,
): Sql {
  const shown = columns.map((column) => answerOf(ident(column.name), column, dialect, 'UTC'));
  return sql`SELECT ${join(shown, ', ')} FROM ${source} ${dialect.page(limit, 0, false)}`;
}
