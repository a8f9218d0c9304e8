import { AppError } from '../base/errors.ts';
import type { QuerySummary } from '../domain/query-result.ts';
import { Admission } from '../engine/admission.ts';
import { Engine } from '../engine/engine.ts';
import { SlowQueries } from '../engine/slow-queries.ts';
import { type SourceFacts, Sources } from '../engine/sources.ts';
import type { Datasets } from '../services/datasets.ts';
import { QueryService } from '../services/query.ts';
import type { Limit } from '../telemetry/metrics.ts';
import { WorkerPool } from '../workers/pool.ts';
import type { AttestJob, QueryJob, QueryWorkerOptions } from '../workers/query-job.ts';
import { workerUrl } from '../workers/urls.ts';
import type { DatasourceParts } from './datasources.ts';
import { instanceLimits, type Parts } from './parts.ts';

/** The limit behind a reason of the gate. */
const SQL_LIMIT_OF: Readonly<Record<string, Limit>> = {
  tooLong: 'SQL_MAX_BYTES',
  tooComplex: 'SQL_MAX_DEPTH',
};

export function createQueries(
  { config, log, metrics, clock, folders, tempFolder }: Parts,
  datasets: Datasets,
  { access, catalog, datasources, zones }: DatasourceParts,
) {
  const options: QueryWorkerOptions = {
    datasetsFolder: folders.datasets,
    tempFolder,
    ...instanceLimits(config),
  };
  const pool = new WorkerPool<QueryJob | AttestJob, QuerySummary | string[]>({
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
  });
  const caps = {
    rows: config.QUERY_MAX_ROWS,
    bytes: config.QUERY_MAX_BYTES,
    cells: config.PIVOT_MAX_CELLS,
    exportRows: config.EXPORT_MAX_ROWS,
  };
  const sqlLimits = { maxBytes: config.SQL_MAX_BYTES, maxDepth: config.SQL_MAX_DEPTH };
  const facts: SourceFacts = {
    columns: (connection, table, signal) => catalog.columnsOf(connection, table, { signal }),
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
  const queries = new QueryService({
    engine,
    clock,
    resolveDataset: (nameOrId, pointer) => datasets.resolve(nameOrId, pointer),
    listDatasets: () => datasets.sources(),
    resolveDatasource: (nameOrId, pointer) => datasources.resolve(nameOrId, pointer),
    sources: new Sources(facts, zones),
    defaults: { timezone: config.TIMEZONE, weekStart: config.WEEK_START, caps },
    timeoutS: config.QUERY_TIMEOUT_SECONDS,
  });
  return { pool, engine, queries };
}
