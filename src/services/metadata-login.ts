import { AppError, type Code } from '../base/errors.ts';
import type { DatasourceSettings, HiddenTables, SourceEngine } from '../domain/datasource.ts';
import { TABLE_NAMES } from '../store/table-names.ts';

/** Where the service keeps its own metadata on a server, and as whom it signs in there. */
export interface MetadataLogin extends Login {
  schema: string;
}

type Login = Pick<DatasourceSettings, 'host' | 'port' | 'database' | 'user'>;

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/;
const place = (host: string) => host.toLowerCase().replace(LOOPBACK, 'localhost');

const isIn = (metadata: MetadataLogin, engine: SourceEngine, { host, port, database }: Login) =>
  engine === 'postgres' &&
  database === metadata.database &&
  port === metadata.port &&
  place(host) === place(metadata.host);

/** The tables of the service's own metadata, where a datasource is in the same database. */
export const metadataTablesIn = (
  metadata: MetadataLogin | undefined,
  engine: SourceEngine,
  login: Login,
): HiddenTables | undefined =>
  metadata && isIn(metadata, engine, login) ? { schema: metadata.schema, names: TABLE_NAMES } : undefined;

/**
 * Throws an AppError of `code` where a datasource would sign in as the service itself does: accounts, keys and sealed secrets would be
 * rows that anyone who may query could read.
 */
export function refuseMetadataLogin(
  metadata: MetadataLogin | undefined,
  engine: SourceEngine,
  login: Login,
  code: Code,
  pointer?: string,
): void {
  if (!metadata || login.user !== metadata.user || !isIn(metadata, engine, login)) return;
  throw new AppError(
    code,
    `${pointer === undefined ? '' : `${pointer} `}names the database and user of the service's own metadata; give reports a user that may not read it`,
    pointer === undefined ? {} : { pointer },
  );
}
