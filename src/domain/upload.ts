import Type, { type Static } from 'typebox';
import { ColumnType } from './column.ts';
import { Name } from './name.ts';

export const FILE_FORMATS = ['csv', 'tsv', 'json', 'ndjson', 'parquet'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

const OneCharacter = Type.String({ minLength: 1, maxLength: 1, pattern: '^[\\u0009\\u0020-\\uffff]$' });

const DATE_FORMAT = { minLength: 2, maxLength: 60, pattern: '%' };

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
