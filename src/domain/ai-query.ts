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

/** As loose as providers take a schema; the real check of it is that of the query language. */
const Loose = Type.Object({});

/** A query as a model writes it: never where it reads from, which the asker has said. */
export const AiQuery = Type.Object(
  {
    kind: Type.Enum(['spec', 'pivot']),
    dimensions: Type.Optional(
      Type.Array(AiDimension, { maxItems: 20, description: 'Of a spec: what it groups by' }),
    ),
    rows: Type.Optional(Type.Array(AiDimension, { maxItems: 8, description: 'Of a pivot' })),
    columns: Type.Optional(Type.Array(AiDimension, { maxItems: 8, description: 'Of a pivot' })),
    measures: Type.Optional(Type.Array(Loose, { maxItems: 50 })),
    where: Type.Optional(Loose),
    having: Type.Optional(Loose),
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
