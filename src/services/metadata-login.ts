import { AppError, type Code } from '../base/errors.ts';
import type { DatasourceSettings, SourceEngine } from '../domain/datasource.ts';

/** Where the service keeps its own metadata on a server, and as whom it signs in there. */
export interface MetadataLogin extends Login {
  schema: string;
}

type Login = Pick<DatasourceSettings, 'host' | 'port' | 'database' | 'user'>;

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/;
const place = (host: string) => host.toLowerCase().replace(LOOPBACK, 'localhost');

/** The schema of the service's own metadata, where a datasource is in the same database. */
export function metadataSchemaIn(
  metadata: MetadataLogin | undefined,
  engine: SourceEngine,
  { host, port, database }: Login,
): string | undefined {
  if (!metadata || engine !== 'postgres' || database !== metadata.database) return undefined;
  return port === metadata.port && place(host) === place(metadata.host) ? metadata.schema : undefined;
}

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
  if (login.user !== metadata?.user || metadataSchemaIn(metadata, engine, login) === undefined) return;
  throw new AppError(
    code,
    `${pointer === undefined ? '' : `${pointer} `}names the database and user of the service's own metadata; give reports a user that may not read it`,
    pointer === undefined ? {} : { pointer },
  );
}
