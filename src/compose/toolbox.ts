import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { makeTempFolder } from '../base/temp-folder.ts';
import type { Config } from '../config.ts';
import { LOCAL_FILES } from '../lake/bucket/local-files.ts';
import { foldersOf, makeFolders } from '../lake/folders.ts';
import type { Datasets } from '../services/datasets.ts';
import { createIdentity } from '../services/identity.ts';
import type { QueryService } from '../services/query.ts';
import { openDatabase } from '../store/database.ts';
import { DatasetStore } from '../store/datasets.ts';
import { migrate } from '../store/migrate.ts';
import { createStore } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createSharedFiles } from './bucket.ts';
import { createDatasets } from './datasets.ts';
import { createDatasources } from './datasources.ts';
import type { Parts } from './parts.ts';
import { createQueries } from './queries.ts';

export interface Toolbox {
  parts: Parts;
  datasets: Datasets;
  /** Of datasets; databases of the settings need their own secrets. */
  queries: QueryService;
}

/** Runs one piece of work with the parts of the service that know datasets, without port and jobs. The service may run beside it. */
export async function withToolbox<T>(
  settings: Config,
  log: Log,
  work: (toolbox: Toolbox) => Promise<T>,
): Promise<T> {
  const config = {
    ...settings,
    // No command signs or opens anything, so the secret need not be known here.
    SECRET_KEY: settings.SECRET_KEY ?? crypto.randomUUID(),
    // A command asks as fast as it is answered; the rate is for users of the port.
    QUERY_BURST: Number.MAX_SAFE_INTEGER,
  };
  const folders = foldersOf(config.DUCKDB_PATH, config.DATASETS_S3_BUCKET !== undefined);
  await makeFolders(folders);
  const tempFolder = await makeTempFolder(join(folders.root, 'tmp'));
  const parts: Parts = { config, log, metrics: createMetrics(), clock: systemClock, folders, tempFolder };
  const { metrics, clock } = parts;
  const closers: (() => unknown)[] = [() => rm(tempFolder, { recursive: true, force: true })];
  try {
    const db = await openDatabase(config.METADATA_DB_PATH, { poolSize: 1 });
    closers.push(() => db.destroy());
    await migrate(db, config.METADATA_DB_PATH, log);
    const store = createStore(db);
    const identity = createIdentity({
      store,
      clock,
      metrics,
      log,
      options: config,
      secretKey: config.SECRET_KEY,
    });
    const datasetStore = new DatasetStore(db, (id, file) => join(folders.datasets, id, file));
    const ownerOf = (id?: string, name?: string) => store.syncTasks.ownerOf(id, name);
    const shared = createSharedFiles(parts, db, store, datasetStore);
    closers.push(() => shared?.close());
    const ingest = createDatasets(parts, datasetStore, shared ?? LOCAL_FILES, identity, ownerOf);
    const { datasets } = ingest;
    const sources = createDatasources(parts, store, identity);
    const { queries, engine, pool } = createQueries(parts, store, identity, datasets, sources);
    closers.push(
      () => pool.close(),
      () => sources.pool.close(),
      () => ingest.pool.close(),
      () => datasets.views.settled(),
      () => engine.close(),
    );
    return await work({ parts, datasets, queries });
  } finally {
    for (const closer of closers.reverse()) await closer();
  }
}
