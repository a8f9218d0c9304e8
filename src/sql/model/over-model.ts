import type { PivotSpec } from '../../domain/pivot-spec.ts';
import type { DistinctSpec, Measure, QuerySpec } from '../../domain/query-spec.ts';
import { raw, type Sql } from '../ast.ts';
import type { Scope } from '../scope.ts';
import { type Described, Expansion } from './expand-spec.ts';
import type { ModelParts } from './model-parts.ts';
import { openModel } from './model-scope.ts';
import { checkDistinct, checkMeasures } from './repeats.ts';

type AnySpec = QuerySpec | PivotSpec | DistinctSpec;

export interface OverModel<T> {
  compiled: T;
  scope: Scope;
  /** What the model says of the answer's columns, by their names. */
  described: ReadonlyMap<string, Described>;
  warnings: string[];
}

/**
 * Compiles a spec over a model: the model's names are put in, measures that would count rows twice are refused, and joins of which nothing is
 * read are left out. `compile` is called twice, the first time to see what is read. Throws what `compile` throws, `query.unsupported`, and faults
 * of the model with the pointer /from/model.
 */
export function overModel<S extends AnySpec, T>(
  spec: S,
  parts: ModelParts,
  base: Omit<Scope, 'columns'>,
  compile: (spec: S, source: Sql, scope: Scope) => T,
): OverModel<T> {
  const model = openModel(parts, base);
  const expansion = new Expansion(model);
  const expanded = expansion.spec(spec);
  compile(expanded, raw('model'), { ...model.scope, ranges: [] });
  const warnings = 'measures' in expanded ? checkMeasures((expanded.measures ?? []) as Measure[], model) : [];
  if ('field' in expanded) checkDistinct(expanded, model);
  return {
    compiled: compile(expanded, model.from.source(model.scope.used), model.scope),
    scope: model.scope,
    described: expansion.described,
    warnings,
  };
}
