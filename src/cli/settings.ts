import { type Config, readConfig } from '../config.ts';
import { keptSecret } from './secret-file.ts';

export type CompleteConfig = Config & { readonly SECRET_KEY: string };

/** The settings with a SECRET_KEY: in development without one, the generated secret. Throws ConfigError with every fault. */
export async function completeConfig(env: Record<string, string | undefined>): Promise<CompleteConfig> {
  const config = readConfig(env);
  return Object.freeze({
    ...config,
    SECRET_KEY: config.SECRET_KEY ?? (await keptSecret(config.METADATA_DB_PATH)),
  });
}
