import { NewUpload } from '../domain/upload.ts';

/** For fields whose schema has no description of its own. */
const HELP: Partial<Record<keyof NewUpload, string>> = {
  name: 'Of the new dataset; needed',
  description: 'Of the new dataset',
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

/** Fields whose text is JSON. */
const STRUCTURED = new Set(['nullValues', 'types', 'dateFormats', 'numberFormats', 'booleans']);
/** Fields that a new generation does not take. */
const OF_DATASET = new Set(['name', 'description', 'replace']);

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

export const UPLOAD_OPTIONS = { structured: STRUCTURED, ofDataset: OF_DATASET } as const;

/** The options of an upload with what they are for, as schemas by name. */
export function uploadFields(kind: 'dataset' | 'generation'): Record<string, object> {
  const fields = Object.entries(NewUpload.properties).filter(
    ([name]) => kind === 'dataset' || !OF_DATASET.has(name),
  );
  return Object.fromEntries(
    fields.map(([name, schema]) => {
      const { description = HELP[name as keyof NewUpload] } = schema as { description?: string };
      return [name, description === undefined ? { ...schema } : { ...schema, description }];
    }),
  );
}
