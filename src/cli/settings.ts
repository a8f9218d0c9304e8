import { AppError } from '../base/errors.ts';
import { type Config, ConfigError, examineConfig, readConfig } from '../config.ts';
import { isMetadataUrl, parseMetadataUrl } from '../store/postgres/address.ts';
import { keptBeside, keptSecret } from './secret-file.ts';

export type CompleteConfig = Config & { readonly SECRET_KEY: string };

/** The settings, with what only their users can judge. Throws ConfigError with every fault. */
export function checkedConfig(env: Record<string, string | undefined>): Config {
  const config = readConfig(env);
  if (!isMetadataUrl(config.METADATA_DB_PATH)) return config;
  try {
    parseMetadataUrl(config.METADATA_DB_PATH);
  } catch (error) {
    if (error instanceof AppError) throw new ConfigError([error.message]);
    throw error;
  }
  return config;
}

/** All that is wrong with the settings, also what only the whole service can judge; the texts hold no secret. */
export async function allFaults(env: Record<string, string | undefined>): Promise<string[]> {
  const examined = examineConfig(env);
  const { settingsFaults } = await import('../compose/settings-faults.ts');
  return examined.faults.concat(settingsFaults(examined.config));
}

/** The settings with a SECRET_KEY: in development without one, the generated secret. Throws ConfigError with every fault. */
export async function completeConfig(env: Record<string, string | undefined>): Promise<CompleteConfig> {
  const config = checkedConfig(env);
  return Object.freeze({
    ...config,
    SECRET_KEY: config.SECRET_KEY ?? (await keptSecret(keptBeside(config))),
  });
}
