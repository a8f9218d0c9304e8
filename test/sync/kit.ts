import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import type { FaultPoints } from '../../src/base/fault-point.ts';
import { createDatasets } from '../../src/compose/datasets.ts';
import { createDatasources } from '../../src/compose/datasources.ts';
import { createEngines } from '../../src/compose/engines.ts';
import { createFileSources, createSecrets } from '../../src/compose/ingest.ts';
import { createRuns } from '../../src/compose/jobs.ts';
import { createOutbound } from '../../src/compose/outbound.ts';
import type { Parts } from '../../src/compose/parts.ts';
import { createSourceFacts } from '../../src/compose/queries.ts';
import { createSync } from '../../src/compose/sync.ts';
import { readConfig } from '../../src/config.ts';
import { SYSTEM } from '../../src/domain/audit.ts';
import type { Progress, RunContext } from '../../src/domain/run.ts';
import type { SyncRunInput, SyncTaskInput } from '../../src/domain/sync-task.ts';
import { LOCAL_FILES } from '../../src/lake/bucket/local-files.ts';
import { foldersOf, makeFolders } from '../../src/lake/folders.ts';
import type { Cell } from '../../src/lake/jobs.ts';
import { createIdentity } from '../../src/services/identity.ts';
import { runSync, type SyncResult } from '../../src/services/sync/sync-run.ts';
import { openDatabase } from '../../src/store/database.ts';
import { DatasetStore } from '../../src/store/datasets.ts';
import { migrate } from '../../src/store/migrate.ts';
import { createStore } from '../../src/store/store.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import type { TestServer } from '../support/postgres-server.ts';

export interface SyncKitOptions {
  home?: string;
  env?: Record<string, string>;
  faults?: FaultPoints;
}

const signal = () => AbortSignal.timeout(120_000);

/** Sync tasks with all that they need, and no runner: a test runs them by hand. */
export async function openSyncKit({ home, env = {}, faults }: SyncKitOptions = {}) {
  const folder = home ?? (await mkdtemp(join(tmpdir(), 'sync-')));
  const config = readConfig({
    DUCKDB_PATH: join(folder, 'local.duckdb'),
    METADATA_DB_PATH: join(folder, 'meta.sqlite'),
    SECRET_KEY: 'a-test-key-of-more-than-32-characters',
    THREADS: '1',
    DATASET_GRACE_SECONDS: '0',
    ...env,
  });
  const logged: string[] = [];
  const log = createLog('debug', (line) => logged.push(line));
  const folders = foldersOf(config.DUCKDB_PATH);
  await makeFolders(folders);
  const parts: Parts = {
    config,
    log,
    metrics: createMetrics(),
    clock: systemClock,
    folders,
    tempFolder: join(folder, 'tmp'),
    env: {},
  };
  const pools = createEngines(parts);
  const db = await openDatabase(config.METADATA_DB_PATH);
  await migrate(db, config.METADATA_DB_PATH, log);
  const store = createStore(db);
  const identity = createIdentity({
    store,
    clock: systemClock,
    metrics: parts.metrics,
    log,
    options: config,
    secretKey: config.SECRET_KEY!,
  });
  const datasetStore = new DatasetStore(db, (id, file) => join(folders.datasets, id, file));
  const lake = createDatasets(parts, pools, datasetStore, LOCAL_FILES, identity, (id, name) =>
    store.syncTasks.ownerOf(id, name),
  );
  const datasources = createDatasources(parts, pools, store, identity);
  const { datasets } = lake;
  const ingest = lake.runner;
  const secrets = createSecrets(parts, store, identity);
  const sync = createSync(parts, {
    fileSources: createFileSources(parts, secrets, createOutbound(parts), ingest),
    ...{ db, store, datasetStore, datasets, identity, datasources, faults },
    runs: createRuns(parts, store, identity),
    ingest,
    facts: createSourceFacts(config, parts.metrics, datasources),
  });
  let runs = 0;
  const runLog: { text: string; facts: Record<string, unknown> | undefined }[] = [];

  const progress: Partial<Progress>[] = [];

  /** A run as a runner would make it: claimed, and with its row in the metadata. */
  async function claimed(aborting?: AbortSignal): Promise<RunContext> {
    const runId = `run_${process.pid}_${++runs}_${crypto.randomUUID()}`;
    await db
      .insertInto('runs')
      .values({
        ...{ id: runId, kind: 'sync', subject_id: null, trigger_kind: 'manual', fire_id: null, input: '{}' },
        ...{ state: 'running', attempt: 1, claim: 1, claimed_by: null, beat: 0, abort_requested: 0 },
        ...{ available_at: '', created_at: '', created_by: null, started_at: null, ended_at: null },
        ...{ progress: '{}', fault: null, result: null },
      } as never)
      .execute();
    return {
      claim: { runId, number: 1 },
      attempt: 1,
      trigger: 'manual',
      signal: aborting ?? signal(),
      progress: (change) => progress.push(change),
      log: (_, text, facts) => runLog.push({ text, facts }),
    };
  }

  return {
    ...{
      secrets,
      folder,
      folders,
      db,
      store,
      datasets,
      datasetStore,
      datasources,
      ...sync,
      logged,
      runLog,
      progress,
      claimed,
      parts,
    },

    async addDatasource(name: string, type: 'postgres' | 'mysql', server: TestServer): Promise<void> {
      const { host, port, user, password, database } = server;
      const settings = { host, port, user, password, database, tls: { mode: 'off' as const } };
      await datasources.datasources.create({ name, type, settings }, SYSTEM);
    },

    task: (input: SyncTaskInput) => sync.tasks.create(input, SYSTEM, signal()),

    async sync(
      task: string,
      input: SyncRunInput = {},
      aborting?: AbortSignal,
      at: FaultPoints = sync.run.faults,
    ): Promise<SyncResult> {
      const { id } = await sync.tasks.get(task);
      return runSync({ ...sync.run, faults: at }, id, input, await claimed(aborting));
    },

    syncWith: (id: string, context: RunContext) => runSync(sync.run, id, {}, context),

    /** Every row of a dataset, its columns in the order of the dataset, rows by their text. */
    async rows(dataset: string, columns?: readonly string[]): Promise<Cell[][]> {
      const source = await datasets.resolve(dataset);
      const wanted = columns ? source.columns.filter(({ name }) => columns.includes(name)) : source.columns;
      const job = {
        kind: 'preview' as const,
        files: source.files,
        columns: wanted,
        limit: 1_000_000,
        offset: 0,
      };
      const rows = await ingest.run<'preview'>(job, { signal: signal() });
      return rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    },

    async [Symbol.asyncDispose]() {
      await datasets.views.settled();
      await pools.engines.close();
      await db.destroy();
      if (home === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

export type SyncKit = Awaited<ReturnType<typeof openSyncKit>>;

/** What a promise is rejected with; undefined where it is not. */
export async function failure(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error;
  }
}
