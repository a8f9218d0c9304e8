import { AppError } from '../base/errors.ts';
import type { Seal } from '../base/seal.ts';
import { ConfigError } from '../config.ts';
import type { DatasourceSettings, SourceEngine } from '../domain/datasource.ts';
import type { EngineTable } from '../domain/engine-settings.ts';
import { buildSettings } from '../domain/source-settings.ts';
import { type MetadataLogin, refuseMetadataLogin } from './metadata-login.ts';

/** A datasource that the environment defines; it is in no store. */
export interface ManagedDatasource {
  id: string;
  /** Its name where no other has it, else `alias`. */
  name: string;
  alias: string;
  /** Of the environment. */
  setting: string;
  type: SourceEngine;
  description: string;
  settings: DatasourceSettings;
  version: number;
}

interface Kind {
  setting: 'POSTGRES_DSN' | 'SUPABASE_POSTGRES_DSN';
  name: string;
  type: SourceEngine;
  /** Where the DSN says nothing of it. */
  tls?: DatasourceSettings['tls'];
}

const KINDS: readonly Kind[] = [
  { setting: 'POSTGRES_DSN', name: 'postgres', type: 'postgres' },
  // Supabase is reached over the internet and always offers TLS.
  { setting: 'SUPABASE_POSTGRES_DSN', name: 'supabase', type: 'postgres', tls: { mode: 'require' } },
];

export type DsnEnvironment = Readonly<Partial<Record<Kind['setting'], string | undefined>>>;

/** The datasources of the environment. Throws ConfigError, without the DSN's text, where one cannot be read. */
export function managedDatasources(
  environment: DsnEnvironment,
  engines: EngineTable,
  seal: Seal,
  metadata?: MetadataLogin,
): ManagedDatasource[] {
  const found: ManagedDatasource[] = [];
  const faults: string[] = [];
  for (const { setting, name, type, tls } of KINDS) {
    const dsn = environment[setting];
    if (dsn === undefined) continue;
    try {
      const settings = buildSettings({ dsn }, type, engines, tls ? { tls } : {});
      refuseMetadataLogin(metadata, type, settings, 'request.invalid', '/dsn');
      const description = `Defined by ${setting}`;
      const version = seal.fingerprint(dsn);
      found.push({
        id: `ds_${name}`,
        name,
        alias: `${name}-environment`,
        setting,
        type,
        description,
        settings,
        version,
      });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      faults.push(`${setting}: ${error.message.replace(/^\/\w+(?:\/\w+)* /, '')}`);
    }
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return found;
}
