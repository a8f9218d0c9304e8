import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { QuerySummary } from '../domain/query-result.ts';
import { Admission } from '../engine/admission.ts';
import { Engine } from '../engine/engine.ts';
import { ModelKeys } from '../engine/model-keys.ts';
import type { PlanOptions } from '../engine/plan.ts';
import { SlowQueries } from '../engine/slow-queries.ts';
import { type SourceFacts, Sources } from '../engine/sources.ts';
import type { Datasets } from '../services/datasets.ts';
import type { Identity } from '../services/identity.ts';
import { ModelOpener } from '../services/model-opener.ts';
import { Models } from '../services/models.ts';
import { QueryService } from '../services/query.ts';
import type { Store } from '../store/store.ts';
import type { Limit } from '../telemetry/metrics.ts';
import { WorkerPool } from '../workers/pool.ts';
import type { AttestJob, QueryJob, QueryWorkerOptions } from '../workers/query-job.ts';
import { workerUrl } from '../workers/urls.ts';
import type { DatasourceParts } from './datasources.ts';
import { instanceLimits, type Parts } from './parts.ts';
import { peersOf } from './peers.ts';

/** The limit behind a reason of the gate. */
const SQL_LIMIT_OF: Readonly<Record<string, Limit>> = {
  tooLong: 'SQL_MAX_BYTES',
  tooComplex: 'SQL_MAX_DEPTH',
};

/** What is asked of databases, and of the gate, before a query over them. */
export function createSourceFacts(
  config: Parts['config'],
  metrics: Parts['metrics'],
  { access, catalog }: Pick<DatasourceParts, 'access' | 'catalog'>,
): SourceFacts {
  const sqlLimits = { maxBytes: config.SQL_MAX_BYTES, maxDepth: config.SQL_MAX_DEPTH };
  return {
    columns: (connection, table, signal) => catalog.columnsOf(connection, table, { signal }),
    forgetColumns: (connection) => catalog.forgetColumns(connection),
    describe: (connection, statement, signal) => access.describe(connection, statement, signal),
    async check(text, dialect, tables, signal) {
      try {
        return await access.check(text, dialect, tables, sqlLimits, signal);
      } catch (error) {
        const limit = error instanceof AppError ? SQL_LIMIT_OF[String(error.params?.reason)] : undefined;
        if (limit) metrics.limitsHit.inc({ limit });
        throw error;
      }
    },
  };
}

export function createQueries(
  { config, log, metrics, clock, folders, tempFolder, place }: Parts,
  store: Store,
  { audit }: Identity,
  datasets: Datasets,
  { access, catalog, datasources, zones }: DatasourceParts,
) {
  const workerOptions: QueryWorkerOptions = {
    datasetsFolder: folders.datasets,
    tempFolder,
    ...instanceLimits(config),
  };
  const pool = new WorkerPool<QueryJob | AttestJob, QuerySummary | string[]>({
    name: 'query',
    url: workerUrl('query'),
    size: config.THREADS,
    options: workerOptions,
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
    runners: {
      dataset: (job, run) => pool.run(job, run) as Promise<QuerySummary>,
      datasource: (connection, job, run) => access.query(connection, job, run),
    },
    admission,
    metrics,
    clock,
    slow: new SlowQueries(config.SLOW_QUERY_SECONDS * 1000, log, clock),
    timeoutS: config.QUERY_TIMEOUT_SECONDS,
    cacheBytes: config.RESULT_CACHE_BYTES,
    holdFiles: (paths, signal) => datasets.deps.files.hold(paths, signal),
  });
  const caps = {
    rows: config.QUERY_MAX_ROWS,
    bytes: config.QUERY_MAX_BYTES,
    cells: config.PIVOT_MAX_CELLS,
    exportRows: config.EXPORT_MAX_ROWS,
  };
  const facts = createSourceFacts(config, metrics, { access, catalog });
  const sources = new Sources(facts, zones);
  const resolve = {
    resolveDataset: (nameOrId: string, pointer?: string) => datasets.resolve(nameOrId, pointer),
    resolveDatasource: (nameOrId: string, pointer?: string) => datasources.resolve(nameOrId, pointer),
  };
  const options = planOptions(config, caps, clock);
  const keepMs = config.DATASOURCE_CATALOG_SECONDS * 1000;
  const models = new Models({
    store,
    audit,
    clock,
    opener: new ModelOpener({
      ...resolve,
      sources,
      facts: (connection, signal) => catalog.facts(connection, signal),
    }),
    keys: new ModelKeys({ engine, clock, keepMs }),
    engine,
    sources,
    metrics,
    options,
  });
  const listDatasets = () => datasets.sources();
  const queries = new QueryService({
    engine,
    peers: place && peersOf(place),
    clock,
    ...resolve,
    listDatasets,
    models,
    sources,
    options,
    metrics,
  });
  return { pool, engine, queries, models };
}

/** What queries are planned with: where a request does not say, and within which limits. */
function planOptions(config: Parts['config'], caps: PlanOptions['caps'], clock: Clock) {
  return (timeoutS = config.QUERY_TIMEOUT_SECONDS): PlanOptions => ({
    timezone: config.TIMEZONE,
    weekStart: config.WEEK_START,
    caps,
    expressionLimits: {
      maxBytes: config.EXPRESSION_MAX_BYTES,
      maxDepth: config.EXPRESSION_MAX_DEPTH,
    },
    nowMs: clock.now(),
    timeoutMs: Math.min(timeoutS, config.QUERY_TIMEOUT_SECONDS) * 1000,
  });
}
