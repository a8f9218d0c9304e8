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
import type { SyncRunDeps } from '../services/sync/sync-run.ts';
import type { SyncSources } from '../services/sync-source.ts';
import { SyncStarts } from '../services/sync-starts.ts';
import { SyncTasks } from '../services/sync-tasks.ts';
import type { Db } from '../store/database.ts';
import type { DatasetStore } from '../store/datasets.ts';
import type { Store } from '../store/store.ts';
import { publishSynced, replaceFiles } from '../store/sync-publication.ts';
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
  const { config, metrics, clock, folders } = parts;
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
  const onPublished = () => datasets.views.refresh();
  const run: SyncRunDeps = {
    ...{ sources, metrics, ingest, folders, clock, faults, onPublished },
    datasets: datasetStore,
    shared: datasets.deps.files,
    task: (id) => tasks.get(id),
    publish: (publication) => publishSynced(db, publication, faults),
    keepGenerations: config.DATASET_KEEP_GENERATIONS,
    batchRows: config.SYNC_BATCH_ROWS,
    timeoutS: config.SYNC_TIMEOUT_SECONDS,
  };
  const compaction = new Compaction({
    ...{ ingest, folders, clock, metrics, faults },
    datasets: datasetStore,
    files: datasets.deps.files,
    replaceFiles: (...change) => replaceFiles(db, ...change, faults),
    onReplaced: onPublished,
  });
  const starts = new SyncStarts(tasks, given.runs, async (nameOrId, pointer) => {
    const { id } = await datasources.datasources.resolve(nameOrId, pointer);
    return id;
  });
  const observed = new ObservedSync({ run, starts, compaction, metrics, clock });
  metrics.beforeScrape.push(async () => observed.showLag());
  const jobs: Job[] = [
    syncJob({ run: (task, input, context) => observed.run(task, input, context) }),
    compactJob({ compact: (id, signal) => compaction.compact(id, signal) }),
  ];
  return { tasks, starts, run, compaction, sources, jobs, targets: [starts.target()] };
}
