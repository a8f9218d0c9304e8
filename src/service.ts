import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from './base/clock.ts';
import { describe } from './base/errors.ts';
import { memoryLimitBytes } from './base/memory.ts';
import { makeTempFolder } from './base/temp-folder.ts';
import type { Config } from './config.ts';
import type { QuerySummary } from './domain/query-result.ts';
import { Admission } from './engine/admission.ts';
import { Engine } from './engine/engine.ts';
import { createApp } from './http/app.ts';
import { apiKeysRoutes } from './http/routes/api-keys.ts';
import { auditRoutes } from './http/routes/audit.ts';
import { authRoutes } from './http/routes/auth.ts';
import { datasetsRoutes } from './http/routes/datasets.ts';
import { queryRoutes } from './http/routes/queries.ts';
import { usersRoutes } from './http/routes/users.ts';
import { type Listening, listen } from './http/server.ts';
import { type Folders, foldersOf, makeFolders } from './lake/folders.ts';
import type { IngestJob, IngestOptions, IngestRunner, ResultOf } from './lake/jobs.ts';
import { Datasets } from './services/datasets.ts';
import { createIdentity, type Identity, openFirstAccess } from './services/identity.ts';
import { QueryService } from './services/query.ts';
import { type Db, openDatabase } from './store/database.ts';
import { DatasetStore } from './store/datasets.ts';
import { migrate } from './store/migrate.ts';
import { createStore, type Store } from './store/store.ts';
import type { Log } from './telemetry/log.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import { WorkerPool } from './workers/pool.ts';
import type { QueryJob, QueryWorkerOptions } from './workers/query-job.ts';
import { workerUrl } from './workers/urls.ts';

export interface ServiceOptions {
  config: Config;
  log: Log;
  version: string;
  /** Make the demo data. */
  demo: boolean;
}

export interface Service {
  url: string;
  port: number;
  /** A key for this start, where nobody can sign in otherwise. */
  startKey?: string;
  /** Resolves when the demo data is there. */
  demoReady: Promise<void>;
  stop(graceMs: number): Promise<void>;
}

/** Of the memory, what DuckDB may have: the rest is for the front, the workers' own heaps and the page cache. */
const DUCKDB_SHARE = 0.6;
const SWEEP_MS = 60 * 60 * 1000;
const COLLECT_MS = 60 * 1000;
/** Who makes what nobody asked for. */
const NOBODY = { actor: null, address: null, requestId: null };

/** Resources of one DuckDB instance; the query workers and the ingest worker share the machine alike. */
function instanceLimits(config: Config) {
  const instances = config.THREADS + 1;
  return {
    memoryLimitBytes:
      config.DUCKDB_MEMORY_LIMIT || Math.floor((memoryLimitBytes() * DUCKDB_SHARE) / instances),
    tempMaxBytes: config.DUCKDB_TEMP_MAX_BYTES,
    threads: config.DUCKDB_THREADS || availableParallelism(),
  };
}

interface Parts {
  config: Config;
  log: Log;
  metrics: Metrics;
  clock: Clock;
  folders: Folders;
  tempFolder: string;
}

function createDatasets(
  { config, log, metrics, clock, folders, tempFolder }: Parts,
  store: DatasetStore,
  { audit }: Identity,
) {
  const options: IngestOptions = {
    datasets: folders.datasets,
    uploads: folders.uploads,
    tempFolder: join(tempFolder, 'ingest'),
    maxExpandedBytes: config.UPLOAD_MAX_EXPANDED_BYTES,
    maxGzipRatio: config.UPLOAD_MAX_GZIP_RATIO,
    maxValueBytes: config.UPLOAD_MAX_VALUE_BYTES,
    maxColumns: config.UPLOAD_MAX_COLUMNS,
    ...instanceLimits(config),
  };
  const pool = new WorkerPool<IngestJob, ResultOf[IngestJob['kind']]>({
    name: 'ingest',
    url: workerUrl('ingest'),
    size: 1,
    options,
    metrics,
    log,
  });
  const datasets = new Datasets({
    store,
    folders,
    ingest: pool as IngestRunner,
    clock,
    metrics,
    log,
    maxBytes: config.UPLOAD_MAX_BYTES,
    concurrency: config.UPLOAD_CONCURRENCY,
    keepGenerations: config.DATASET_KEEP_GENERATIONS,
    graceSeconds: config.DATASET_GRACE_SECONDS,
    record: (event, caller) => audit.record(event, caller),
  });
  return { pool, datasets };
}

