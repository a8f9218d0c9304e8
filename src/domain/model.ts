import Type, { type Static } from 'typebox';
import type { Column } from './column.ts';
import { Filter } from './filter.ts';
import { FieldName, Name } from './name.ts';
import { AggregationName } from './query-spec.ts';
import { SqlParams } from './sql-query.ts';
import { GRAINS, PARTS } from './time.ts';

const closed = { additionalProperties: false } as const;
const Text = Type.String({ maxLength: 10_000 });
const TableText = Type.String({ minLength: 1, maxLength: 500 });
const SqlText = Type.String({ minLength: 1, maxLength: 1_000_000 });
const ExpressionText = Type.String({ minLength: 1, maxLength: 100_000 });
/** How a number or time is to be shown, such as `#,##0.00`; passed on to clients and files as it stands. */
const Format = Type.String({ minLength: 1, maxLength: 200 });
const Label = Type.String({ minLength: 1, maxLength: 500 });

/** Other words that people may ask by. */
const Synonyms = Type.Optional(Type.Array(Label, { maxItems: 100 }));

const DESCRIBED = {
  label: Type.Optional(Label),
  description: Type.Optional(Text),
  format: Type.Optional(Format),
  synonyms: Synonyms,
} as const;

/** The base of a model: a dataset; or of a datasource a table, or a SELECT with its parameters. */
export const ModelFrom = Type.Object(
  {
    dataset: Type.Optional(FieldName),
    datasource: Type.Optional(FieldName),
    table: Type.Optional(TableText),
    sql: Type.Optional(SqlText),
    params: Type.Optional(SqlParams),
  },
  closed,
);
export type ModelFrom = Static<typeof ModelFrom>;

export const JOIN_TYPES = ['left', 'inner', 'right', 'full'] as const;
export type JoinType = (typeof JOIN_TYPES)[number];

/** How many rows of what stands before the join, and of the joined table, have one key. */
export const RELATIONSHIPS = ['manyToOne', 'oneToOne', 'oneToMany', 'manyToMany'] as const;
export type Relationship = (typeof RELATIONSHIPS)[number];

/** Another table of the same source; over datasets `table` names a dataset too. */
export const ModelJoin = Type.Object(
  {
    dataset: Type.Optional(FieldName),
    datasource: Type.Optional(FieldName),
    table: Type.Optional(TableText),
    sql: Type.Optional(SqlText),
    params: Type.Optional(SqlParams),
    /** Its columns are called `as.column`. */
    as: Name,
    type: Type.Optional(Type.Enum([...JOIN_TYPES])),
    /** Pairs of a field of what stands before the join, and a column of the joined table, that must be equal. */
    on: Type.Array(Type.Tuple([FieldName, FieldName]), { minItems: 1, maxItems: 16 }),
    relationship: Type.Optional(Type.Enum([...RELATIONSHIPS])),
  },
  closed,
);
export type ModelJoin = Static<typeof ModelJoin>;

