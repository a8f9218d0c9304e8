import Type, { type Static } from 'typebox';
import { FieldName } from './name.ts';
import { Range } from './time.ts';

export const OPERATORS = [
  'eq',
  'ne',
  'lt',
  'lte',
  'gt',
  'gte',
  'between',
  'in',
  'notIn',
  'contains',
  'notContains',
  'startsWith',
  'endsWith',
  'like',
  'matches',
  'isNull',
  'isNotNull',
  'isEmpty',
  'during',
  'before',
  'after',
] as const;
export type Operator = (typeof OPERATORS)[number];

export const Scalar = Type.Union([
  Type.String({ maxLength: 100_000 }),
  Type.Number(),
  Type.Boolean(),
  Type.Null(),
]);
export type Scalar = Static<typeof Scalar>;

/** One test of one field. Which of `value`, `values`, `range` must be there follows from `op`. */
export const Condition = Type.Object(
  {
    field: FieldName,
    op: Type.Enum([...OPERATORS]),
    value: Type.Optional(Scalar),
    values: Type.Optional(Type.Array(Scalar, { maxItems: 10_000 })),
    range: Type.Optional(Range),
    caseSensitive: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type Condition = Static<typeof Condition>;

export type Filter = { and: Filter[] } | { or: Filter[] } | { not: Filter } | Condition;

const closed = { additionalProperties: false } as const;
const Branches = Type.Array(Type.Ref('Filter'), { maxItems: 1000 });

/** The filter tree. An empty `and` is true, an empty `or` false. */
export const Filter = Type.Unsafe<Filter>(
  Type.Cyclic(
    {
      Filter: Type.Union([
        Type.Object({ and: Branches }, closed),
        Type.Object({ or: Branches }, closed),
        Type.Object({ not: Type.Ref('Filter') }, closed),
        Condition,
      ]),
    },
    'Filter',
  ),
);
