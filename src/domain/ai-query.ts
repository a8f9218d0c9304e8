import Type, { type Static } from 'typebox';
import type { PivotSpec } from './pivot-spec.ts';
import type { QuerySpec } from './query-spec.ts';
import { GRAINS, PARTS } from './time.ts';

const closed = { additionalProperties: false } as const;
const Text = Type.String({ minLength: 1, maxLength: 500 });

export const AI_CHARTS = ['table', 'pivot', 'number', 'bar', 'line', 'area', 'pie', 'scatter'] as const;
export const AiChart = Type.Enum([...AI_CHARTS]);
export type AiChart = (typeof AI_CHARTS)[number];

const AiDimension = Type.Object(
  { field: Text, grain: Type.Optional(Type.Enum([...GRAINS, ...PARTS])), as: Type.Optional(Text) },
  closed,
);

/*
 * Filters and measures are told by their usual fields, for some providers take no object without any; others are let through. The real check is
 * that of the query language.
 */
const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const TEST = {
  field: Type.Optional(Type.String()),
  op: Type.Optional(Type.String()),
  value: Type.Optional(Scalar),
  values: Type.Optional(Type.Array(Scalar)),
  range: Type.Optional(
    Type.Object({
      from: Type.Optional(Type.String()),
      to: Type.Optional(Type.String()),
      preset: Type.Optional(Type.String()),
      last: Type.Optional(
        Type.Object({ n: Type.Optional(Type.Integer()), unit: Type.Optional(Type.String()) }),
      ),
    }),
  ),
};
const AiTest = Type.Object(TEST);
const AiFilter = Type.Object({
  ...TEST,
  and: Type.Optional(Type.Array(AiTest)),
  or: Type.Optional(Type.Array(AiTest)),
  not: Type.Optional(AiTest),
});
const AiMeasure = Type.Object({
  agg: Type.Optional(Type.String()),
  field: Type.Optional(Type.String()),
  measure: Type.Optional(Type.String()),
  as: Type.Optional(Type.String()),
  where: Type.Optional(AiTest),
});

/** A query as a model writes it: never where it reads from, which the asker has said. */
export const AiQuery = Type.Object(
  {
    kind: Type.Enum(['spec', 'pivot']),
    dimensions: Type.Optional(
      Type.Array(AiDimension, { maxItems: 20, description: 'Of a spec: what it groups by' }),
    ),
    rows: Type.Optional(Type.Array(AiDimension, { maxItems: 8, description: 'Of a pivot' })),
    columns: Type.Optional(Type.Array(AiDimension, { maxItems: 8, description: 'Of a pivot' })),
    measures: Type.Optional(Type.Array(AiMeasure, { maxItems: 50 })),
    where: Type.Optional(AiFilter),
    having: Type.Optional(AiFilter),
    order: Type.Optional(
      Type.Array(Type.Object({ by: Text, dir: Type.Optional(Type.Enum(['asc', 'desc'])) }, closed), {
        maxItems: 10,
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    totals: Type.Optional(
      Type.Object(
        {
          rows: Type.Optional(Type.Enum(['all', 'grand', 'none'])),
          columns: Type.Optional(Type.Enum(['all', 'grand', 'none'])),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type AiQuery = Static<typeof AiQuery>;

/** A query of the service's own language with its kind. */
export type AnyQuery = { kind: 'spec'; spec: QuerySpec } | { kind: 'pivot'; spec: PivotSpec };