/** Columns of the base that become rows: one column with their names, one with their values. */
export const Unpivot = Type.Object(
  {
    columns: Type.Array(FieldName, { minItems: 1, maxItems: 500 }),
    name: FieldName,
    value: FieldName,
    keepNulls: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type Unpivot = Static<typeof Unpivot>;

export const ModelColumn = Type.Object({ name: FieldName, expr: ExpressionText, ...DESCRIBED }, closed);
export type ModelColumn = Static<typeof ModelColumn>;

export const ModelDimension = Type.Object(
  {
    name: FieldName,
    field: Type.Optional(FieldName),
    expr: Type.Optional(ExpressionText),
    grain: Type.Optional(Type.Enum([...GRAINS, ...PARTS])),
    ...DESCRIBED,
    /** Not offered to people; it can be queried all the same. */
    hidden: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type ModelDimension = Static<typeof ModelDimension>;

export const ModelMeasure = Type.Object(
  {
    name: FieldName,
    agg: AggregationName,
    field: Type.Optional(FieldName),
    expr: Type.Optional(ExpressionText),
    where: Type.Optional(Filter),
    ...DESCRIBED,
    hidden: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type ModelMeasure = Static<typeof ModelMeasure>;

/** What is said of a column of the tables, which is there without the model's doing. */
export const ModelDescription = Type.Object(
  { name: FieldName, description: Type.Optional(Text), synonyms: Synonyms },
  closed,
);
export type ModelDescription = Static<typeof ModelDescription>;

const PrimaryKey = Type.Array(FieldName, { minItems: 1, maxItems: 16, uniqueItems: true });

const DEFINITION = {
  from: ModelFrom,
  joins: Type.Optional(Type.Array(ModelJoin, { maxItems: 50 })),
  unpivot: Type.Optional(Unpivot),
  /** Columns of the base, as it is unpivoted, of which no two rows have the same values. */
  primaryKey: Type.Optional(PrimaryKey),
  columns: Type.Optional(Type.Array(ModelColumn, { maxItems: 1000 })),
  dimensions: Type.Optional(Type.Array(ModelDimension, { maxItems: 1000 })),
  measures: Type.Optional(Type.Array(ModelMeasure, { maxItems: 1000 })),
  descriptions: Type.Optional(Type.Array(ModelDescription, { maxItems: 5000 })),
  /** Rows that it does not fit are not there, whatever is asked. */
  where: Type.Optional(Filter),
} as const;

/**
 * What a model is made of. Its rows are those of `from`, unpivoted where asked, with the joined tables beside them; then come computed columns
 * and the default filter.
 */
export const ModelDefinition = Type.Object(DEFINITION, closed);
export type ModelDefinition = Static<typeof ModelDefinition>;

const Description = Type.Optional(Text);

export const ModelInput = Type.Object({ name: Name, description: Description, ...DEFINITION }, closed);
export type ModelInput = Static<typeof ModelInput>;

/** A model that is tried out without being kept. */
export const ModelTrial = Type.Object(
  {
    name: Type.Optional(Name),
    description: Description,
    ...DEFINITION,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  },
  closed,
);
export type ModelTrial = Static<typeof ModelTrial>;

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]));

/** A change of a model: each part that is named is replaced whole, or taken away by null. */
export const ModelPatch = Type.Object(
  {
    name: Type.Optional(Name),
    description: Description,
    from: Type.Optional(ModelFrom),
    joins: orNull(Type.Array(ModelJoin, { maxItems: 50 })),
    unpivot: orNull(Unpivot),
    primaryKey: orNull(PrimaryKey),
    columns: orNull(Type.Array(ModelColumn, { maxItems: 1000 })),
    dimensions: orNull(Type.Array(ModelDimension, { maxItems: 1000 })),
    measures: orNull(Type.Array(ModelMeasure, { maxItems: 1000 })),
    descriptions: orNull(Type.Array(ModelDescription, { maxItems: 5000 })),
    where: orNull(Filter),
    /** Of the model that was read; the change is refused when it is another by now. */
    version: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  { ...closed, minProperties: 1 },
);
export type ModelPatch = Static<typeof ModelPatch>;

export interface Model extends ModelDefinition {
  id: string;
  name: string;
  description: string;
  /** Grows with every change of the definition. */
  version: number;
  createdAt: string;
  updatedAt: string;
}

interface Described {
  label: string;
  description?: string | undefined;
  format?: string | undefined;
  synonyms?: string[] | undefined;
}

/** What a front end can offer of a model. */
export interface ModelFields {
  columns: (Column & Described & { join?: string; computed?: true })[];
  dimensions: (Column & Described & Pick<ModelDimension, 'grain' | 'hidden'>)[];
  measures: (Column & Described & Pick<ModelMeasure, 'agg' | 'hidden'>)[];
  primaryKey?: string[];
}
