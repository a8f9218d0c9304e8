import Type, { type Static } from 'typebox';
import { Scalar } from './filter.ts';
import { FieldName } from './name.ts';
import { AskedMeasure, COMMON, Dimension, notBuilt } from './query-spec.ts';

const closed = { additionalProperties: false } as const;

/** Which subtotals an axis has: every level, the grand total only, none, or the levels named (`grand` is the grand total). */
export const AxisTotals = Type.Union([
  Type.Enum(['all', 'grand', 'none']),
  Type.Array(Type.String(), { maxItems: 20 }),
]);
export type AxisTotals = Static<typeof AxisTotals>;

export const AxisSort = Type.Object(
  {
    axis: Type.Enum(['rows', 'columns']),
    level: FieldName,
    /** A measure's name, or the level's own name to sort by its members. */
    by: FieldName,
    /** The header on the other axis whose values count; its grand total where absent. */
    column: Type.Optional(Type.Array(Scalar, { maxItems: 20 })),
    dir: Type.Optional(Type.Enum(['asc', 'desc'])),
    nulls: Type.Optional(Type.Enum(['first', 'last'])),
  },
  closed,
);
export type AxisSort = Static<typeof AxisSort>;

const AxisPage = Type.Object(
  { offset: Type.Optional(Type.Integer({ minimum: 0 })), limit: Type.Optional(Type.Integer({ minimum: 0 })) },
  closed,
);

/**
 * A pivot: the spec with its dimensions on two axes. A page counts detail headers (those of full depth); subtotals and grand totals
 * are always computed over all rows and always all there.
 */
export const PivotSpec = Type.Object(
  {
    ...COMMON,
    rows: Type.Optional(Type.Array(Dimension, { maxItems: 12 })),
    columns: Type.Optional(Type.Array(Dimension, { maxItems: 12 })),
    measures: Type.Array(AskedMeasure, { minItems: 1, maxItems: 100 }),
    totals: Type.Optional(
      Type.Object(
        {
          rows: Type.Optional(AxisTotals),
          columns: Type.Optional(AxisTotals),
          position: Type.Optional(Type.Enum(['first', 'last'])),
        },
        closed,
      ),
    ),
    sort: Type.Optional(Type.Array(AxisSort, { maxItems: 24 })),
    page: Type.Optional(
      Type.Object({ rows: Type.Optional(AxisPage), columns: Type.Optional(AxisPage) }, closed),
    ),
    fill: Type.Optional(Type.Enum(['zero'])),
    having: notBuilt,
    top: notBuilt,
    expand: notBuilt,
  },
  closed,
);
export type PivotSpec = Static<typeof PivotSpec>;
