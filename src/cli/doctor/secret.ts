import { AppError } from '../../base/errors.ts';
import { Seal } from '../../base/seal.ts';
import { unreadableSecrets } from '../../services/reseal.ts';
import { openDatabase } from '../../store/database.ts';
import { migrationState } from '../../store/migrate.ts';
import { isMetadataUrl } from '../../store/postgres/address.ts';
import { createStore } from '../../store/store.ts';
import { keptBeside, readSecret, secretPath } from '../secret-file.ts';
import { type Check, type CheckedConfig, type Finding, finding } from './check.ts';
import { isOurs } from './metadata.ts';

const SHOWN = 3;

/** Stored secrets that the key does not open, as after a start with another one. */
async function sealedByOthers(config: CheckedConfig, key: string): Promise<Finding[]> {
  const { METADATA_DB_PATH: path, SECRET_KEY_PREVIOUS: previous } = config;
  const isFile = !isMetadataUrl(path);
  if (isFile && !isOurs(path)) return [];
  const db = await openDatabase(path, { poolSize: 1 });
  try {
    if ((await migrationState(db)).pending.length > 0) return [];
    const ids = await unreadableSecrets(createStore(db), new Seal(key, previous));
    if (ids.length === 0) return [];
    const says = `SECRET_KEY does not open ${ids.length} stored secrets (${ids.slice(0, SHOWN).join(', ')})`;
    const todo = 'set SECRET_KEY, or SECRET_KEY_PREVIOUS, to the key that sealed them, or enter them again';
    return [finding('secret', 'fail', says, todo)];
  } catch (error) {
    // The check of the metadata says what is wrong with it.
    if (error instanceof AppError) return [];
    throw error;
  } finally {
    await db.destroy();
  }
}

/** readConfig has refused a short or well-known SECRET_KEY already. */
export const secretCheck: Check = {
  name: 'secret',
  async run(config) {
    if (config.SECRET_KEY !== undefined) {
      const isVaried = new Set(config.SECRET_KEY).size >= 10;
      const todo = 'make one with: openssl rand -hex 32';
      const found = isVaried
        ? finding('secret', 'ok', `SECRET_KEY has ${config.SECRET_KEY.length} characters`)
        : finding('secret', 'warn', 'SECRET_KEY repeats few characters', todo);
      return [found, ...(await sealedByOthers(config, config.SECRET_KEY))];
    }
    const path = secretPath(keptBeside(config));
    const kept = await readSecret(path);
    if (kept !== undefined)
      return [
        finding('secret', 'ok', `the generated secret is kept in ${path}`),
        ...(await sealedByOthers(config, kept)),
      ];
    return [finding('secret', 'ok', `the first start makes a secret in ${path}`)];
  },
};
