import { AppError } from '../base/errors.ts';
import type { Filter } from '../domain/filter.ts';
import { join, type Sql, sql } from './ast.ts';
import { compileCondition } from './condition.ts';
import type { Scope } from './scope.ts';

const MAX_DEPTH = 100;
const MAX_NODES = 5000;

interface Walk {
  scope: Scope;
  nodes: number;
  root: string;
}

/**
 * A filter tree as one condition. `not` gives exactly the rows that its inside does not, rows with nulls too. Resolved ranges are added to
 * `scope.ranges`. Throws `request.invalid`, `query.field`, `query.type`, `query.not_built`.
 */
export function compileFilter(filter: Filter, scope: Scope, pointer: string): Sql {
  return compileNode(filter, pointer, 1, { scope, nodes: 0, root: pointer });
}

/** The condition of a query: its own filter at /where and that of its scope; undefined where there is neither. */
export function compileWhere(filter: Filter | undefined, scope: Scope): Sql | undefined {
  const own = filter && compileFilter(filter, scope, '/where');
  if (own && scope.filter) return sql`(${scope.filter} AND ${own})`;
  return own ?? scope.filter;
}

function compileNode(filter: Filter, pointer: string, depth: number, walk: Walk): Sql {
  walk.nodes += 1;
  if (depth > MAX_DEPTH || walk.nodes > MAX_NODES)
    throw new AppError(
      'request.invalid',
      `A filter has at most ${MAX_DEPTH} levels and ${MAX_NODES} conditions`,
      { pointer: walk.root },
    );
  if ('and' in filter) return branches(filter.and, 'and', pointer, depth, walk);
  if ('or' in filter) return branches(filter.or, 'or', pointer, depth, walk);
  if ('not' in filter)
    return walk.scope.dialect.complement(compileNode(filter.not, `${pointer}/not`, depth + 1, walk));
  return compileCondition(filter, walk.scope, pointer);
}

function branches(filters: Filter[], key: 'and' | 'or', pointer: string, depth: number, walk: Walk): Sql {
  const { always, never } = walk.scope.dialect;
  if (filters.length === 0) return key === 'and' ? always : never;
  const conditions = filters.map((inner, index) =>
    compileNode(inner, `${pointer}/${key}/${index}`, depth + 1, walk),
  );
  return conditions.length === 1
    ? conditions[0]!
    : sql`(${join(conditions, key === 'and' ? ' AND ' : ' OR ')})`;
}
