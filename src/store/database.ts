import type { Kysely } from 'kysely';
import { isMetadataUrl } from './postgres/address.ts';
import { openSqlite } from './sqlite/open.ts';
import type { Marked, Tables } from './tables.ts';

export type Db = Kysely<Tables> & Marked;

export interface DatabaseOptions {
  /** Connections to PostgreSQL at most. */
  poolSize?: number | undefined;
  /** The longest statement on PostgreSQL. */
  statementMs?: number | undefined;
}

/**
 * Opens the metadata: the SQLite file at a path, or the PostgreSQL database of a `postgres://` URL. Transactions write and are alone in
 * either. Throws AppError `storage.unusable` for a network file system, a URL that is not understood or a server that does not serve;
 * `storage.unreachable` where no server answers.
 */
export async function openDatabase(pathOrUrl: string, options: DatabaseOptions = {}): Promise<Db> {
  if (!isMetadataUrl(pathOrUrl)) return openSqlite(pathOrUrl);
  const { openPostgres } = await import('./postgres/open.ts');
  return openPostgres(pathOrUrl, options);
}
