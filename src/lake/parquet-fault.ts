import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../base/errors.ts';
import { toAppError } from './engine-errors.ts';
import { rows } from './raw-table.ts';
import { identifier } from './sql-text.ts';

const badFile = (detail: string, params: Record<string, unknown>, cause: unknown) =>
  new AppError('dataset.badFile', detail, { pointer: '/file', params, cause });

const isAboutUs = (error: unknown) =>
  /^(?:INTERRUPT|FATAL)/i.test((error as Error).message ?? '') ||
  (error instanceof AppError && error.code !== 'dataset.badFile');

/** The first column whose values cannot be read, and why; undefined where each can be. */
async function findColumn(
  connection: DuckDBConnection,
  from: string,
  names: readonly string[],
): Promise<{ name: string; why: string } | undefined> {
  for (const name of names) {
    try {
      await rows(connection, `SELECT max(hash(${identifier(name)})) FROM ${from}`);
    } catch (error) {
      if (isAboutUs(toAppError(error))) throw error;
      return { name, why: String(error) };
    }
  }
  return undefined;
}

const ENCODING =
  /\b(?:BYTE_STREAM_SPLIT|DELTA_BINARY_PACKED|DELTA_LENGTH_BYTE_ARRAY|DELTA_BYTE_ARRAY|RLE_DICTIONARY|RLE)\b[^\n]*/;
const CODEC = /(?:unsupported|unknown|not supported)[^\n]*(?:codec|compression)/i;

/**
 * What a failure to read a Parquet file means to its sender. Whatever DuckDB says of the file is a fault of the file; a lack of memory or of
 * room, and an interruption, are not.
 */
export async function parquetFault(
  connection: DuckDBConnection,
  from: string,
  names: readonly string[],
  error: unknown,
): Promise<unknown> {
  const known = toAppError(error);
  if (isAboutUs(known)) return known;
  const column = await findColumn(connection, from, names);
  const why = column?.why ?? String(error);
  const where = column ? `The column ${JSON.stringify(column.name)} of the Parquet file` : 'The Parquet file';
  const params = column ? { column: column.name } : {};
  const encoding = ENCODING.exec(why)?.[0];
  if (encoding !== undefined)
    return badFile(
      `${where} has an encoding that is not read (${encoding.trim()}); write it with plain or dictionary encoding`,
      { ...params, reason: 'encoding' },
      error,
    );
  if (CODEC.test(why))
    return badFile(
      `${where} has a compression that is not read; write it with snappy, gzip or zstd`,
      { ...params, reason: 'compression' },
      error,
    );
  return badFile(`${where} is damaged or cut off`, params, error);
}
