import { ENGINE_TABLE } from '../drivers/engine-table.ts';
import { ROW_SHARE } from '../drivers/row-bytes.ts';
import { SourceRunner } from '../engine/source-runner.ts';
import { DatasourceTests } from '../services/datasource-tests.ts';
import { Datasources } from '../services/datasources.ts';
import type { Identity } from '../services/identity.ts';
import { SourceCatalog } from '../services/source-catalog.ts';
import { zoneTable } from '../sql/dialects/zone-table.ts';
import type { Store } from '../store/store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { WorkerPool } from '../workers/pool.ts';
import type { SourceJob, SourceResultOf, SourceWorkerOptions } from '../workers/source-job.ts';
import { workerUrl } from '../workers/urls.ts';
import { createManaged } from './managed-datasources.ts';
import { instanceLimits, type Parts } from './parts.ts';

async function showPools(access: SourceRunner, { connections, connectionsMade }: Metrics): Promise<void> {
  const pools = await access.pools();
  connections.reset();
  connectionsMade.reset();
  for (const { name: datasource, inUse, idle, waiting, created, failed } of pools) {
    for (const [state, value] of Object.entries({ inUse, idle, waiting }))
      connections.set({ datasource, state }, value);
    for (const [outcome, value] of Object.entries({ created, failed }))
      connectionsMade.inc({ datasource, outcome }, value);
  }
}

export function createDatasources(
  { config, log, metrics, clock, tempFolder }: Parts,
  store: Store,
  { audit }: Identity,
) {
  const options: SourceWorkerOptions = {
    tempFolder,
    maxRowBytes: Math.ceil(config.QUERY_MAX_BYTES / ROW_SHARE),
    ...instanceLimits(config),
  };
  const pool = new WorkerPool<SourceJob, SourceResultOf[SourceJob['kind']]>({
    name: 'source',
    url: workerUrl('source'),
    size: 1,
    options,
    metrics,
    log,
  });
  const zones = zoneTable();
  const access = new SourceRunner(pool, zones, log);
  const { managed, seal, metadata } = createManaged(config);
  const datasources = new Datasources({
    store,
    access,
    seal,
    engines: ENGINE_TABLE,
    managed,
    metadata,
    audit,
    clock,
    log,
  });
  const catalog = new SourceCatalog({
    datasources,
    access,
    clock,
    metrics,
    keepMs: config.DATASOURCE_CATALOG_SECONDS * 1000,
    timeoutS: config.DATASOURCE_LOOK_SECONDS,
  });
  const tests = new DatasourceTests({
    datasources,
    access,
    engines: ENGINE_TABLE,
    audit,
    clock,
    metrics,
    timeoutS: config.DATASOURCE_TEST_SECONDS,
  });
  metrics.beforeScrape.push(() => showPools(access, metrics));
  return { pool, access, zones, datasources, catalog, tests };
}

export type DatasourceParts = ReturnType<typeof createDatasources>;
