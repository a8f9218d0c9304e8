import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../base/errors.ts';
import type { ColumnType } from '../domain/column.ts';
import type { ValueFormat } from './value-format.ts';

/** What the texts of a raw column may turn out to be. */
export type Reading = 'any' | 'strings' | 'numbers' | 'booleans' | 'json' | 'text';

export interface RawColumn {
  name: string;
  /** The column of the source that holds its text. */
  source: string;
  reading: Reading;
  /** The type that the caller asks for. */
  forced?: ColumnType | undefined;
  /** The way to write values that the caller asks for. */
  format?: ValueFormat | undefined;
}

/** A file's values as text: `from` is what follows FROM, in the order of the file. */
export interface RawTable {
  from: string;
  columns: RawColumn[];
  /** How many rows there are, where that is known. */
  rows?: number | undefined;
}

/** Rows as arrays of texts; numbers come as numbers. */
export async function rows(connection: DuckDBConnection, sql: string): Promise<(string | null)[][]> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRowsJson() as (string | null)[][];
}

/** Gives each column the type that the caller asks for. Throws `request.invalid` when it names one that is not there. */
export function forceTypes(columns: RawColumn[], types: Record<string, ColumnType> | undefined): RawColumn[] {
  for (const name of Object.keys(types ?? {}))
    if (!columns.some((column) => column.name === name))
      throw new AppError(
        'request.invalid',
        `types names ${JSON.stringify(name)}, which is not a column of the file`,
        {
          pointer: '/types',
          params: { columns: columns.map((column) => column.name).slice(0, 100) },
        },
      );
  return columns.map((column) => ({ ...column, forced: types?.[column.name] }));
}
