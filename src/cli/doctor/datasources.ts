import { AppError } from '../../base/errors.ts';
import { createManaged } from '../../compose/managed-datasources.ts';
import { ConfigError } from '../../config.ts';
import { openPostgres } from '../../drivers/postgres/driver.ts';
import type { ManagedDatasource } from '../../services/managed-datasources.ts';
import { type Check, type Finding, finding } from './check.ts';

const NAME = 'sources';

/** All datasources of settings are PostgreSQL. */
async function tried({ setting, settings }: ManagedDatasource, timeoutMs: number): Promise<Finding> {
  await using driver = openPostgres(
    { ...settings, pool: { ...settings.pool, size: 1, maxOverflow: 0 } },
    { applicationName: 'reporting-api doctor', onPoolEvent: () => undefined },
  );
  try {
    const { version } = await driver.facts(AbortSignal.timeout(timeoutMs));
    return finding(NAME, 'ok', `${setting} answers: ${version}`);
  } catch (error) {
    if (!(error instanceof AppError || (error as Error).name === 'TimeoutError')) throw error;
    const says = error instanceof AppError ? error.message : `no answer in ${timeoutMs / 1000} s`;
    return finding(NAME, 'fail', `${setting}: ${says}`, `set ${setting} right, or take it out`);
  }
}

/** What cannot be read is among the faults of the settings. */
function readable(read: () => ManagedDatasource[]): ManagedDatasource[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigError || error instanceof AppError) return [];
    throw error;
  }
}

export const datasourcesCheck: Check = {
  name: NAME,
  async run(config) {
    // Nothing that is stored is opened with it.
    const SECRET_KEY = config.SECRET_KEY ?? crypto.randomUUID();
    const managed = readable(() => createManaged({ ...config, SECRET_KEY }).managed);
    return Promise.all(managed.map((source) => tried(source, config.DATASOURCE_TEST_SECONDS * 1000)));
  },
};
