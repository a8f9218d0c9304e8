import type { ColumnType } from '../../domain/column.ts';
import type { Field, Scope } from '../scope.ts';
import { checkCaseLevels } from './compile-case.ts';
import { compileNode } from './compile-node.ts';
import type { ExpressionLimits } from './cursor.ts';
import { EXPRESSIONS } from './dialects/for-engine.ts';
import { parseExpression } from './parse.ts';
import { childrenOf, type Node } from './tree.ts';
import { type Context, textSql, type Value, valueSql } from './value.ts';
import { boundedFields } from './value-bytes.ts';

export type { ExpressionLimits } from './cursor.ts';

const DEFAULT_LIMITS: ExpressionLimits = { maxBytes: 10_000, maxDepth: 200, maxValueBytes: 256 << 10 };

/**
 * An expression of the portable language over the scope's fields, as one value of a type in the engine's SQL. `pointer` is where its text
 * stands in the request. Throws `query.syntax`, `query.field`, `query.type` and `query.unsupported` with the place in the text, and
 * `request.invalid` past a limit.
 */
export function compileExpression(
  text: string,
  scope: Scope,
  pointer: string,
  limits: ExpressionLimits = scope.expressionLimits ?? DEFAULT_LIMITS,
): Field {
  const place = { text, pointer };
  const node = parseExpression(place, limits);
  const bounded = boundedFields(node, place, limits.maxValueBytes);
  const context: Context = { scope, spell: EXPRESSIONS[scope.dialect.engine], place, bounded };
  const value = compileNode(node, context);
  const type: ColumnType = value.type === 'null' ? 'text' : value.type;
  const scale = type === 'decimal' && value.scale !== undefined ? { scale: value.scale } : {};
  const compiled = finished(value, node, context);
  checkCaseLevels(compiled, context);
  return { sql: compiled, column: { name: '', type, ...scale } };
}

function finished(value: Value, { kind }: Node, context: Context) {
  const { spell } = context;
  if (value.type === 'null') return spell.typedNull('text');
  if (kind === 'field') return value.sql;
  if (value.type === 'text') return textSql(value, context);
  return valueSql(value, context);
}

/** The names of the fields that an expression uses, each once. Throws `query.syntax`, and `request.invalid` past a limit. */
export function fieldsOf(text: string, pointer = '', limits: ExpressionLimits = DEFAULT_LIMITS): string[] {
  const names = new Set<string>();
  const left = [parseExpression({ text, pointer }, limits)];
  for (let node = left.pop(); node; node = left.pop()) {
    if (node.kind === 'field') names.add(node.name);
    left.push(...childrenOf(node).reverse());
  }
  return [...names];
}