function createQueries({ config, log, metrics, clock, folders, tempFolder }: Parts, datasets: Datasets) {
  const options: QueryWorkerOptions = {
    datasetsFolder: folders.datasets,
    tempFolder,
    ...instanceLimits(config),
  };
  const pool = new WorkerPool<QueryJob, QuerySummary>({
    name: 'query',
    url: workerUrl('query'),
    size: config.THREADS,
    options,
    metrics,
    log,
  });
  const limits = {
    concurrency: config.HEAVY_QUERY_CONCURRENCY,
    queue: config.HEAVY_QUERY_QUEUE,
    waitS: config.HEAVY_QUERY_WAIT_SECONDS,
    userConcurrency: config.USER_QUERY_CONCURRENCY,
    ratePerSecond: config.QUERY_RATE_PER_SEC,
    burst: config.QUERY_BURST,
  };
  const admission = new Admission(limits, metrics, clock);
  const engine = new Engine({
    pool,
    admission,
    metrics,
    clock,
    timeoutS: config.QUERY_TIMEOUT_SECONDS,
    cacheBytes: config.RESULT_CACHE_BYTES,
  });
  const caps = {
    rows: config.QUERY_MAX_ROWS,
    bytes: config.QUERY_MAX_BYTES,
    cells: config.PIVOT_MAX_CELLS,
    exportRows: config.EXPORT_MAX_ROWS,
  };
  const queries = new QueryService({
    engine,
    clock,
    resolveDataset: (nameOrId, pointer) => datasets.resolve(nameOrId, pointer),
    defaults: { timezone: config.TIMEZONE, weekStart: config.WEEK_START, caps },
  });
  return { pool, engine, queries };
}

async function openMetadata({ config, log }: Parts): Promise<{ db: Db; store: Store }> {
  const db = await openDatabase(config.METADATA_DB_PATH);
  try {
    await migrate(db, config.METADATA_DB_PATH, log);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return { db, store: createStore(db) };
}

function createChecks(folders: Folders, store: Store): Record<string, () => Promise<string | undefined>> {
  return {
    async metadata() {
      await store.users.count();
      return undefined;
    },
    async datasetsFolder() {
      const probe = join(folders.uploads, `probe-${randomUUID()}`);
      await writeFile(probe, '');
      await rm(probe);
      return undefined;
    },
  };
}

/** Runs `work` now and then; a failure is logged and the next time is tried again. */
function repeat(name: string, everyMs: number, log: Log, work: () => Promise<unknown>): () => void {
  const timer = setInterval(() => {
    work().catch((error) => log.error('housekeeping.failed', { job: name, cause: describe(error) }));
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Puts the service together and opens its port. Rejects, with nothing left open, when it cannot start. */
export async function startService({ config, log, version, demo }: ServiceOptions): Promise<Service> {
  const metrics = createMetrics();
  metrics.buildInfo.set({ version, bun: Bun.version }, 1);
  const clock = systemClock;
  const folders = foldersOf(config.DUCKDB_PATH);
  await makeFolders(folders);
  const tempFolder = await makeTempFolder(join(folders.root, 'tmp'));
  const parts: Parts = { config, log, metrics, clock, folders, tempFolder };
  const { db, store } = await openMetadata(parts);
  const closers: (() => unknown)[] = [
    () => db.destroy(),
    () => rm(tempFolder, { recursive: true, force: true }),
  ];
  const close = async () => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    const identity = createIdentity({
      store,
      clock,
      metrics,
      log,
      options: config,
      secretKey: config.SECRET_KEY!,
    });
    const { startKey } = await openFirstAccess(identity, store, config);
    const datasetStore = new DatasetStore(db, (id, file) => join(folders.datasets, id, file));
    const ingest = createDatasets(parts, datasetStore, identity);
    const { datasets } = ingest;
    const { queries, engine, pool } = createQueries(parts, datasets);
    closers.push(
      () => pool.close(),
      () => ingest.pool.close(),
      () => datasets.views.settled(),
    );
    const app = createApp({
      config,
      log,
      metrics,
      clock,
      version,
      authenticate: (credentials) => identity.authenticator.authenticate(credentials),
      checks: createChecks(folders, store),
      stats: async () => ({
        version,
        memory: process.memoryUsage(),
        queries: { ...engine.stats(), running: engine.running() },
        datasets: { count: await datasetStore.count(), workers: ingest.pool.stats() },
      }),
      role: () => 'web',
      routes: [
        authRoutes({ signIn: identity.signIn, clock }),
        usersRoutes(identity),
        apiKeysRoutes(identity),
        auditRoutes(identity),
        datasetsRoutes({ datasets, stallMs: config.CHANNEL_TIMEOUT * 1000 }),
        queryRoutes({ queries }),
      ],
    });
    const listening: Listening = listen(app, config, log);
    closers.push(repeat('identity', SWEEP_MS, log, () => identity.sweep()));
    closers.push(repeat('datasets', COLLECT_MS, log, () => datasets.collect()));
    datasets
      .collect()
      .then(() => datasets.views.refreshIfStale())
      .catch((error) => log.error('housekeeping.failed', { job: 'datasets', cause: describe(error) }));
    log.info('service.started', { url: listening.url, version });
    return {
      url: listening.url,
      port: listening.port,
      ...(startKey === undefined ? {} : { startKey }),
      demoReady: demo ? datasets.ensureDemo(NOBODY).then(() => undefined) : Promise.resolve(),
      async stop(graceMs) {
        await listening.stop(graceMs);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
