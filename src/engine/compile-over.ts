import type { Column } from '../domain/column.ts';
import type { PivotSpec } from '../domain/pivot-spec.ts';
import type { DistinctSpec, QuerySpec } from '../domain/query-spec.ts';
import type { Weekday } from '../domain/time.ts';
import type { Sql } from '../sql/ast.ts';
import type { ExpressionLimits } from '../sql/expression/expression.ts';
import type { Described } from '../sql/model/expand-spec.ts';
import { overModel } from '../sql/model/over-model.ts';
import { checkTimezone, columnsByName, type Scope } from '../sql/scope.ts';
import type { Subject } from './subject.ts';

export type AnySpec = QuerySpec | PivotSpec | DistinctSpec;

/** What times mean where a request does not say, and how far expressions may go. */
export interface ScopeDefaults {
  timezone: string;
  weekStart: Weekday;
  nowMs: number;
  expressionLimits: ExpressionLimits;
}

export interface CompiledOver<T> {
  compiled: T;
  scope: Scope;
  warnings: string[];
  /** A column with what a model says of it. */
  described(column: Column): Column;
}

export function scopeBase(
  spec: Pick<AnySpec, 'timezone' | 'weekStart'>,
  { dialect }: Pick<Subject, 'dialect'>,
  defaults: ScopeDefaults,
): Omit<Scope, 'columns'> {
  return {
    dialect,
    timezone: spec.timezone === undefined ? defaults.timezone : checkTimezone(spec.timezone),
    weekStart: spec.weekStart ?? defaults.weekStart,
    nowMs: defaults.nowMs,
    ranges: [],
    clockReads: [],
    expressionLimits: defaults.expressionLimits,
  };
}

/** The column, with label and format where it has them. */
export function withDescription(column: Column, { label, format }: Described): Column {
  return {
    ...column,
    ...(label === undefined ? {} : { label }),
    ...(format === undefined ? {} : { format }),
  };
}

/** Compiles a spec over a subject; over a model `compile` gets the spec with the model's names put in, twice. */
export function compileOver<S extends AnySpec, T>(
  spec: S,
  subject: Subject,
  defaults: ScopeDefaults,
  compile: (spec: S, source: Sql, scope: Scope) => T,
): CompiledOver<T> {
  const base = scopeBase(spec, subject, defaults);
  if (subject.model) {
    const { described, ...over } = overModel(spec, subject.model, base, compile);
    return { ...over, described: (column) => withDescription(column, described.get(column.name) ?? {}) };
  }
  const scope: Scope = { ...base, columns: columnsByName(subject.columns) };
  return {
    compiled: compile(spec, subject.source, scope),
    scope,
    warnings: [],
    described: (column) => column,
  };
}
