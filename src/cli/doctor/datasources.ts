import { existsSync, statSync } from 'node:fs';
import { AppError } from '../../base/errors.ts';
import { createManaged } from '../../compose/managed-datasources.ts';
import { ConfigError } from '../../config.ts';
import type { DatasourceConnection } from '../../domain/datasource.ts';
import { openSettings } from '../../services/datasource-secrets.ts';
import { rightsWarnings } from '../../services/rights-warning.ts';
import { type Db, openDatabase } from '../../store/database.ts';
import { isMetadataUrl } from '../../store/postgres/address.ts';
import { createStore } from '../../store/store.ts';
import { SourceDrivers } from '../../workers/source-drivers.ts';
import { type Check, type CheckedConfig, type Finding, finding } from './check.ts';

const NAME = 'sources';
const TIMEOUT_MS = 5000;
/** An installation with more is tested one by one, by POST /api/datasources/{id}/test. */
const MOST = 200;

/** `setting` names the setting that gives a managed one. */
type Source = (DatasourceConnection & { setting?: string }) | Finding;

/** Metadata that is not there yet has no datasource; opening that of another user would leave files that lock its service out. */
function isOwn(path: string): boolean {
  return isMetadataUrl(path) || (existsSync(path) && statSync(path).uid === process.getuid?.());
}

async function stored(
  config: CheckedConfig,
  seal: ReturnType<typeof createManaged>['seal'],
): Promise<Source[]> {
  const path = config.METADATA_DB_PATH;
  if (!isOwn(path)) return [];
  const db = await openDatabase(path, { poolSize: 1 });
  try {
    const records = await listed(db);
    if (!records)
      return [finding(NAME, 'warn', 'the datasources cannot be listed', 'see what is said of the metadata')];
    return records.map(({ id, name, version, type: engine, settings, secrets }) => {
      try {
        return { id, name, version, engine, settings: openSettings(id, settings, secrets, seal) };
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return finding(NAME, 'warn', `${name}: ${error.message}`, 'give its password again');
      }
    });
  } finally {
    await db.destroy();
  }
}

/** Undefined where the tables are not there, or not as this version has them. */
const listed = (db: Db) =>
  createStore(db)
    .datasources.list(MOST)
    .catch(() => undefined);

async function examine(
  drivers: SourceDrivers,
  source: DatasourceConnection & { setting?: string },
): Promise<Finding> {
  const { engine, setting } = source;
  const name = setting ?? source.name;
  try {
    const driver = await drivers.driver(source);
    const [warning] = rightsWarnings(engine, await driver.rights(AbortSignal.timeout(TIMEOUT_MS)));
    if (warning === undefined) return finding(NAME, 'ok', `${name} answers, and its login may only read`);
    const [says, todo] = warning.split('. Give ');
    return finding(NAME, 'warn', `${name}: ${says}`, `give ${todo}`);
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    if (!(error instanceof AppError || isLate)) throw error;
    const says = `${name}: ${isLate ? `no answer in ${TIMEOUT_MS / 1000} s` : error.message}`;
    if (setting) return finding(NAME, 'fail', says, `set ${setting} right, or take it out`);
    return finding(NAME, 'warn', says, 'mend it, or test it once the server runs');
  } finally {
    await drivers.forget(source.id);
  }
}

/** Undefined where a setting cannot be read, which is among the faults of the settings. */
function readable(config: CheckedConfig): ReturnType<typeof createManaged> | undefined {
  try {
    return createManaged({ ...config, SECRET_KEY: config.SECRET_KEY ?? crypto.randomUUID() });
  } catch (error) {
    if (error instanceof ConfigError || error instanceof AppError) return undefined;
    throw error;
  }
}

/** Whether the databases answer, and whether their logins may do more than read. */
export const datasourcesCheck: Check = {
  name: NAME,
  async run(config) {
    const opened = readable(config);
    if (!opened) return [];
    const { managed, seal } = opened;
    const given: Source[] = managed.map(({ type: engine, ...source }) => ({ ...source, engine }));
    const drivers = new SourceDrivers();
    // Without the key, those of the settings are all that can be opened.
    const kept = config.SECRET_KEY === undefined ? [] : await stored(config, seal);
    const sources = [...given, ...kept];
    return Promise.all(sources.map((source) => ('says' in source ? source : examine(drivers, source))));
  },
};
