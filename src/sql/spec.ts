import { AppError } from '../base/errors.ts';
import type { Column } from '../domain/column.ts';
import type { Order, QuerySpec } from '../domain/query-spec.ts';
import { type CompiledMeasure, compileMeasure } from './aggregate.ts';
import { ident, join, raw, type Sql, sql } from './ast.ts';
import { type CompiledDimension, compileDimension } from './dimension.ts';
import { compileFilter } from './filter.ts';
import { checkOutputNames } from './output-names.ts';
import { columnsByName, type Scope, unknownField } from './scope.ts';

export interface CompiledQuery {
  statement: Sql;
  /** Of the answer, in the order of the statement's columns. */
  columns: Column[];
  /** One row with the number of groups before paging; only where `totalRows` asks for it. */
  countStatement?: Sql;
}

interface Query {
  dimensions: readonly CompiledDimension[];
  measures: readonly CompiledMeasure[];
  scope: Scope;
}

/** Names inside of the statement are ours, so that no name of a caller's can clash with another. */
const groupKey = (index: number) => raw(`d${index}`);
const measureInput = (index: number) => raw(`x${index}`);
const measureValue = (index: number) => raw(`m${index}`);
const as = (value: Sql, name: Sql) => sql`${value} AS ${name}`;
const list = (fragments: readonly Sql[]) => join(fragments, ', ');

/**
 * A spec over `source`: one row for each group of the dimensions (their distinct combinations where there is no measure), ordered by `order` and
 * then by all dimensions, so that paging is stable. Values come in the dialect's shown form. `limit` and `offset` are those of the spec unless
 * given here. Throws `request.invalid` and `query.*` that point into the spec.
 */
export function compileSpec(
  spec: QuerySpec,
  source: Sql,
  scope: Scope,
  page: { limit: number | null; offset: number } = { limit: spec.limit ?? null, offset: spec.offset ?? 0 },
): CompiledQuery {
  const query = compileParts(spec, scope);
  const where = spec.where ? compileFilter(spec.where, scope, '/where') : undefined;
  const grouped = groupedRows(query, source, where);
  const outputs = outputScope(query);
  const having = spec.having ? compileFilter(spec.having, outputs, '/having') : undefined;
  const kept = sql`(\n${grouped}\n) AS g${having ? sql`\nWHERE ${having}` : raw('')}`;
  const paging = scope.dialect.page(page.limit, page.offset);
  const statement = sql`SELECT ${shownColumns(query)}\nFROM ${kept}${orderClause(spec.order ?? [], query, outputs)}${paging.parts.length > 0 ? sql`\n${paging}` : raw('')}`;
  return {
    statement,
    columns: [...outputs.columns.values()],
    ...(spec.totalRows ? { countStatement: sql`SELECT count(*) AS n\nFROM ${kept}` } : {}),
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

function groupedRows({ dimensions, measures }: Query, source: Sql, where: Sql | undefined): Sql {
  const keys = dimensions.map((_, index) => groupKey(index));
  const inputs = measures.flatMap(({ input }, index) => (input ? [as(input, measureInput(index))] : []));
  const taken = [...dimensions.map(({ sql }, index) => as(sql, groupKey(index))), ...inputs];
  const rows = sql`SELECT ${taken.length > 0 ? list(taken) : raw('1 AS x')} FROM ${source}${where ? sql` WHERE ${where}` : raw('')}`;
  const values = measures.map((measure, index) =>
    as(measure.direct(measureInput(index)), measureValue(index)),
  );
  const grouping = keys.length > 0 ? sql`\nGROUP BY ${list(keys)}` : raw('');
  return sql`SELECT ${list([...keys, ...values])}\nFROM (${rows}) AS r${grouping}`;
}

/** The scope of `having` and `order`: the answer's columns by their names. */
function outputScope({ dimensions, measures, scope }: Query): Scope {
  const columns = [...dimensions, ...measures].map(({ name, type }): Column => ({ name, type }));
  const expressions = new Map<string, Sql>([
    ...dimensions.map(({ name }, index): [string, Sql] => [name, sql`g.${groupKey(index)}`]),
    ...measures.map(({ name }, index): [string, Sql] => [name, sql`g.${measureValue(index)}`]),
  ]);
  return { ...scope, columns: columnsByName(columns), expressions };
}

function shownColumns({ dimensions, measures, scope }: Query): Sql {
  const shown = ({ name, type }: Column, value: Sql) =>
    as(scope.dialect.shown[type](value, scope.timezone), ident(name));
  return list([
    ...dimensions.map((dimension, index) => shown(dimension, sql`g.${groupKey(index)}`)),
    ...measures.map((measure, index) => shown(measure, sql`g.${measureValue(index)}`)),
  ]);
}

/** Nulls come last in both directions unless told; groups that are equal in `order` come by their dimensions. */
function orderClause(order: readonly Order[], { dimensions, scope }: Query, outputs: Scope): Sql {
  const { orderTerm } = scope.dialect;
  const asked = order.map(({ by, dir = 'asc', nulls = 'last' }, index) => {
    const value = outputs.expressions?.get(by);
    if (!value) throw unknownField(by, [...outputs.columns.keys()], `/order/${index}/by`);
    return orderTerm(value, dir, nulls);
  });
  const named = new Set(order.map(({ by }) => by));
  const rest = dimensions.flatMap(({ name }, index) =>
    named.has(name) ? [] : [orderTerm(sql`g.${groupKey(index)}`, 'asc', 'last')],
  );
  const terms = [...asked, ...rest];
  return terms.length > 0 ? sql`\nORDER BY ${list(terms)}` : raw('');
}
