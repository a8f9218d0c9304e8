import { AppError, type Code } from '../base/errors.ts';
import type { DatasourceSettings, SourceEngine } from '../domain/datasource.ts';

/** Where the service keeps its own metadata on a server, and as whom it signs in there. */
export type MetadataLogin = Pick<DatasourceSettings, 'host' | 'port' | 'database' | 'user'>;

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/;
const place = (host: string) => host.toLowerCase().replace(LOOPBACK, 'localhost');

/**
 * Throws an AppError of `code` where a datasource would sign in as the service itself does: accounts, keys and sealed secrets would be
 * rows that anyone who may query could read.
 */
export function refuseMetadataLogin(
  metadata: MetadataLogin | undefined,
  engine: SourceEngine,
  { host, port, database, user }: MetadataLogin,
  code: Code,
  pointer?: string,
): void {
  if (!metadata || engine !== 'postgres' || user !== metadata.user || database !== metadata.database) return;
  if (port !== metadata.port || place(host) !== place(metadata.host)) return;
  throw new AppError(
    code,
    `${pointer === undefined ? '' : `${pointer} `}names the database and user of the service's own metadata; give reports a user that may not read it`,
    pointer === undefined ? {} : { pointer },
  );
}
