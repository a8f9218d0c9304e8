import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { describe } from '../base/errors.ts';
import { bucketMetrics } from './bucket-metrics.ts';
import { engineMetrics } from './engine-metrics.ts';
import type { Log } from './log.ts';
import { processMetrics } from './process-metrics.ts';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** The settings whose limit can be hit; the label `limit` of `limits_hit_total`. */
export const LIMITS = [
  'CONN_LIMIT',
  'ENGINE_MEMORY_LIMIT',
  'MAX_BODY_BYTES',
  'UPLOAD_MAX_BYTES',
  'UPLOAD_MAX_EXPANDED_BYTES',
  'UPLOAD_MAX_GZIP_RATIO',
  'UPLOAD_MAX_VALUE_BYTES',
  'UPLOAD_MAX_COLUMNS',
  'UPLOAD_CONCURRENCY',
  'DATASET_ORIGINAL_MAX_BYTES',
  'UPLOAD_MIN_BYTES_PER_SECOND',
  'HEAVY_QUERY_QUEUE',
  'HEAVY_QUERY_WAIT_SECONDS',
  'USER_QUERY_QUEUE',
  'QUERY_RATE_PER_SEC',
  'QUERY_TIMEOUT_SECONDS',
  'EXPRESSION_MAX_BYTES',
  'EXPRESSION_MAX_DEPTH',
  'SQL_MAX_BYTES',
  'SQL_MAX_DEPTH',
  'SQL_MAX_JOINS',
  'SQL_MAX_QUERIES',
  'SQL_MAX_GROUPING_SETS',
  'SQL_MAX_LIST_ITEMS',
  'SQL_MAX_SERIES_LENGTH',
  'SQL_MAX_ARROWS',
  'SQL_MAX_PATTERN_BYTES',
  'SQL_MAX_EXPANSION',
  'EXPRESSION_MAX_VALUE_BYTES',
  'QUERY_MAX_ROWS',
  'QUERY_MAX_BYTES',
  'EXPORT_MAX_ROWS',
  'PIVOT_MAX_CELLS',
  'LOGIN_MAX_FAILURES',
  'LOGIN_ACCOUNT_MAX_FAILURES',
  'LOGIN_NETWORK_MAX_FAILURES',
  'PASSWORD_HASH_CONCURRENCY',
  'DUCKDB_MEMORY_LIMIT',
  'DATASOURCE_TEST_SECONDS',
  'DATASOURCE_LOOK_SECONDS',
  'AI_CONCURRENCY',
  'AI_TIMEOUT_SECONDS',
  'AI_MAX_OUTPUT_TOKENS',
  'AI_MAX_RESPONSE_BYTES',
  'AI_DAILY_TOKENS',
  'MCP_MAX_ROWS',
  'OUTBOUND_ALLOW',
  'OUTBOUND_PORTS',
  'OUTBOUND_MAX_BYTES',
  'OUTBOUND_TIMEOUT_SECONDS',
  'OUTBOUND_IDLE_SECONDS',
  'OUTBOUND_CONNECT_SECONDS',
  'SOURCE_MAX_PAGES',
  'WATCH_MAX_FILES',
  'SYNC_SOURCE_CONCURRENCY',
  'JOB_TIMEOUT_SECONDS',
  'JOB_MAX_ATTEMPTS',
  'JOB_MAX_LOSSES',
  'RUN_LOG_MAX_LINES',
  'CATCH_UP_MAX',
  'LIVE_MAX_BUFFER_BYTES',
  'LIVE_MAX_CONNECTIONS',
  'DATASETS_CACHE_BYTES',
] as const;
export type Limit = (typeof LIMITS)[number];

