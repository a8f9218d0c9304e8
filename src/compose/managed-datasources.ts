import { Seal } from '../base/seal.ts';
import type { Config } from '../config.ts';
import { ENGINE_TABLE } from '../drivers/engine-table.ts';
import { managedDatasources } from '../services/managed-datasources.ts';
import { isMetadataUrl, parseMetadataUrl } from '../store/postgres/address.ts';

/** The datasources of the settings. Throws ConfigError for a DSN that cannot be read, or leads to the metadata. */
export function createManaged(config: Config) {
  const seal = new Seal(config.SECRET_KEY!, config.SECRET_KEY_PREVIOUS);
  const { METADATA_DB_PATH } = config;
  const address = isMetadataUrl(METADATA_DB_PATH) ? parseMetadataUrl(METADATA_DB_PATH) : undefined;
  const metadata = address && { ...address.settings, schema: address.schema };
  return { managed: managedDatasources(config, ENGINE_TABLE, seal, metadata), seal, metadata };
}
