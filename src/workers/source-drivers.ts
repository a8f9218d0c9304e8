import { lookup } from 'node:dns/promises';
import { AppError } from '../base/errors.ts';
import type { DatasourceConnection, SourceEngine } from '../domain/datasource.ts';
import { isRefusedAddress } from '../domain/source-host.ts';
import type { Driver, OpenDriver, PoolStats } from '../drivers/driver.ts';

/** Loaded when first needed: most installations have one engine. */
const OPEN: Readonly<Record<SourceEngine, () => Promise<OpenDriver>>> = {
  postgres: async () => (await import('../drivers/postgres/driver.ts')).openPostgres,
  mysql: async () => (await import('../drivers/mysql/driver.ts')).openMysql,
  mssql: async () => (await import('../drivers/mssql/driver.ts')).openMssql,
};

export const NO_POOL: PoolStats = { inUse: 0, idle: 0, waiting: 0, created: 0, failed: 0 };

/** Hosts are checked as they are written when a datasource is made; here, what a name stands for. A name that stands for nothing is the driver's to tell. */
async function refuseMetadataService(host: string): Promise<void> {
  const found = await lookup(host, { all: true }).catch(() => []);
  if (found.some(({ address }) => isRefusedAddress(address)))
    throw new AppError('datasource.unreachable', 'The host is an address that no connection is made to', {
      params: { host },
    });
}

export type NamedPool = PoolStats & { name: string };

interface Open {
  name: string;
  version: number;
  driver: Promise<Driver>;
}

/** The drivers of a process: one a datasource, opened when first used, opened anew when its settings change. */
export class SourceDrivers {
  readonly #open = new Map<string, Open>();

  async driver({ id, name, version, engine, settings }: DatasourceConnection): Promise<Driver> {
    const found = this.#open.get(id);
    if (found?.version === version) return found.driver;
    if (found) void this.#close(found);
    const driver = refuseMetadataService(settings.host)
      .then(OPEN[engine])
      .then((open) => open(settings, { applicationName: 'reporting-api', onPoolEvent: () => undefined }));
    this.#open.set(id, { name, version, driver });
    driver.catch(() => this.#open.delete(id));
    return driver;
  }

  async stats(id: string): Promise<PoolStats> {
    const found = this.#open.get(id);
    return found ? (await found.driver).stats() : NO_POOL;
  }

  /** The pools of all datasources that were used, by name. */
  async pools(): Promise<NamedPool[]> {
    const open = [...this.#open.values()].map(async ({ name, driver }) => ({
      name,
      ...(await driver).stats(),
    }));
    // A driver that could not be opened has no pool.
    return (await Promise.allSettled(open)).flatMap((result) =>
      result.status === 'fulfilled' ? [result.value] : [],
    );
  }

  async forget(id: string): Promise<void> {
    const found = this.#open.get(id);
    this.#open.delete(id);
    if (found) await this.#close(found);
  }

  async #close({ driver }: Open): Promise<void> {
    await (await driver)[Symbol.asyncDispose]();
  }
}
