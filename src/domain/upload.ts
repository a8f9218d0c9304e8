import Type, { type Static } from 'typebox';
import { ColumnType } from './column.ts';
import type { FileEncoding } from './dataset.ts';
import { Name } from './name.ts';

export const FILE_FORMATS = ['csv', 'tsv', 'json', 'ndjson', 'parquet'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

const OneCharacter = Type.String({ minLength: 1, maxLength: 1, pattern: '^[\\u0009\\u0020-\\uffff]$' });

/** How a file is to be read; what is not given is found out from the file. */
export const LoadOptions = Type.Object(
  {
    format: Type.Optional(Type.Enum([...FILE_FORMATS])),
    delimiter: Type.Optional(OneCharacter),
    /** Empty: the file has no quotes. */
    quote: Type.Optional(Type.String({ maxLength: 1, pattern: '^[\\u0020-\\uffff]?$' })),
    encoding: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
    /** Of a zip archive, the file to load: its name, or a pattern that fits one. */
    member: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
    /** Where the rows of a JSON file are, as a JSON pointer or a path of JSONPath; the whole file by default. */
    root: Type.Optional(Type.String({ maxLength: 1000 })),
    /** What becomes of objects in rows of JSON: columns `outer.inner`, or JSON in one column, which is the default. */
    nested: Type.Optional(Type.Enum(['flatten', 'json'])),
    header: Type.Optional(Type.Boolean()),
    /** Lines before the header that are no data. */
    skipLines: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    decimal: Type.Optional(Type.Enum(['.', ','])),
    thousands: Type.Optional(Type.Enum(['', '.', ',', ' ', "'"])),
    /** strptime's letters, such as `%d.%m.%Y`. */
    dateFormat: Type.Optional(Type.String({ minLength: 2, maxLength: 60, pattern: '%' })),
    nullValues: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 50 })),
    types: Type.Optional(Type.Record(Type.String(), ColumnType)),
    badRows: Type.Optional(Type.Enum(['refuse', 'keepAside'])),
  },
  { additionalProperties: false },
);
export type LoadOptions = Static<typeof LoadOptions>;

export const NewUpload = Type.Object(
  {
    name: Type.Optional(Name),
    description: Type.Optional(Type.String({ maxLength: 10_000 })),
    replace: Type.Optional(Type.Boolean()),
    ...LoadOptions.properties,
  },
  { additionalProperties: false },
);
export type NewUpload = Static<typeof NewUpload>;

/** The options of a new reading of an upload that is kept; those that are not given stay as they were. */
export const Reload = Type.Object(
  { generation: Type.Optional(Type.Integer({ minimum: 1 })), ...LoadOptions.properties },
  { additionalProperties: false },
);
export type Reload = Static<typeof Reload>;

/** An upload that is kept. */
export interface KeptOriginal {
  bytes: number;
  mediaType?: string | undefined;
  options: LoadOptions;
}

/** What a generation was made from. */
export interface Origin {
  encoding?: FileEncoding | undefined;
  original?: KeptOriginal | undefined;
}
