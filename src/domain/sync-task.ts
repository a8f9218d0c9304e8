import Type, { type Static } from 'typebox';
import { ColumnType } from './column.ts';
import { FolderSource, HttpSource, UrlSource } from './http-source.ts';
import { FieldName, Name } from './name.ts';
import { SqlParams } from './sql-query.ts';

const closed = { additionalProperties: false } as const;

/** A table or view of a datasource, as `from` of a query names it. */
export const TableSource = Type.Object(
  {
    kind: Type.Literal('table'),
    datasource: FieldName,
    table: Type.String({ minLength: 1, maxLength: 600 }),
  },
  closed,
);
/** One SELECT over a datasource. */
export const SqlSource = Type.Object(
  {
    kind: Type.Literal('sql'),
    datasource: FieldName,
    sql: Type.String({ minLength: 1, maxLength: 1_000_000 }),
    params: Type.Optional(SqlParams),
  },
  closed,
);

/** Where rows come from. A kind more is a schema here and an entry of `SyncSources` (services/sync-source.ts). */
export const SourceSpec = Type.Union([TableSource, SqlSource, HttpSource, UrlSource, FolderSource]);
export type SourceSpec = Static<typeof SourceSpec>;

/**
 * How new rows are known. `lateS` (seconds, of a time) or `lateBy` (of a number) says how far behind the newest value rows may still
 * come: so much is read again each time.
 */
export const SyncCursor = Type.Object(
  {
    column: FieldName,
    lateS: Type.Optional(Type.Integer({ minimum: 0, maximum: 366 * 86_400 })),
    lateBy: Type.Optional(Type.Number({ minimum: 0 })),
  },
  closed,
);
export type SyncCursor = Static<typeof SyncCursor>;

/** How removed rows are known: by a column that marks them, or by comparing all keys with those of the source. */
export const SyncDeletes = Type.Union([
  Type.Object(
    {
      column: FieldName,
      /** The value that marks a removed row; without it true, a whole number other than 0, or anything but null. */
      value: Type.Optional(Type.Union([Type.String({ maxLength: 1000 }), Type.Number(), Type.Boolean()])),
    },
    closed,
  ),
  Type.Object({ compareKeys: Type.Literal(true) }, closed),
]);
export type SyncDeletes = Static<typeof SyncDeletes>;

/** A column that is taken, perhaps under another name and in another type; `scale` of a decimal: digits after the point. */
export const SyncColumn = Type.Object(
  {
    name: FieldName,
    as: Type.Optional(FieldName),
    type: Type.Optional(ColumnType),
    scale: Type.Optional(Type.Integer({ minimum: 0, maximum: 38 })),
  },
  closed,
);
export type SyncColumn = Static<typeof SyncColumn>;

export const SYNC_MODES = ['snapshot', 'incremental'] as const;
/** What is done about columns that came, went or changed their type: taken over, left as they were, or the run fails. */
export const DRIFT_POLICIES = ['add', 'ignore', 'fail'] as const;
export type DriftPolicy = (typeof DRIFT_POLICIES)[number];

const fields = {
  name: Name,
  description: Type.Optional(Type.String({ maxLength: 10_000 })),
  source: SourceSpec,
  /** Name of the dataset; made by the first run. */
  dataset: Name,
  mode: Type.Enum([...SYNC_MODES]),
  cursor: Type.Optional(SyncCursor),
  /** Columns of the dataset that tell its rows apart. */
  primaryKey: Type.Optional(Type.Array(FieldName, { minItems: 1, maxItems: 32 })),
  deletes: Type.Optional(SyncDeletes),
  /** Those that are taken; all where it is not given. */
  columns: Type.Optional(Type.Array(SyncColumn, { minItems: 1, maxItems: 5000 })),
  drift: Type.Optional(Type.Enum([...DRIFT_POLICIES])),
  /** Generations that are kept beside the current one. */
  keep: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
  /** Rows after which an incremental run publishes what it has. */
  batchRows: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000_000 })),
  /** Seconds after which the server ends the statement. */
  timeoutS: Type.Optional(Type.Integer({ minimum: 1, maximum: 7 * 86_400 })),
};

export const SyncTaskInput = Type.Object(fields, closed);
export type SyncTaskInput = Static<typeof SyncTaskInput>;

const { name, source, dataset, mode, ...optional } = fields;
/** A change; null takes an optional field away. */
export const SyncTaskPatch = Type.Object(
  {
    name: Type.Optional(name),
    source: Type.Optional(source),
    dataset: Type.Optional(dataset),
    mode: Type.Optional(mode),
    ...Object.fromEntries(
      Object.entries(optional).map(([field, schema]) => [
        field,
        Type.Optional(Type.Union([schema, Type.Null()])),
      ]),
    ),
  },
  { ...closed, minProperties: 1 },
);
export type SyncTaskPatch = { [K in keyof SyncTaskInput]?: SyncTaskInput[K] | null };

/** What a run may be told. `backfill` reads the rows whose cursor is in a range, both ends inside; `full` reads everything anew. */
export const SyncRunInput = Type.Object(
  {
    backfill: Type.Optional(
      Type.Object(
        {
          from: Type.Optional(Type.String({ maxLength: 1000 })),
          to: Type.Optional(Type.String({ maxLength: 1000 })),
        },
        { ...closed, minProperties: 1 },
      ),
    ),
    full: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type SyncRunInput = Static<typeof SyncRunInput>;

/** A column of a task's dataset, as exactly as it is stored; `source` is its name in the source. */
export interface SyncedColumn {
  name: string;
  source: string;
  type: ColumnType;
  /** Of decimals: digits in all, and after the point. */
  precision?: number;
  scale?: number;
}

/** Up to where a task is. It is written with the generation that holds the rows. */
export interface Checkpoint {
  generation: number;
  /** Rows below it are all there; it is read again from here, itself included. As text of the dataset's engine; null before the first row. */
  cursor: string | null;
  schema: SyncedColumn[];
  /** Rows up to `cursor` were read before these columns came: they are told apart by the others alone. */
  newColumns?: { cursor: string | null; names: string[] };
  /** What the source itself wants to remember. */
  mark?: unknown;
}

export interface SyncTask extends SyncTaskInput {
  id: string;
  description: string;
  drift: DriftPolicy;
  /** Id of the dataset once it is there. */
  datasetId: string | null;
  checkpoint: Checkpoint | null;
  /** Grows with each change after which it begins anew; a run that began before publishes nothing any more. */
  version: number;
  createdAt: string;
  createdBy: string | null;
  updatedAt: string;
}

/** The kinds of runs that this noun knows. */
export const SYNC_JOB = 'sync';
export const COMPACT_JOB = 'compact';

export const SyncJobInput = Type.Object(
  {
    task: Type.String({ minLength: 1, maxLength: 200 }),
    ...SyncRunInput.properties,
    /** The instant of the schedule that started the run. */
    scheduledFor: Type.Optional(Type.String({ maxLength: 100 })),
  },
  closed,
);
export type SyncJobInput = Static<typeof SyncJobInput>;

export const CompactJobInput = Type.Object(
  { dataset: Type.String({ minLength: 1, maxLength: 100 }) },
  closed,
);
