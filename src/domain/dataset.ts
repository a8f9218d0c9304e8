import Type, { type Static } from 'typebox';
import { Column } from './column.ts';
import { Name } from './name.ts';

const closed = { additionalProperties: false } as const;

/** A row of a file that did not fit: where it stands, what was wrong, and its text (cut to 500 characters). */
export const RejectedRow = Type.Object(
  {
    line: Type.Integer(),
    column: Type.Optional(Type.String()),
    message: Type.String(),
    text: Type.Optional(Type.String()),
  },
  closed,
);
export type RejectedRow = Static<typeof RejectedRow>;

export const Rejected = Type.Object(
  { count: Type.Integer(), rows: Type.Optional(Type.Array(RejectedRow)) },
  closed,
);
export type Rejected = Static<typeof Rejected>;

/** How the text of a file was encoded; a certainty of 1 where it was not guessed. */
export const FileEncoding = Type.Object(
  { name: Type.String(), certainty: Type.Number({ minimum: 0, maximum: 1 }), guessed: Type.Boolean() },
  closed,
);
export type FileEncoding = Static<typeof FileEncoding>;

/** The upload as it came, which is kept to be read again with other options. */
export const Original = Type.Object({ bytes: Type.Integer() }, closed);
export type Original = Static<typeof Original>;

/** The name of the file of a generation's upload, in the dataset's folder. */
export const originalName = (generation: number) => `${generation}-original`;

/** The name of the file of a generation's rejected rows, in the dataset's folder. */
export const rejectedName = (generation: number) => `${generation}-rejected.ndjson`;

/** One immutable state of a dataset. */
export const Generation = Type.Object(
  {
    generation: Type.Integer({ minimum: 1 }),
    rowCount: Type.Integer(),
    bytes: Type.Integer(),
    columns: Type.Array(Column),
    rejected: Rejected,
    encoding: Type.Optional(FileEncoding),
    original: Type.Optional(Original),
    sourceName: Type.String(),
    createdAt: Type.String(),
    createdBy: Type.Union([Type.String(), Type.Null()]),
    current: Type.Boolean(),
  },
  closed,
);
export type Generation = Static<typeof Generation>;

export const Dataset = Type.Object(
  {
    id: Type.String(),
    name: Name,
    description: Type.String(),
    generation: Type.Integer(),
    rowCount: Type.Integer(),
    bytes: Type.Integer(),
    columns: Type.Array(Column),
    rejected: Rejected,
    encoding: Type.Optional(FileEncoding),
    original: Type.Optional(Original),
    warnings: Type.Optional(Type.Array(Type.String())),
    createdAt: Type.String(),
    updatedAt: Type.String(),
  },
  closed,
);
export type Dataset = Static<typeof Dataset>;

/** What the query path needs of a dataset's current generation. `files` are absolute paths. */
export interface DatasetSource {
  id: string;
  name: string;
  generation: number;
  columns: readonly Column[];
  files: readonly string[];
  /** ISO time at which the generation was published. */
  publishedAt: string;
}
