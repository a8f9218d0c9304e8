import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, describe } from '../base/errors.ts';
import { memoryLimitBytes } from '../base/memory.ts';
import type { QuerySummary } from '../domain/query-result.ts';
import { ROW_SHARE } from '../drivers/row-bytes.ts';
import { EngineProcesses } from '../isolation/engine-processes.ts';
import type { Lane } from '../isolation/messages.ts';
import { engineCommand, engineEnvironment } from '../isolation/program.ts';
import type { IngestJob, IngestOptions, ResultOf } from '../lake/jobs.ts';
import type { CheckedSelect } from '../sql/gate/check-select.ts';
import type { CheckJob } from '../workers/gate.worker.ts';
import type {
  AttestJob,
  PingJob,
  PivotJob,
  QueryWorkerOptions,
  RowsJob,
  SqlJob,
} from '../workers/query-job.ts';
import type { SourceJob, SourceResultOf, SourceWorkerOptions } from '../workers/source-job.ts';
import { instanceLimits, type Parts } from './parts.ts';

/** A statement that has not ended by then after its deadline, cancel or hang-up ends its process. */
const ENDING_MS = 2000;
/** A database ends its statements itself, over a network; dropping its connections would not end them sooner. */
const SOURCE_ENDING_MS = 15_000;
/** What an engine process needs in addition to its DuckDB instances: the runtime, and answers under way. */
const OVERHEAD_BYTES = 768 * 2 ** 20;
/** DuckDB's own limit does not count all that it takes. */
const UNCOUNTED = 1.25;
/** Of the machine's memory, what one engine process, and the front with all of them, may take. */
const PROCESS_SHARE = 0.75;
const TOTAL_SHARE = 0.9;
/** Memory that is mapped from files is resident, and does not count as the process's own. */
const MAPPED_BYTES = 256 * 2 ** 20;

/** Most private memory of one engine process. */
export function engineMemoryLimit(config: Parts['config'], machineBytes = memoryLimitBytes()): number {
  if (config.ENGINE_MEMORY_LIMIT > 0) return config.ENGINE_MEMORY_LIMIT;
  const instances = Math.max(2, config.THREADS) * instanceLimits(config).memoryLimitBytes;
  return Math.floor(Math.min(machineBytes * PROCESS_SHARE, instances * UNCOUNTED + OVERHEAD_BYTES));
}

/** The processes in which DuckDB, the parser of callers' SQL and the drivers of databases run. */
export function createEngines(parts: Parts) {
  const { config, log, metrics, folders, tempFolder, env } = parts;
  const dataLimitBytes = engineMemoryLimit(config);
  const engines = new EngineProcesses({
    command: engineCommand(),
    env: engineEnvironment(env, config.HEAVY_QUERY_CONCURRENCY),
    dataLimitBytes,
    nice: config.WORKER_NICE,
    memory: {
      processBytes: dataLimitBytes + MAPPED_BYTES,
      totalBytes: Math.floor((memoryLimitBytes() * TOTAL_SHARE) / config.WEB_CONCURRENCY),
    },
    idleMs: config.ENGINE_IDLE_SECONDS * 1000,
    metrics,
    log,
  });
  const limits = instanceLimits(config);
  const kind = (name: string, endingMs: number, lanesIn: (folder: string) => readonly Lane[]) =>
    engines.kind(name, {
      endingMs,
      lanes() {
        const folder = join(tempFolder, `engine-${crypto.randomUUID()}`);
        // DuckDB makes the last folder of the path to its temporary files, and no other.
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const removed = () => {
          rm(folder, { recursive: true, force: true }).catch((error) =>
            log.warning('engine.folderNotRemoved', { cause: describe(error) }),
          );
        };
        return { lanes: lanesIn(folder), removed };
      },
    });

  const query = kind('query', ENDING_MS, (folder) => {
    const options: QueryWorkerOptions = { datasetsFolder: folders.datasets, tempFolder: folder, ...limits };
    return [{ name: 'query', worker: 'query', size: config.THREADS, options }];
  });
  const sql = kind('sql', ENDING_MS, (folder) => {
    const options: QueryWorkerOptions = { datasetsFolder: folders.datasets, tempFolder: folder, ...limits };
    return [
      { name: 'sql', worker: 'sql', size: config.THREADS, options },
      { name: 'gate', worker: 'gate', size: 1, options: null },
    ];
  });
  const ingest = kind('ingest', ENDING_MS, (folder) => {
    const options: IngestOptions = {
      datasets: folders.datasets,
      uploads: folders.uploads,
      tempFolder: folder,
      maxExpandedBytes: config.UPLOAD_MAX_EXPANDED_BYTES,
      maxGzipRatio: config.UPLOAD_MAX_GZIP_RATIO,
      maxValueBytes: config.UPLOAD_MAX_VALUE_BYTES,
      maxColumns: config.UPLOAD_MAX_COLUMNS,
      ...limits,
    };
    return [{ name: 'ingest', worker: 'ingest', size: 1, options }];
  });
  const source = kind('source', SOURCE_ENDING_MS, (folder) => {
    const maxRowBytes = Math.ceil(config.QUERY_MAX_BYTES / ROW_SHARE);
    const options: SourceWorkerOptions = { tempFolder: folder, maxRowBytes, ...limits };
    return [{ name: 'source', worker: 'source', size: 1, options }];
  });
  return {
    engines,
    query: query.lane<RowsJob | PivotJob | AttestJob | PingJob, QuerySummary | string[]>(
      'query',
      config.THREADS,
    ),
    sql: sql.lane<SqlJob, QuerySummary>('sql', config.THREADS),
    gate: sql.lane<CheckJob, CheckedSelect>('gate', 1),
    ingest: ingest.lane<IngestJob, ResultOf[IngestJob['kind']]>('ingest', 1),
    source: source.lane<SourceJob, SourceResultOf[SourceJob['kind']]>('source', 1),
  };
}

const START_MS = 60_000;

/** Starts the process for queries. Throws an error with the words of the system where DuckDB cannot be loaded on this machine. */
export async function proveEngine({ query }: Engines): Promise<void> {
  try {
    await query.run({ kind: 'ping' }, { signal: AbortSignal.timeout(START_MS), isProbe: true });
  } catch (error) {
    if (!(error instanceof AppError) || typeof error.cause !== 'string') throw error;
    throw Object.assign(new Error(error.cause), { syscall: 'dlopen' });
  }
}

export type Engines = ReturnType<typeof createEngines>;
