import type { SourceColumn } from '../domain/column.ts';
import type { DistinctSpec } from '../domain/query-spec.ts';
import { ident, raw, type Sql, sql } from './ast.ts';
import { compileDimension } from './dimension.ts';
import { compileWhere } from './filter.ts';
import { keptNative, shownOf } from './native.ts';
import type { Scope } from './scope.ts';

/**
 * The distinct values of a field (null among them) with the number of their rows, as columns `value` and `count`. `search` keeps the values whose
 * shown text contains it, ignoring case. Ordered by value, or by count from the greatest and then by value.
 */
export function compileDistinct(
  spec: DistinctSpec,
  source: Sql,
  scope: Scope,
  page: { limit: number | null; offset: number } = { limit: spec.limit ?? null, offset: spec.offset ?? 0 },
): { statement: Sql; columns: SourceColumn[] } {
  const { dialect, timezone } = scope;
  const dimension = compileDimension(spec.field, scope, '/field');
  const condition = compileWhere(spec.where, scope);
  const where = condition ? sql` WHERE ${condition}` : raw('');
  const grouped = sql`SELECT d0, ${dialect.countRows} AS n\nFROM (SELECT ${dimension.sql} AS d0 FROM ${source}${where}) AS r\nGROUP BY d0`;
  const shown = shownOf(raw('g.d0'), dimension, dialect, timezone);
  const found = spec.search
    ? sql`\nWHERE ${dialect.textTests.contains(dialect.asText(shown, dimension.type), spec.search, false)}`
    : raw('');
  const byValue = dialect.orderTerm(raw('g.d0'), 'asc', 'last');
  const order =
    spec.orderBy === 'count' ? sql`${dialect.orderTerm(raw('g.n'), 'desc', 'last')}, ${byValue}` : byValue;
  const paging = dialect.page(page.limit, page.offset, true);
  return {
    statement: sql`SELECT ${shown} AS ${ident('value')}, g.n AS ${ident('count')}\nFROM (\n${grouped}\n) AS g${found}\nORDER BY ${order}${paging.parts.length > 0 ? sql`\n${paging}` : raw('')}`,
    columns: [
      { name: 'value', type: dimension.type, ...keptNative(dimension, dialect) },
      { name: 'count', type: 'integer' },
    ],
  };
}
