import { availableParallelism } from 'node:os';
import type { Clock } from '../base/clock.ts';
import { memoryLimitBytes } from '../base/memory.ts';
import type { Link } from '../cluster/link.ts';
import type { Assignment } from '../cluster/messages.ts';
import type { Config } from '../config.ts';
import type { Folders } from '../lake/folders.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** A process among several of one supervisor. */
export interface Place {
  link: Link;
  assignment: Assignment;
  /** The descriptor of the listening socket. */
  socket: number;
}

/** What every part of the service is built with. */
export interface Parts {
  config: Config;
  log: Log;
  metrics: Metrics;
  clock: Clock;
  folders: Folders;
  tempFolder: string;
  /** Of the process; engine processes get the few that they need. */
  env: Readonly<Record<string, string | undefined>>;
  /** Of several processes that serve the port, this one's place. */
  place?: Place | undefined;
}

/** Of the memory, what DuckDB may have: the rest is for the front, the workers' own heaps and the page cache. */
const DUCKDB_SHARE = 0.6;
/** The processes for callers' SQL, for files and for databases have a DuckDB each, in addition to those of the query workers. */
const OTHER_INSTANCES = 3;

/** Resources of one DuckDB instance; all of all processes share the machine alike. */
export function instanceLimits(config: Config) {
  const instances = (config.THREADS + OTHER_INSTANCES) * config.WEB_CONCURRENCY;
  return {
    memoryLimitBytes:
      config.DUCKDB_MEMORY_LIMIT || Math.floor((memoryLimitBytes() * DUCKDB_SHARE) / instances),
    tempMaxBytes: config.DUCKDB_TEMP_MAX_BYTES,
    threads: config.DUCKDB_THREADS || availableParallelism(),
  };
}
