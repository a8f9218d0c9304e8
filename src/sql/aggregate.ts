import { AppError } from '../base/errors.ts';
import { type ColumnType, isNumeric } from '../domain/column.ts';
import {
  type AskedMeasure,
  BUILT_AGGREGATIONS,
  type BuiltAggregation,
  type Measure,
} from '../domain/query-spec.ts';
import { raw, type Sql, sql } from './ast.ts';
import { resolveComputed } from './computed.ts';
import type { AggregateCall, Dialect } from './dialect.ts';
import { compileFilter } from './filter.ts';
import { keptNative, keyOf } from './native.ts';
import { plainMeasure } from './plain-measure.ts';
import type { Field, Scope } from './scope.ts';

/** One aggregate over rows from which, combined over groups of rows, a measure is made. */
export interface Partial {
  /** Tells the partials of one measure apart. */
  suffix: 'n' | 'sum' | 'min' | 'max';
  /** The aggregate over the source's rows. */
  sql: Sql;
  /** The aggregate that combines partials of groups into that of their union. */
  combine: 'sum' | 'min' | 'max';
}

export interface CompiledMeasure {
  name: string;
  agg: BuiltAggregation;
  /** Type of the answer's column. */
  type: ColumnType;
  nativeType?: string;
  /** The value of one row that is aggregated, null where the measure's own `where` drops the row; undefined when plain rows are counted. */
  input: Sql | undefined;
  /** False for countDistinct and median, which must be asked for at each level by `direct`. */
  decomposable: boolean;
  /** Empty unless decomposable. */
  partials: readonly Partial[];
  /** The measure from its combined partials, given in the order of `partials`. Only when decomposable. */
  final(combined: readonly Sql[]): Sql;
  /** The measure as one aggregate over rows that hold `input` as the given column (ignored when plain rows are counted). */
  direct(input: Sql): Sql;
}

interface Rule {
  accepts(type: ColumnType): boolean;
  answer(input: ColumnType): ColumnType;
  /** The answer is one of the values. */
  keepsValues?: true;
  partials: readonly { suffix: Partial['suffix']; call: AggregateCall; combine: Partial['combine'] }[];
  final(dialect: Dialect, combined: readonly Sql[]): Sql;
  direct(dialect: Dialect, input: Sql, type: ColumnType): Sql;
}

const countable = () => true;
const orderable = (type: ColumnType) => type !== 'json' && type !== 'binary';
const same = (type: ColumnType) => type;
const first = (_: Dialect, [only]: readonly Sql[]) => only!;

/** Sums are exact for integers and decimals. Floats follow DuckDB: a NaN makes a sum NaN and is the greatest value of min and max. */
const RULES: Readonly<Record<BuiltAggregation, Rule>> = {
  count: {
    accepts: countable,
    answer: () => 'integer',
    partials: [{ suffix: 'n', call: 'count', combine: 'sum' }],
    final: (dialect, [n]) => dialect.asCount(n!),
    direct: (dialect, input, type) => dialect.aggregates.count(input, type),
  },
  countDistinct: {
    accepts: countable,
    answer: () => 'integer',
    partials: [],
    final: first,
    direct: (dialect, input, type) => dialect.aggregates.countDistinct(input, type),
  },
  sum: {
    accepts: isNumeric,
    answer: same,
    partials: [{ suffix: 'sum', call: 'sum', combine: 'sum' }],
    final: first,
    direct: (dialect, input, type) => dialect.aggregates.sum(input, type),
  },
  avg: {
    accepts: isNumeric,
    answer: () => 'float',
    partials: [
      { suffix: 'sum', call: 'sum', combine: 'sum' },
      { suffix: 'n', call: 'count', combine: 'sum' },
    ],
    final: (dialect, [sum, n]) => dialect.quotient(sum!, n!),
    direct: ({ aggregates, quotient }, input, type) =>
      quotient(aggregates.sum(input, type), aggregates.count(input, type)),
  },
  min: extreme('min'),
  max: extreme('max'),
  median: {
    accepts: isNumeric,
    answer: () => 'float',
    partials: [],
    final: first,
    direct: (dialect, input, type) => dialect.aggregates.median(input, type),
  },
};

function extreme(call: 'min' | 'max'): Rule {
  return {
    accepts: orderable,
    answer: same,
    keepsValues: true,
    partials: [{ suffix: call, call, combine: call }],
    final: first,
    direct: (dialect, input, type) => dialect.aggregates[call](input, type),
  };
}

const isBuilt = (agg: string): agg is BuiltAggregation =>
  (BUILT_AGGREGATIONS as readonly string[]).includes(agg);

/** A measure over the source's columns. Throws `request.invalid`, `query.not_built`, `query.field`, `query.type`. */
export function compileMeasure(asked: AskedMeasure, scope: Scope, pointer: string): CompiledMeasure {
  const measure = plainMeasure(asked, pointer);
  const agg = aggregationOf(measure, pointer);
  const rule = RULES[agg];
  const field = fieldOf(measure, agg, scope, pointer);
  if (field && !rule.accepts(field.column.type))
    throw notFor(agg, field, `${pointer}/${measure.expr === undefined ? 'field' : 'expr'}`);
  const { dialect } = scope;
  const input = inputOf(measure, field, scope, pointer);
  const type = field?.column.type ?? 'integer';
  const call = (name: AggregateCall) => (input ? dialect.aggregates[name](input, type) : dialect.countRows);
  return {
    name: measure.as ?? (measure.field === undefined ? agg : `${agg}_${measure.field}`),
    agg,
    type: rule.answer(type),
    ...(field && rule.keepsValues ? keptNative(field.column, dialect) : {}),
    input,
    decomposable: rule.partials.length > 0,
    partials: rule.partials.map(({ suffix, call: name, combine }) => ({ suffix, sql: call(name), combine })),
    final: (combined) => rule.final(dialect, combined),
    direct: (given) => (input ? rule.direct(dialect, given, type) : dialect.countRows),
  };
}

function aggregationOf({ agg }: Measure, pointer: string): BuiltAggregation {
  if (agg === undefined) throw new AppError('request.invalid', 'A measure needs agg', { pointer });
  if (!isBuilt(agg))
    throw new AppError('query.not_built', `The aggregation ${agg} is not built yet`, {
      pointer: `${pointer}/agg`,
    });
  return agg;
}

function fieldOf(measure: Measure, agg: BuiltAggregation, scope: Scope, pointer: string): Field | undefined {
  const field = resolveComputed(measure, scope, pointer);
  if (field || agg === 'count') return field;
  throw new AppError('request.invalid', `The aggregation ${agg} needs a field or an expr`, { pointer });
}

function notFor(agg: BuiltAggregation, { column }: Field, pointer: string): AppError {
  const what = column.name === '' ? 'the expression' : JSON.stringify(column.name);
  const detail = `${agg} does not take ${what}, which is of type ${column.type}`;
  const field = column.name === '' ? {} : { field: column.name };
  return new AppError('query.type', detail, { pointer, params: { ...field, type: column.type } });
}

function inputOf(measure: Measure, field: Field | undefined, scope: Scope, pointer: string): Sql | undefined {
  const value = field && (measure.agg === 'count' ? field.sql : canonicalOf(field, scope));
  if (!measure.where) return value;
  const condition = compileFilter(measure.where, scope, `${pointer}/where`);
  return sql`CASE WHEN ${condition} THEN ${value ?? raw('1')} END`;
}

const canonicalOf = ({ sql, column }: Field, { dialect }: Scope) => keyOf(sql, column, dialect);
