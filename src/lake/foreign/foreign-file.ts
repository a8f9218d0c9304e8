import type { FileFormat } from '../../domain/upload.ts';

/** A table of a file that another program wrote. */
export interface ForeignTable {
  /** As the dataset is named that it becomes: with its schema where that is not the usual one. */
  name: string;
  rowCount: number;
  /** Why it is not taken unless it is asked for by name. */
  doubt?: string;
}

/** What stands in the file and is never taken, such as `view monthly`. */
export interface ForeignContents {
  tables: ForeignTable[];
  others: string[];
}

/** A database file that is read and never written. Nothing that stands in it may run, or reach another file. */
export interface ForeignFile {
  format: FileFormat;
  contents(): Promise<ForeignContents>;
  /** Writes a table's rows to a file of the format. */
  copy(table: string, path: string): Promise<void>;
  close(): Promise<void>;
}

const SECRET = /passw|passphrase|secret|token|api_?key|private_?key|credential|(?:^|_)hash$|(?:^|_)salt$/i;

/** Why a table of these columns is in doubt: everybody who may read datasets would read its secrets. */
export function doubtOf(columns: readonly string[]): string | undefined {
  const secret = columns.find((column) => SECRET.test(column));
  return secret === undefined
    ? undefined
    : `the column ${JSON.stringify(secret)} looks like a secret, and who may read datasets would read it; name the table to take it`;
}
