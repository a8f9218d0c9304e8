import { AppError } from '../../base/errors.ts';
import type { DatasourceSettings } from '../../domain/datasource.ts';
import { parseDsn } from '../../domain/dsn.ts';
import type { EngineSettings } from '../../domain/engine-settings.ts';
import { ENGINE_TABLE } from '../../drivers/engine-table.ts';
import { postgresSettings } from '../../drivers/postgres/settings.ts';

/** Where the metadata is on a PostgreSQL server. */
export interface MetadataAddress {
  settings: DatasourceSettings;
  schema: string;
}

const NAME = 'METADATA_DB_PATH';
const DEFAULT_SCHEMA = 'public';
/** Longer names are cut by PostgreSQL without a word. */
const MAX_SCHEMA_BYTES = 63;

const { application_name, role } = postgresSettings.options;
const METADATA_ENGINE: EngineSettings = {
  ...postgresSettings,
  options: {
    ...(application_name ? { application_name } : {}),
    ...(role ? { role } : {}),
    schema: { type: 'string', help: 'The schema of the tables; made where it is missing.' },
  },
};

/** Whether METADATA_DB_PATH is the URL of a server and not the path of a file. */
export const isMetadataUrl = (pathOrUrl: string): boolean => /^[a-z][\w+]*:\/\//i.test(pathOrUrl);

const fault = (message: string) => new AppError('storage.unusable', `${NAME} ${message}`);

/** Takes the URL apart. Throws AppError `storage.unusable`, whose text holds nothing of the URL but names of parameters. */
export function parseMetadataUrl(url: string): MetadataAddress {
  const { options = {}, pool, ...found } = readDsn(url);
  if (pool) throw fault('sets a pool; METADATA_POOL_SIZE does that');
  const { schema = DEFAULT_SCHEMA, ...others } = options as Record<string, string>;
  const { host, database, user } = found;
  for (const [part, value] of Object.entries({ host, database, user }))
    if (!value) throw fault(`must name the ${part}: postgres://user:password@host:5432/database`);
  if (schema === '' || Buffer.byteLength(schema) > MAX_SCHEMA_BYTES)
    throw fault(`must have a schema of 1 to ${MAX_SCHEMA_BYTES} bytes`);
  const settings = { port: METADATA_ENGINE.defaultPort, ...found, options: others } as DatasourceSettings;
  return { settings, schema };
}

function readDsn(url: string) {
  try {
    return parseDsn(url, 'postgres', { ...ENGINE_TABLE, postgres: METADATA_ENGINE }, NAME);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError('storage.unusable', error.message, { cause: error });
  }
}
