import { describe } from '../base/errors.ts';
import { type FaultPoints, NO_FAULTS } from '../base/fault-point.ts';
import { type SourceFacts, Sources, tableName } from '../engine/sources.ts';
import { compactJob } from '../jobs/compact.ts';
import type { Job } from '../jobs/job.ts';
import { syncJob } from '../jobs/sync.ts';
import type { IngestRunner } from '../lake/jobs.ts';
import { Compaction } from '../services/compaction.ts';
import type { Datasets } from '../services/datasets.ts';
import type { Identity } from '../services/identity.ts';
import type { FileSourceOpeners } from '../services/ingest/file-sources.ts';
import type { Runs } from '../services/runs.ts';
import { type DatabaseSourceDeps, openSql, openTable } from '../services/sync/database-source.ts';
import { ObservedSync } from '../services/sync/observed-sync.ts';
import { SyncLag } from '../services/sync/sync-lag.ts';
import type { SyncRunDeps } from '../services/sync/sync-run.ts';
import type { SyncSources } from '../services/sync-source.ts';
import { SyncStarts } from '../services/sync-starts.ts';
import { SyncTasks } from '../services/sync-tasks.ts';
import type { Db } from '../store/database.ts';
import type { DatasetStore } from '../store/datasets.ts';
import type { Store } from '../store/store.ts';
import { mergeFiles, publishSynced } from '../store/sync-publication.ts';
import type { DatasourceParts } from './datasources.ts';
import type { Parts } from './parts.ts';

export interface SyncParts {
  db: Db;
  store: Store;
  datasetStore: DatasetStore;
  datasets: Datasets;
  ingest: IngestRunner;
  identity: Identity;
  datasources: DatasourceParts;
  facts: SourceFacts;
  /** Sources that are no databases. */
  fileSources: FileSourceOpeners;
  runs: Runs;
  /** Tests that kill processes name the places. */
  faults?: FaultPoints | undefined;
}

/** Sync tasks, what runs them, and the merging of small files. */
export function createSync(parts: Parts, given: SyncParts) {
  const { config, metrics, clock, folders, log } = parts;
  const { db, store, datasetStore, datasets, ingest, identity, datasources } = given;
  const { access, catalog, zones } = datasources;
  const faults = given.faults ?? NO_FAULTS;
  const fresh: DatabaseSourceDeps = {
    resolveDatasource: (nameOrId, pointer) => datasources.datasources.resolve(nameOrId, pointer),
    sources: new Sources(
      {
        ...given.facts,
        columns: (connection, table, signal) =>
          catalog.columnsOf(connection, table, { signal, refresh: true }),
      },
      zones,
    ),
    access,
    async estimateRows(connection, table, signal) {
      const { schema = connection.settings.schema, name } = tableName(table);
      const tables = await catalog.tables(connection.id, schema, { signal });
      return tables.find((each) => each.name === name)?.estimatedRows ?? null;
    },
    ingest,
    folders,
  };
  const sources: SyncSources = { table: openTable(fresh), sql: openSql(fresh), ...given.fileSources };
  const tasks = new SyncTasks({
    ...{ store, datasetStore, datasets, sources, clock },
    audit: identity.audit,
    timeoutS: config.SYNC_TIMEOUT_SECONDS,
  });
  const run: SyncRunDeps = {
    ...{ sources, metrics, ingest, folders, clock, faults },
    datasets: datasetStore,
    shared: datasets.deps.files,
    task: (id) => tasks.get(id),
    publish: (publication) => publishSynced(db, publication, faults),
    keepGenerations: config.DATASET_KEEP_GENERATIONS,
    batchRows: config.SYNC_BATCH_ROWS,
    timeoutS: config.SYNC_TIMEOUT_SECONDS,
    async onPublished(datasetId, files) {
      datasets.views.refresh();
      if (files >= config.COMPACT_FILES) await compactSoon(datasetId);
    },
  };
  const compaction = new Compaction({
    ...{ ingest, folders, clock, metrics, log, faults },
    datasets: datasetStore,
    files: datasets.deps.files,
    atLeast: config.COMPACT_FILES,
    mergeFiles: (...change) => mergeFiles(db, ...change, faults),
    onReplaced: () => datasets.views.refresh(),
  });
  const starts = new SyncStarts(tasks, given.runs, async (nameOrId, pointer) => {
    const { id, settings } = await datasources.datasources.resolve(nameOrId, pointer);
    return { id, concurrency: settings.syncConcurrency ?? config.SYNC_SOURCE_CONCURRENCY };
  });
  /** What was published stands, whatever becomes of this: the chore looks again. */
  async function compactSoon(datasetId: string): Promise<void> {
    try {
      if (await compaction.isNeeded(datasetId)) await starts.compact(datasetId);
    } catch (error) {
      log.warning('compaction.notQueued', { dataset: datasetId, cause: describe(error) });
    }
  }
  /** Queues what no publication has: of runs that were killed after theirs, or when the setting was changed. */
  async function compactAll(): Promise<number> {
    const needed = await compaction.needed();
    for (const datasetId of needed) await starts.compact(datasetId);
    return needed.length;
  }
  const observed = new ObservedSync({ run, metrics });
  const lag = new SyncLag({ store, metrics, clock });
  metrics.beforeScrape.push(async () => {
    await lag.show();
    metrics.mostFiles.set(await datasetStore.mostFiles());
  });
  const jobs: Job[] = [
    syncJob({ run: (task, input, context) => observed.run(task, input, context) }),
    compactJob({ compact: (id, signal) => compaction.compact(id, signal) }),
  ];
  return { tasks, starts, run, compaction, compactAll, sources, jobs, targets: [starts.target()] };
}
