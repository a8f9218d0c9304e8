import { extname } from 'node:path';
import { AppError } from '../base/errors.ts';
import type { FileFormat } from '../domain/upload.ts';
import { refuseOtherKinds } from './refuse-other-kinds.ts';

const BY_EXTENSION: Record<string, FileFormat> = {
  '.csv': 'csv',
  '.txt': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.json': 'json',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.parquet': 'parquet',
  '.pq': 'parquet',
};

const BY_MEDIA_TYPE: Record<string, FileFormat> = {
  'text/csv': 'csv',
  'application/csv': 'csv',
  'text/tab-separated-values': 'tsv',
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/vnd.apache.parquet': 'parquet',
};

const SPREADSHEET = /\.(xlsx?|xlsm|xlsb|ods)$/i;

const unsupported = (detail: string) =>
  new AppError('request.unsupportedMedia', detail, {
    pointer: '/file',
    params: {
      supported: ['csv', 'tsv', 'json', 'ndjson', 'parquet', 'gzip, bzip2, xz, zstd or zip of them'],
    },
  });

/** The format of a file: as given, else by its content where that is certain, by its name, by its media type, by its first character. */
export function formatOf(
  head: Buffer,
  name: string,
  mediaType: string | undefined,
  given: FileFormat | undefined,
): FileFormat {
  if (SPREADSHEET.test(name)) throw unsupported('Spreadsheets are not read yet; save the sheet as CSV');
  refuseOtherKinds(head);
  if (given) return given;
  if (head.subarray(0, 4).toString('latin1') === 'PAR1') return 'parquet';
  const plainName = name.replace(/\.(?:gz|bz2|xz|zst|zstd|zip)$/i, '').toLowerCase();
  const named = BY_EXTENSION[extname(plainName)] ?? BY_MEDIA_TYPE[mediaType?.split(';')[0]?.trim() ?? ''];
  if (named) return named;
  return /^[\s\ufeff]*[[{]/.test(head.toString('utf8')) ? 'json' : 'csv';
}
