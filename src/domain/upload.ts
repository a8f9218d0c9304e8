import Type, { type Static } from 'typebox';
import { ColumnType } from './column.ts';
import type { FileEncoding } from './dataset.ts';
import { Name } from './name.ts';

export const FILE_FORMATS = ['csv', 'tsv', 'json', 'ndjson', 'parquet'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

/** Tab or anything that prints. */
const MARK = '[\\u0009\\u0020-\\uffff]';

const DATE_FORMAT = { minLength: 2, maxLength: 60, pattern: '%' };

export const NUMBER_FORMATS = ['percent', 'currency', 'accounting', 'trailingMinus', 'grouping'] as const;
export type NumberFormat = (typeof NUMBER_FORMATS)[number];

/** How a file is to be read; what is not given is found out from the file. */
export const LoadOptions = Type.Object(
  {
    format: Type.Optional(Type.Enum([...FILE_FORMATS])),
    delimiter: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 8,
        pattern: `^${MARK}{1,8}$`,
        description: 'What separates the fields: one character or several; `tab` for a tab',
      }),
    ),
    quote: Type.Optional(
      Type.String({
        maxLength: 1,
        pattern: '^[\\u0020-\\uffff]?$',
        description: 'What stands around texts; empty for a file without quotes',
      }),
    ),
    escape: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1,
        pattern: '^[\\u0020-\\uffff]$',
        description:
          'What makes a quote or delimiter after it a character like any other, such as a backslash; by default quotes are doubled',
      }),
    ),
    comment: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 8,
        pattern: `^${MARK}{1,8}$`,
        description: 'Lines that begin with it are left out',
      }),
    ),
    encoding: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
    /** Of a zip archive, the file to load: its name, or a pattern that fits one. */
    member: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
    /** Where the rows of a JSON file are, as a JSON pointer or a path of JSONPath; the whole file by default. */
    root: Type.Optional(Type.String({ maxLength: 1000 })),
    /** What becomes of objects in rows of JSON: columns `outer.inner`, or JSON in one column, which is the default. */
    nested: Type.Optional(Type.Enum(['flatten', 'json'])),
    header: Type.Optional(Type.Boolean({ description: 'Whether the first line holds the headings' })),
    skipLines: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        description: 'Lines before the headings that are no data',
      }),
    ),
    skipFooter: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1000,
        description: 'Records at the end that are no data, blank lines not counted',
      }),
    ),
    fillShort: Type.Optional(
      Type.Boolean({
        description: 'Fill rows that have too few fields with nulls instead of rejecting them',
      }),
    ),
    decimal: Type.Optional(Type.Enum(['.', ','])),
    thousands: Type.Optional(Type.Enum(['', '.', ',', ' ', "'"])),
    numberFormats: Type.Optional(
      Type.Array(Type.Enum([...NUMBER_FORMATS]), {
        minItems: 1,
        uniqueItems: true,
        description:
          'Marks that numbers may have: percent (`12.5%` is 0.125), currency (a sign or code before or after), accounting (`(10.50)` is negative), trailingMinus (`10.50-`), grouping (by apostrophes, blanks and thin spaces, and as in India: `1,23,456.70`)',
      }),
    ),
    booleans: Type.Optional(
      Type.Array(Type.String({ pattern: '^[^/]{1,20}/[^/]{1,20}$' }), {
        minItems: 1,
        maxItems: 20,
        description:
          'Pairs such as `Y/N` or `1/0`, the word for true first: a column that holds both words of a pair and no others is boolean',
      }),
    ),
    dateFormat: Type.Optional(
      Type.String({
        ...DATE_FORMAT,
        description:
          'How dates and times are written, in the letters of strptime, such as `%d.%m.%Y`; for the columns whose values all fit it',
      }),
    ),
    dateFormats: Type.Optional(
      Type.Record(Type.String(), Type.String(DATE_FORMAT), {
        description:
          'A format for each column that is named, such as `{"ordered":"%m/%d/%Y"}`; rows that do not fit it are bad rows',
      }),
    ),
    nullValues: Type.Optional(
      Type.Array(Type.String({ maxLength: 200 }), {
        maxItems: 50,
        description: 'Texts that mean no value, in quotes or not',
      }),
    ),
    types: Type.Optional(Type.Record(Type.String(), ColumnType)),
    badRows: Type.Optional(Type.Enum(['refuse', 'keepAside'])),
  },
  { additionalProperties: false },
);
export type LoadOptions = Static<typeof LoadOptions>;

/** What is checked before a generation takes the place of another. */
export const ReplaceOptions = Type.Object(
  {
    minRowsShare: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          'Refuse a generation with fewer rows than this share of the rows now served; UPLOAD_MIN_ROWS_PERCENT by default, 0 takes any',
      }),
    ),
    acceptFewerRows: Type.Optional(
      Type.Boolean({
        description: 'Publish the generation even though it has fewer rows than minRowsShare asks for',
      }),
    ),
  },
  { additionalProperties: false },
);
export type ReplaceOptions = Static<typeof ReplaceOptions>;

export const NewUpload = Type.Object(
  {
    name: Type.Optional(Name),
    description: Type.Optional(Type.String({ maxLength: 10_000 })),
    replace: Type.Optional(Type.Boolean()),
    ...ReplaceOptions.properties,
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