const AI_MS = [50, 100, 250, 500, 1000, 2500, 5000, 10_000, 20_000, 30_000, 60_000, 120_000];
/** Gauges of prom-client's own that end as counters do; each is there under its right name too. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Every metric of the service: one registry a process, or a fresh one a test. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const metrics = {
    registry,
    ...processMetrics(registry),
    ...bucketMetrics(registry),
    ...engineMetrics(registry),
    /** Run before each scrape, for what is only known when asked. */
    beforeScrape: [] as (() => Promise<void>)[],
    buildInfo: new Gauge({
      name: 'build_info',
      help: 'Always 1; the version is a label',
      labelNames: ['version', 'bun'],
      registers,
      aggregator: 'first',
    }),
    httpRequests: new Counter({
      name: 'http_requests_total',
      help: 'Answers by route, method and status',
      labelNames: ['route', 'method', 'status'],
      registers,
    }),
    httpSeconds: new Histogram({
      name: 'http_request_duration_seconds',
      help: "Time from request to the answer's first byte",
      labelNames: ['route', 'method'],
      buckets: SECONDS,
      registers,
    }),
    httpInFlight: new Gauge({ name: 'http_requests_in_flight', help: 'Requests being answered', registers }),
    queries: new Counter({
      name: 'queries_total',
      help: 'Queries by engine, kind and outcome (ok, cancelled, timeout, refused, error)',
      labelNames: ['engine', 'kind', 'outcome'],
      registers,
    }),
    querySeconds: new Histogram({
      name: 'query_duration_seconds',
      help: 'Time in the engine, by engine and kind',
      labelNames: ['engine', 'kind'],
      buckets: SECONDS,
      registers,
    }),
    queriesRunning: new Gauge({
      name: 'queries_running',
      help: 'Queries that hold a slot of HEAVY_QUERY_CONCURRENCY',
      registers,
    }),
    queriesWaiting: new Gauge({ name: 'queries_waiting', help: 'Queries that wait for a slot', registers }),
    queriesShared: new Counter({
      name: 'queries_shared_total',
      help: 'Requests that were answered by an equal query already running',
      registers,
    }),
    workers: new Gauge({
      name: 'workers',
      help: 'Worker threads by pool and state (idle, busy)',
      labelNames: ['pool', 'state'],
      registers,
    }),
    workersDied: new Counter({
      name: 'workers_died_total',
      help: 'Worker threads that ended by themselves and were replaced',
      labelNames: ['pool'],
      registers,
    }),
    cacheHits: new Counter({
      name: 'result_cache_hits_total',
      help: 'Answers from the result cache',
      registers,
    }),
    cacheMisses: new Counter({
      name: 'result_cache_misses_total',
      help: 'Answers that were not in the result cache',
      registers,
    }),
    cacheEvictions: new Counter({
      name: 'result_cache_evictions_total',
      help: 'Answers that left the result cache for lack of room',
      registers,
    }),
    cacheBytes: new Gauge({ name: 'result_cache_bytes', help: 'Bytes in the result cache', registers }),
    cacheEntries: new Gauge({ name: 'result_cache_entries', help: 'Answers in the result cache', registers }),
    connections: new Gauge({
      name: 'datasource_connections',
      help: 'Connections to databases by datasource and state (inUse, idle), and requests that wait for one (waiting)',
      labelNames: ['datasource', 'state'],
      registers,
    }),
    connectionsMade: new Counter({
      name: 'datasource_connections_made_total',
      help: 'Connections to databases by datasource and outcome (created, failed)',
      labelNames: ['datasource', 'outcome'],
      registers,
    }),
    uploads: new Counter({
      name: 'uploads_total',
      help: 'Uploads by format and outcome',
      labelNames: ['format', 'outcome'],
      registers,
    }),
    uploadBytes: new Counter({ name: 'upload_bytes_total', help: 'Bytes of uploads as sent', registers }),
    rowsRejected: new Counter({
      name: 'upload_rows_rejected_total',
      help: 'Rows of uploads that did not fit',
      registers,
    }),
    datasets: new Gauge({ name: 'datasets', help: 'Datasets', registers, aggregator: 'max' }),
    housekeeping: new Counter({
      name: 'housekeeping_total',
      help: 'Chores done in this process, by chore (retention, compaction, backup, bucket) and outcome (ok, error)',
      labelNames: ['chore', 'outcome'],
      registers,
    }),
    backupTime: new Gauge({
      name: 'backup_time_seconds',
      help: 'When the newest backup of the metadata in BACKUP_DIR was made (Unix time); 0 where there is none',
      registers,
      aggregator: 'max',
    }),
    filesCollected: new Counter({
      name: 'dataset_files_collected_total',
      help: 'Files of generations out of use that were removed',
      registers,
    }),
    runs: new Counter({
      name: 'runs_total',
      help: 'Attempts of runs by kind and outcome (succeeded, failed, aborted, retried, released, fenced, lost)',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    runSeconds: new Histogram({
      name: 'run_duration_seconds',
      help: 'Time of an attempt of a run, by kind',
      labelNames: ['kind'],
      buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400, 43_200],
      registers,
    }),
    runsRunning: new Gauge({ name: 'runs_running', help: 'Runs of this process', registers }),
    runQueueAge: new Gauge({
      name: 'run_queue_age_seconds',
      help: 'How long the longest waiting run could have been running, in all processes',
      registers,
      aggregator: 'max',
    }),
    scheduleLag: new Gauge({
      name: 'schedule_lag_seconds',
      help: 'How late the last fire of a schedule was, as seen by this process while it leads',
      registers,
      aggregator: 'max',
    }),
    fires: new Counter({
      name: 'schedule_fires_total',
      help: 'Instants of schedules by outcome (run, skipped), as decided by this process while it leads',
      labelNames: ['outcome'],
      registers,
    }),
    isLeader: new Gauge({
      name: 'scheduler_leader',
      help: '1 in the process that leads the scheduler',
      registers,
    }),
    leaseChanges: new Counter({
      name: 'scheduler_lease_changes_total',
      help: 'Changes of this process: taken, released, lost',
      labelNames: ['change'],
      registers,
    }),
    liveConnections: new Gauge({ name: 'live_connections', help: 'Clients of /api/live', registers }),
    liveDropped: new Counter({
      name: 'live_dropped_total',
      help: 'Clients of /api/live that were dropped, by reason (slow, rights)',
      labelNames: ['reason'],
      registers,
    }),
    syncRuns: new Counter({
      name: 'sync_runs_total',
      help: 'Runs of sync tasks by mode and outcome (ok, aborted, error)',
      labelNames: ['mode', 'outcome'],
      registers,
    }),
    syncRows: new Counter({
      name: 'sync_rows_total',
      help: 'Rows that sync tasks read, by mode',
      labelNames: ['mode'],
      registers,
    }),
    syncBytes: new Counter({ name: 'sync_bytes_total', help: 'Bytes that sync tasks read', registers }),
    syncLag: new Gauge({
      name: 'sync_lag_seconds',
      help: 'Seconds since each sync task last succeeded, in whatever process; since it or its dataset was changed where no such run is kept',
      labelNames: ['task'],
      registers,
      aggregator: 'max',
    }),
    syncFailing: new Gauge({
      name: 'sync_failing',
      help: '1 for each sync task that has failed since it last succeeded, in whatever process; else 0',
      labelNames: ['task'],
      registers,
      aggregator: 'max',
    }),
    filesCompacted: new Counter({
      name: 'dataset_files_compacted_total',
      help: 'Small files of datasets that were merged',
      registers,
    }),
    compactionsLeft: new Counter({
      name: 'dataset_compactions_left_total',
      help: 'Merges that were given up, as runs rewrote the files meanwhile again and again',
      registers,
    }),
    mostFiles: new Gauge({
      name: 'dataset_files_max',
      help: 'Files of the dataset whose current generation has the most',
      registers,
      aggregator: 'max',
    }),
    logins: new Counter({
      name: 'logins_total',
      help: 'Sign-ins by outcome (ok, failed, throttled)',
      labelNames: ['outcome'],
      registers,
    }),
    aiRequests: new Counter({
      name: 'ai_requests_total',
      help: 'AI requests by provider, endpoint and outcome (ok, refused, cancelled, timeout, limited, error)',
      labelNames: ['provider', 'endpoint', 'outcome'],
      registers,
    }),
    aiMs: new Histogram({
      name: 'ai_request_duration_ms',
      help: 'Milliseconds that AI requests took in all, by provider and endpoint',
      labelNames: ['provider', 'endpoint'],
      buckets: AI_MS,
      registers,
    }),
    aiTokens: new Counter({
      name: 'ai_tokens_total',
      help: 'Tokens as the provider counted them, by direction (input, output)',
      labelNames: ['provider', 'direction'],
      registers,
    }),
    aiRepairs: new Counter({
      name: 'ai_repairs_total',
      help: 'Answers of models that were sent back as they could not be used',
      labelNames: ['provider', 'endpoint'],
      registers,
    }),
    aiRefusals: new Counter({
      name: 'ai_refusals_total',
      help: 'Requests that a model or its provider declined',
      labelNames: ['provider', 'endpoint'],
      registers,
    }),
    outboundRequests: new Counter({
      name: 'outbound_requests_total',
      help: 'HTTP calls that the service made, by purpose (ingest, webhook, ai) and outcome (ok, cancelled, or the code)',
      labelNames: ['purpose', 'outcome'],
      registers,
    }),
    outboundBytes: new Counter({
      name: 'outbound_bytes_total',
      help: 'Bytes of answers to HTTP calls that the service made, decompressed',
      labelNames: ['purpose'],
      registers,
    }),
    limitsHit: new Counter({
      name: 'limits_hit_total',
      help: 'How often each limit was hit',
      labelNames: ['limit'],
      registers,
    }),
  };
  for (const limit of LIMITS) metrics.limitsHit.inc({ limit }, 0);
  return metrics;
}

export type Metrics = ReturnType<typeof createMetrics>;

/** Brings up to date what is only known when asked; a part that fails is logged and stays as it was. */
export async function refreshMetrics({ beforeScrape }: Metrics, log: Log): Promise<void> {
  for (const refresh of beforeScrape)
    await refresh().catch((error) => log.warning('metrics.notRefreshed', { cause: describe(error) }));
}
