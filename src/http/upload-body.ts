import { NewUpload } from '../domain/upload.ts';

/** For fields whose schema has no description of its own. */
const HELP: Partial<Record<keyof NewUpload, string>> = {
  name: 'Of the new dataset; not for a new generation',
  description: 'Of the new dataset; not for a new generation',
  replace: 'A dataset that has the name gets a new generation',
  format: 'How the file is to be read; else found by its bytes, its name and its media type',
  encoding: 'Of text, such as windows-1252; else a byte order mark, UTF-8, or the likeliest',
  member: 'Of a zip archive, the file to load: its name, or a pattern such as *.csv that fits one',
  root: 'Where the rows of a JSON file are: a JSON pointer, or a path of JSONPath; the whole file by default',
  nested: 'What becomes of objects in rows of JSON: columns outer.inner, or JSON in one column (the default)',
  decimal: 'The decimal mark',
  thousands: 'What groups digits',
  dateFormat: "In strptime's letters, such as %d.%m.%Y",
  nullValues: 'JSON: texts that stand for null',
  types: 'JSON: the type of each column that is named',
  badRows: 'Whether rows that do not fit are refused with the file, or kept aside',
};

const file = { type: 'string', format: 'binary' } as const;
export const RAW_MEDIA_TYPES: readonly string[] = [
  'text/csv',
  'text/tab-separated-values',
  'application/json',
  'application/x-ndjson',
  'application/vnd.apache.parquet',
  'application/gzip',
  'application/x-bzip2',
  'application/x-xz',
  'application/zstd',
  'application/zip',
];

/** Fields of a form that hold JSON. */
const JSON_FIELDS = {
  nullValues: { contentType: 'application/json' },
  types: { contentType: 'application/json' },
};

const properties = Object.fromEntries(
  Object.entries(NewUpload.properties).map(([name, schema]) => {
    const { description = HELP[name as keyof NewUpload] } = schema as { description?: string };
    return [name, description === undefined ? { ...schema } : { ...schema, description }];
  }),
);

/** How an upload is described: a form, or the file itself with its options in the query string. */
export const UPLOAD_BODY = {
  required: true,
  description:
    'A form with the file, or the file itself as the body; then the other fields go into the query string. Files may be compressed by gzip, bzip2, xz, zstd or zip.',
  content: {
    'multipart/form-data': {
      schema: { type: 'object' as const, required: ['file'], properties: { ...properties, file } },
      encoding: JSON_FIELDS,
    },
    ...Object.fromEntries(RAW_MEDIA_TYPES.map((type) => [type, { schema: file }])),
  },
};
