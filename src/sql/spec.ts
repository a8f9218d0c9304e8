import { AppError } from '../base/errors.ts';
import type { SourceColumn } from '../domain/column.ts';
import type { Order, QuerySpec } from '../domain/query-spec.ts';
import { type CompiledMeasure, compileMeasure } from './aggregate.ts';
import { join, raw, type Sql, sql } from './ast.ts';
import { type CompiledDimension, compileDimension } from './dimension.ts';
import { compileFilter, compileWhere } from './filter.ts';
import { groupKey, groupRows, measureValue } from './grouped.ts';
import { restoredOf, shownOf } from './native.ts';
import { checkOutputNames } from './output-names.ts';
import { columnsByName, type Scope, unknownField } from './scope.ts';

export interface CompiledQuery {
  statement: Sql;
  /** Of the answer, in the order of the statement's columns. */
  columns: SourceColumn[];
  /** One row with the number of groups before paging; only where `totalRows` asks for it. */
  countStatement?: Sql;
}

interface Query {
  dimensions: readonly CompiledDimension[];
  measures: readonly CompiledMeasure[];
  scope: Scope;
}

const as = (value: Sql, name: Sql) => sql`${value} AS ${name}`;
const list = (fragments: readonly Sql[]) => join(fragments, ', ');

/**
 * A spec over `source`: one row for each group of the dimensions (their distinct combinations where there is no measure), ordered by `order` and
 * then by all dimensions, so that paging is stable. Values come in the dialect's shown form. `limit` and `offset` are those of the spec unless
 * given here, where `unordered` saves the sorting of rows whose order is not wanted. Throws `request.invalid` and `query.*` that point into the spec.
 */
export function compileSpec(
  spec: QuerySpec,
  source: Sql,
  scope: Scope,
  page: { limit: number | null; offset: number; unordered?: boolean } = {
    limit: spec.limit ?? null,
    offset: spec.offset ?? 0,
  },
): CompiledQuery {
  const query = compileParts(spec, scope);
  const where = compileWhere(spec.where, scope);
  const grouped = groupRows(query.dimensions, query.measures, source, where, scope.dialect);
  const outputs = outputScope(query);
  const having = spec.having ? compileFilter(spec.having, outputs, '/having') : undefined;
  const kept = sql`(\n${grouped}\n) AS g${having ? sql`\nWHERE ${having}` : raw('')}`;
  const order = page.unordered ? [] : orderTerms(spec.order ?? [], query);
  const paging = scope.dialect.page(page.limit, page.offset, order.length > 0);
  const statement = sql`SELECT ${shownColumns(query)}\nFROM ${kept}${order.length > 0 ? sql`\nORDER BY ${list(order)}` : raw('')}${paging.parts.length > 0 ? sql`\n${paging}` : raw('')}`;
  return {
    statement,
    columns: [...outputs.columns.values()],
    ...(spec.totalRows ? { countStatement: sql`SELECT ${scope.dialect.countRows} AS n\nFROM ${kept}` } : {}),
  };
}

function compileParts(spec: QuerySpec, scope: Scope): Query {
  const dimensions = (spec.dimensions ?? []).map((dimension, index) =>
    compileDimension(dimension, scope, `/dimensions/${index}`),
  );
  const measures = (spec.measures ?? []).map((measure, index) =>
    compileMeasure(measure, scope, `/measures/${index}`),
  );
  if (dimensions.length + measures.length === 0)
    throw new AppError('request.invalid', 'A query needs dimensions, measures or both', { pointer: '' });
  checkOutputNames([
    ...dimensions.map(({ name }, index) => ({ name, pointer: `/dimensions/${index}` })),
    ...measures.map(({ name }, index) => ({ name, pointer: `/measures/${index}` })),
  ]);
  return { dimensions, measures, scope };
}

/** The answer's columns in their canonical form, in their order. */
const outputsOf = ({
  dimensions,
  measures,
}: Pick<Query, 'dimensions' | 'measures'>): [SourceColumn, Sql][] => [
  ...dimensions.map((each, index): [SourceColumn, Sql] => [outputOf(each), sql`g.${groupKey(index)}`]),
  ...measures.map((each, index): [SourceColumn, Sql] => [outputOf(each), sql`g.${measureValue(index)}`]),
];

const outputOf = ({ name, type, nativeType }: SourceColumn): SourceColumn => ({
  name,
  type,
  ...(nativeType === undefined ? {} : { nativeType }),
});

/** The scope of `having`: the answer's columns by their names. */
function outputScope(query: Query): Scope {
  const outputs = outputsOf(query);
  return {
    ...query.scope,
    columns: columnsByName(outputs.map(([column]) => column)),
    expressions: new Map(
      outputs.map(([column, value]) => [column.name, restoredOf(value, column, query.scope.dialect)]),
    ),
    derived: undefined,
    used: undefined,
  };
}

function shownColumns(query: Query): Sql {
  const { dialect, timezone } = query.scope;
  return list(
    outputsOf(query).map(([column, value], index) =>
      as(shownOf(value, column, dialect, timezone), dialect.outputName(column.name, index)),
    ),
  );
}

/** Nulls come last in both directions unless told; groups that are equal in `order` come by their dimensions. */
function orderTerms(order: readonly Order[], query: Query): Sql[] {
  const { orderTerm } = query.scope.dialect;
  const outputs = new Map(outputsOf(query).map(([{ name }, value]) => [name, value]));
  const named = new Set<string>();
  const asked = order.flatMap(({ by, dir = 'asc', nulls = 'last' }, index) => {
    const value = outputs.get(by);
    if (!value) throw unknownField(by, [...outputs.keys()], `/order/${index}/by`);
    if (named.has(by)) return [];
    named.add(by);
    return [orderTerm(value, dir, nulls)];
  });
  const rest = query.dimensions.flatMap(({ name }, index) =>
    named.has(name) ? [] : [orderTerm(sql`g.${groupKey(index)}`, 'asc', 'last')],
  );
  return [...asked, ...rest];
}
