import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FaultPoints } from '../base/fault-point.ts';
import { makeTempFolder } from '../base/temp-folder.ts';
import { LOCAL_FILES } from '../lake/bucket/local-files.ts';
import { foldersOf, makeFolders } from '../lake/folders.ts';
import { createIdentity } from '../services/identity.ts';
import { openDatabase } from '../store/database.ts';
import { DatasetStore } from '../store/datasets.ts';
import { migrate } from '../store/migrate.ts';
import { createStore } from '../store/store.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createSharedFiles } from './bucket.ts';
import { createDatasets } from './datasets.ts';
import { createDatasources } from './datasources.ts';
import { createEngines } from './engines.ts';
import type { Parts } from './parts.ts';
import { createQueries } from './queries.ts';

export interface CoreOptions extends Pick<Parts, 'config' | 'log' | 'clock' | 'place'> {
  /** Connections to metadata on a server. */
  poolSize: number;
  /** Of the process; see Parts. */
  env?: Parts['env'] | undefined;
  /** Tests that kill processes name the places. */
  faults?: FaultPoints | undefined;
}

/**
 * Opens what the service and the commands over data have in common: the folders, the metadata brought to this version, who may do what,
 * datasets, datasources and queries over them. Whoever opens it disposes of `closing`, to which more may be added. Rejects with nothing left open.
 */
export async function openCore({ config, log, clock, place, poolSize, faults, env = {} }: CoreOptions) {
  await using opening = new AsyncDisposableStack();
  const folders = foldersOf(config.DUCKDB_PATH, config.DATASETS_S3_BUCKET !== undefined);
  await makeFolders(folders);
  const tempFolder = await makeTempFolder(join(folders.root, 'tmp'));
  opening.defer(() => rm(tempFolder, { recursive: true, force: true }));
  const parts: Parts = { config, log, metrics: createMetrics(), clock, folders, tempFolder, place, env };

  const db = await openDatabase(config.METADATA_DB_PATH, { poolSize });
  opening.defer(() => db.destroy());
  await migrate(db, config.METADATA_DB_PATH, log);
  const store = createStore(db, faults);
  const identity = createIdentity({ ...parts, store, options: config, secretKey: config.SECRET_KEY! });

  const datasetStore = new DatasetStore(db, (id, file) => join(folders.datasets, id, file));
  const shared = createSharedFiles(parts, db, store, datasetStore);
  opening.defer(() => shared?.close());
  const pools = createEngines(parts);
  opening.defer(() => pools.engines.close());
  const ownerOf = (id?: string, name?: string) => store.syncTasks.ownerOf(id, name);
  const ingest = createDatasets(parts, pools, datasetStore, shared ?? LOCAL_FILES, identity, ownerOf, faults);
  const sources = createDatasources(parts, pools, store, identity);
  const queries = createQueries(parts, pools, store, identity, ingest.datasets, sources);
  opening.defer(() => ingest.datasets.views.settled());
  opening.defer(() => queries.engine.close());
  return {
    parts,
    db,
    store,
    identity,
    datasetStore,
    shared,
    pools,
    ingest,
    sources,
    ...queries,
    closing: opening.move(),
  };
}

export type Core = Awaited<ReturnType<typeof openCore>>;
