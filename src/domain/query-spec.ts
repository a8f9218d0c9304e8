import Type, { type Static } from 'typebox';
import { Filter } from './filter.ts';
import { FieldName } from './name.ts';
import { SqlParams } from './sql-query.ts';
import { GRAINS, PARTS, Weekday } from './time.ts';

const closed = { additionalProperties: false } as const;

/** Fields of the language that are accepted by the schema and refused with `query.not_built`, so that the error says which. */
export const notBuilt = Type.Optional(
  Type.Unknown({ description: 'Not built yet: answers 501 query.not_built', 'x-not-built': true }),
);

/** A dataset; a model; or of a datasource a table (`schema.table`), or a SELECT with its parameters. */
export const From = Type.Object(
  {
    dataset: Type.Optional(FieldName),
    datasource: Type.Optional(FieldName),
    table: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    sql: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000_000 })),
    params: Type.Optional(SqlParams),
    model: Type.Optional(FieldName),
  },
  closed,
);
export type From = Static<typeof From>;

/** A value of each row in the portable expression dialect. Its length is limited by a setting. */
export const Expression = Type.String({ minLength: 1, maxLength: 1_000_000 });

export const Dimension = Type.Union([
  FieldName,
  Type.Object(
    {
      field: Type.Optional(FieldName),
      grain: Type.Optional(Type.Enum([...GRAINS, ...PARTS])),
      as: Type.Optional(FieldName),
      /** In place of a field, with `as`. */
      expr: Type.Optional(Expression),
      bins: notBuilt,
    },
    closed,
  ),
]);
export type Dimension = Static<typeof Dimension>;

/** Aggregations of the language; those outside BUILT_AGGREGATIONS are refused with `query.not_built`. */
export const AGGREGATIONS = [
  'count',
  'countDistinct',
  'approxCountDistinct',
  'sum',
  'avg',
  'min',
  'max',
  'median',
  'percentile',
  'stddev',
  'stddevPop',
  'variance',
  'variancePop',
  'first',
  'last',
  'weightedAvg',
  'concat',
] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

export const BUILT_AGGREGATIONS = ['count', 'countDistinct', 'sum', 'avg', 'min', 'max', 'median'] as const;
export type BuiltAggregation = (typeof BUILT_AGGREGATIONS)[number];

export const AggregationName = Type.Enum([...AGGREGATIONS], {
  description: 'Those of x-not-built answer 501 query.not_built',
  'x-not-built': AGGREGATIONS.filter((agg) => !(BUILT_AGGREGATIONS as readonly string[]).includes(agg)),
});

export const Measure = Type.Object(
  {
    /** A measure of the model by its name, in place of all but `as`. */
    measure: Type.Optional(FieldName),
    agg: Type.Optional(AggregationName),
    field: Type.Optional(FieldName),
    /** In place of a field, with `as`. */
    expr: Type.Optional(Expression),
    as: Type.Optional(FieldName),
    where: Type.Optional(Filter),
    formula: notBuilt,
    of: notBuilt,
    show: notBuilt,
    window: notBuilt,
    at: notBuilt,
    by: notBuilt,
    per: notBuilt,
    p: notBuilt,
    orderBy: notBuilt,
    weight: notBuilt,
    base: notBuilt,
    level: notBuilt,
  },
  closed,
);
export type Measure = Static<typeof Measure>;

/** A measure, or the name of one of the model. */
export const AskedMeasure = Type.Union([FieldName, Measure]);
export type AskedMeasure = Static<typeof AskedMeasure>;

export const Order = Type.Object(
  {
    by: FieldName,
    dir: Type.Optional(Type.Enum(['asc', 'desc'])),
    nulls: Type.Optional(Type.Enum(['first', 'last'])),
  },
  closed,
);
export type Order = Static<typeof Order>;

/** What spec and pivot share. */
export const COMMON = {
  from: From,
  joins: notBuilt,
  time: notBuilt,
  where: Type.Optional(Filter),
  timezone: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  weekStart: Type.Optional(Weekday),
  locale: notBuilt,
  calendar: notBuilt,
  numbers: Type.Optional(Type.Enum(['exact', 'float'])),
  requestId: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_.:-]{1,100}$' })),
  timeoutS: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
} as const;

/** Groups and measures of a source: grouped by the dimensions, or plain rows of them where there is no measure. */
export const QuerySpec = Type.Object(
  {
    ...COMMON,
    dimensions: Type.Optional(Type.Array(Dimension, { maxItems: 100 })),
    measures: Type.Optional(Type.Array(AskedMeasure, { maxItems: 200 })),
    having: Type.Optional(Filter),
    order: Type.Optional(Type.Array(Order, { maxItems: 50 })),
    limit: Type.Optional(Type.Integer({ minimum: 0 })),
    offset: Type.Optional(Type.Integer({ minimum: 0 })),
    totalRows: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type QuerySpec = Static<typeof QuerySpec>;

/** The distinct values of one field, with how often each occurs. */
export const DistinctSpec = Type.Object(
  {
    ...COMMON,
    field: Dimension,
    search: Type.Optional(Type.String({ maxLength: 1000 })),
    limit: Type.Optional(Type.Integer({ minimum: 0 })),
    offset: Type.Optional(Type.Integer({ minimum: 0 })),
    orderBy: Type.Optional(Type.Enum(['value', 'count'])),
  },
  closed,
);
export type DistinctSpec = Static<typeof DistinctSpec>;
