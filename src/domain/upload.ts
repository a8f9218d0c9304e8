import Type, { type Static } from 'typebox';
import { ColumnType } from './column.ts';
import { Name } from './name.ts';

export const FILE_FORMATS = ['csv', 'tsv', 'json', 'ndjson', 'parquet'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

const OneCharacter = Type.String({ minLength: 1, maxLength: 1, pattern: '^[\\u0009\\u0020-\\uffff]$' });

const DateFormat = Type.String({ minLength: 2, maxLength: 60, pattern: '%' });

/**
 * `percent`: `12.5%` is 0.125. `currency`: a sign or code before or after. `accounting`: `(10.50)` is negative. `trailingMinus`: `10.50-`
 * is negative. `grouping`: digits in groups by `’`, `'`, blanks and thin spaces, and as in India (`1,23,456`).
 */
export const NUMBER_FORMATS = ['percent', 'currency', 'accounting', 'trailingMinus', 'grouping'] as const;
export type NumberFormat = (typeof NUMBER_FORMATS)[number];

/** How a file is to be read; what is not given is found out from the file. */
export const LoadOptions = Type.Object(
  {
    format: Type.Optional(Type.Enum([...FILE_FORMATS])),
    delimiter: Type.Optional(OneCharacter),
    /** Empty: the file has no quotes. */
    quote: Type.Optional(Type.String({ maxLength: 1, pattern: '^[\\u0020-\\uffff]?$' })),
    encoding: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
    header: Type.Optional(Type.Boolean()),
    /** Lines before the header that are no data. */
    skipLines: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    decimal: Type.Optional(Type.Enum(['.', ','])),
    thousands: Type.Optional(Type.Enum(['', '.', ',', ' ', "'"])),
    /** Marks that are read as parts of numbers; without it, values that have them are text. */
    numberFormats: Type.Optional(
      Type.Array(Type.Enum([...NUMBER_FORMATS]), { minItems: 1, uniqueItems: true }),
    ),
    /** Pairs such as `Y/N`, the word for true first: a column that holds both words and no others is boolean. */
    booleans: Type.Optional(
      Type.Array(Type.String({ pattern: '^[^/]{1,20}/[^/]{1,20}$' }), { minItems: 1, maxItems: 20 }),
    ),
    /** strptime's letters, such as `%d.%m.%Y`. */
    dateFormat: Type.Optional(DateFormat),
    /** A format for each column that is named; what does not fit is a bad row. */
    dateFormats: Type.Optional(Type.Record(Type.String(), DateFormat)),
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
