import { join, resolve } from 'node:path';
import { isMetadataUrl } from '../../store/postgres/address.ts';
import type { CheckedConfig, State } from './check.ts';

/** What the rules must know of the machine. */
export interface Machine {
  cores: number;
  memoryBytes: number;
  /** On the disk of the datasets. */
  freeBytes: number;
}

/** A set of settings that each are valid, and together or in this place are not what one wants. */
export interface Rule {
  /** The setting to look at. */
  setting: string;
  state: Exclude<State, 'ok'>;
  isBroken(config: CheckedConfig, machine: Machine): boolean;
  says: string;
  todo: string;
}

const MIB = 2 ** 20;
/** Of one hash of a password. */
const HASH_BYTES = 64 * MIB;
/** TimeoutStopSec= of the unit (45) must be above the grace with its delay, and the 7 seconds that stopping may take on top. */
const UNIT_GRACE_S = 37;
const DUCKDB_INSTANCES_MORE = 2;

const isLoopback = (host: string) => /^(?:127\.|::1$|localhost$)/.test(host);
const isOrigin = (text: string) => text === '*' || (URL.canParse(text) && new URL(text).origin === text);
const originOf = (url: string | undefined) => (url === undefined ? undefined : new URL(url).origin);
const isAllNetworks = (text: string) => ['*', '0.0.0.0/0', '::/0'].includes(text);
const isVolatile = (path: string) => /^\/(?:tmp|dev\/shm|run)\//.test(resolve(path));

const EXPOSURE: readonly Rule[] = [
  {
    setting: 'HOST',
    state: 'fail',
    isBroken: ({ APP_ENV, HOST }) => APP_ENV === 'dev' && !isLoopback(HOST),
    says: 'APP_ENV is dev, and HOST lets other machines in',
    todo: 'set APP_ENV=prod, or HOST=127.0.0.1',
  },
  {
    setting: 'HOST',
    state: 'warn',
    isBroken: ({ APP_ENV, HOST }) => APP_ENV === 'prod' && !isLoopback(HOST),
    says: 'HOST lets other machines in, past Nginx and its TLS',
    todo: 'set HOST=127.0.0.1, or let a firewall admit the proxy alone',
  },
  {
    setting: 'FORWARDED_ALLOW_IPS',
    state: 'warn',
    isBroken: ({ FORWARDED_ALLOW_IPS }) => FORWARDED_ALLOW_IPS.some(isAllNetworks),
    says: 'FORWARDED_ALLOW_IPS believes everyone: any client can claim any address',
    todo: 'name the addresses of your proxies',
  },
  {
    setting: 'CORS_ORIGINS',
    state: 'warn',
    isBroken: ({ APP_ENV, CORS_ORIGINS }) => APP_ENV === 'prod' && CORS_ORIGINS.includes('*'),
    says: 'CORS_ORIGINS lets every web page call the API',
    todo: 'name the origins of your front ends',
  },
  {
    setting: 'CORS_ORIGINS',
    state: 'fail',
    isBroken: ({ CORS_ORIGINS }) => !CORS_ORIGINS.every(isOrigin),
    says: 'CORS_ORIGINS has an entry that is no origin, and never matches',
    todo: 'write origins as https://app.example.com: scheme, host, no path, no slash at the end',
  },
  {
    setting: 'FRONTEND_BASE_URL',
    state: 'warn',
    isBroken: ({ FRONTEND_BASE_URL, BACKEND_BASE_URL, CORS_ORIGINS }) => {
      const front = originOf(FRONTEND_BASE_URL);
      if (front === undefined || front === originOf(BACKEND_BASE_URL)) return false;
      return !CORS_ORIGINS.includes(front) && !CORS_ORIGINS.includes('*');
    },
    says: 'the front end of FRONTEND_BASE_URL is of another origin that CORS_ORIGINS does not name',
    todo: 'add its origin to CORS_ORIGINS',
  },
  {
    setting: 'BACKEND_BASE_URL',
    state: 'warn',
    isBroken: ({ APP_ENV, BACKEND_BASE_URL }) =>
      APP_ENV === 'prod' && BACKEND_BASE_URL !== undefined && BACKEND_BASE_URL.startsWith('http:'),
    says: 'BACKEND_BASE_URL is http: passwords and cookies travel in clear text',
    todo: 'put TLS in front (DEPLOY.md, 5) and write https',
  },
  {
    setting: 'METRICS_ALLOW_IPS',
    state: 'warn',
    isBroken: ({ METRICS_ALLOW_IPS }) => METRICS_ALLOW_IPS.some(isAllNetworks),
    says: 'METRICS_ALLOW_IPS shows /api/metrics to everyone',
    todo: 'name the address of Prometheus, or use METRICS_TOKEN',
  },
  {
    setting: 'METRICS_TOKEN',
    state: 'warn',
    isBroken: ({ METRICS_TOKEN }) => METRICS_TOKEN !== undefined && METRICS_TOKEN.length < 16,
    says: 'METRICS_TOKEN is short enough to be guessed',
    todo: 'make one with: openssl rand -hex 32',
  },
  {
    setting: 'SECRET_KEY_PREVIOUS',
    state: 'warn',
    isBroken: ({ SECRET_KEY, SECRET_KEY_PREVIOUS }) =>
      SECRET_KEY !== undefined && SECRET_KEY === SECRET_KEY_PREVIOUS,
    says: 'SECRET_KEY_PREVIOUS is the same as SECRET_KEY',
    todo: 'set SECRET_KEY to a new key, or take SECRET_KEY_PREVIOUS out',
  },
];

const STORAGE: readonly Rule[] = [
  {
    setting: 'METADATA_DB_PATH',
    state: 'fail',
    isBroken: ({ METADATA_DB_PATH, DUCKDB_PATH }) => resolve(METADATA_DB_PATH) === resolve(DUCKDB_PATH),
    says: 'METADATA_DB_PATH and DUCKDB_PATH are one file',
    todo: 'give each a file of its own',
  },
  {
    setting: 'METADATA_DB_PATH',
    state: 'warn',
    isBroken: ({ METADATA_DB_PATH }) => !isMetadataUrl(METADATA_DB_PATH) && isVolatile(METADATA_DB_PATH),
    says: 'METADATA_DB_PATH is in a folder that is emptied by the system',
    todo: 'move it, such as to /var/lib/reporting',
  },
  {
    setting: 'DUCKDB_PATH',
    state: 'warn',
    isBroken: ({ DUCKDB_PATH }) => isVolatile(DUCKDB_PATH),
    says: 'DUCKDB_PATH, beside which the datasets are, is in a folder that is emptied by the system',
    todo: 'move it, such as to /var/lib/reporting',
  },
  {
    setting: 'BACKUP_CRON',
    state: 'warn',
    isBroken: ({ BACKUP_CRON, METADATA_DB_PATH }) =>
      BACKUP_CRON === 'off' && !isMetadataUrl(METADATA_DB_PATH),
    says: 'the metadata is not backed up: BACKUP_CRON is off',
    todo: 'set BACKUP_CRON, or call reporting-api backup by a timer of your own',
  },
  {
    setting: 'BACKUP_DIR',
    state: 'fail',
    isBroken: ({ BACKUP_DIR, DUCKDB_PATH }) => {
      if (BACKUP_DIR === undefined) return false;
      const root = join(resolve(DUCKDB_PATH), '..');
      return ['datasets', 'uploads', 'tmp'].some((name) =>
        `${resolve(BACKUP_DIR)}/`.startsWith(`${join(root, name)}/`),
      );
    },
    says: 'BACKUP_DIR is in a folder that the service cleans up',
    todo: 'name a folder of its own, best on another disk',
  },
  {
    setting: 'UPLOAD_MAX_BYTES',
    state: 'warn',
    isBroken: ({ UPLOAD_MAX_BYTES }, { freeBytes }) => UPLOAD_MAX_BYTES > freeBytes,
    says: 'an upload of UPLOAD_MAX_BYTES does not fit on the disk',
    todo: 'make room, or allow less',
  },
  {
    setting: 'UPLOAD_MAX_EXPANDED_BYTES',
    state: 'warn',
    isBroken: ({ UPLOAD_MAX_EXPANDED_BYTES, UPLOAD_MAX_BYTES }) =>
      UPLOAD_MAX_EXPANDED_BYTES < UPLOAD_MAX_BYTES,
    says: 'UPLOAD_MAX_EXPANDED_BYTES is below UPLOAD_MAX_BYTES, which thus cannot be used',
    todo: 'raise it to several times UPLOAD_MAX_BYTES',
  },
  {
    setting: 'DUCKDB_TEMP_MAX_BYTES',
    state: 'warn',
    isBroken: ({ DUCKDB_TEMP_MAX_BYTES }, { freeBytes }) => DUCKDB_TEMP_MAX_BYTES > freeBytes,
    says: 'a worker may spill more than is free on the disk (DUCKDB_TEMP_MAX_BYTES)',
    todo: 'allow less, so that one query cannot fill the disk',
  },
];

const LOAD: readonly Rule[] = [
  {
    setting: 'DUCKDB_MEMORY_LIMIT',
    state: 'warn',
    isBroken: ({ DUCKDB_MEMORY_LIMIT, THREADS, WEB_CONCURRENCY }, { memoryBytes }) =>
      DUCKDB_MEMORY_LIMIT * (THREADS + DUCKDB_INSTANCES_MORE) * WEB_CONCURRENCY > memoryBytes,
    says: 'all workers together may take more memory than there is (DUCKDB_MEMORY_LIMIT × (THREADS + 2) × WEB_CONCURRENCY)',
    todo: 'set DUCKDB_MEMORY_LIMIT=0, which divides what there is',
  },
  {
    setting: 'RESULT_CACHE_BYTES',
    state: 'warn',
    isBroken: ({ RESULT_CACHE_BYTES, WEB_CONCURRENCY }, { memoryBytes }) =>
      RESULT_CACHE_BYTES * WEB_CONCURRENCY > memoryBytes / 4,
    says: 'RESULT_CACHE_BYTES is more than a quarter of the memory, of all processes together',
    todo: 'allow less',
  },
  {
    setting: 'PASSWORD_HASH_CONCURRENCY',
    state: 'warn',
    isBroken: ({ PASSWORD_HASH_CONCURRENCY, WEB_CONCURRENCY }, { memoryBytes }) =>
      PASSWORD_HASH_CONCURRENCY * HASH_BYTES * WEB_CONCURRENCY > memoryBytes / 4,
    says: 'sign-ins at once may take more than a quarter of the memory (64 MiB each)',
    todo: 'lower PASSWORD_HASH_CONCURRENCY',
  },
  {
    setting: 'THREADS',
    state: 'warn',
    isBroken: ({ THREADS }, { cores }) => THREADS > cores * 2,
    says: 'THREADS is more than twice the cores',
    todo: 'at most one a core; each has a DuckDB with its memory',
  },
  {
    setting: 'HEAVY_QUERY_CONCURRENCY',
    state: 'warn',
    isBroken: ({ HEAVY_QUERY_CONCURRENCY, THREADS }) => HEAVY_QUERY_CONCURRENCY < THREADS,
    says: 'HEAVY_QUERY_CONCURRENCY is below THREADS: some workers never work',
    todo: 'raise it, or lower THREADS',
  },
  {
    setting: 'USER_QUERY_CONCURRENCY',
    state: 'warn',
    isBroken: ({ USER_QUERY_CONCURRENCY, HEAVY_QUERY_CONCURRENCY }) =>
      USER_QUERY_CONCURRENCY >= HEAVY_QUERY_CONCURRENCY,
    says: 'one user alone can take all turns (USER_QUERY_CONCURRENCY)',
    todo: 'keep it below HEAVY_QUERY_CONCURRENCY',
  },
  {
    setting: 'RUN_SCHEDULER',
    state: 'warn',
    isBroken: ({ RUN_SCHEDULER }) => !RUN_SCHEDULER,
    says: 'RUN_SCHEDULER is 0: schedules start only if another process has it at 1',
    todo: 'set RUN_SCHEDULER=1, here or for another process; it is safe on all of them',
  },
  {
    setting: 'USER_QUERY_QUEUE',
    state: 'warn',
    isBroken: ({ USER_QUERY_QUEUE, HEAVY_QUERY_QUEUE }) => USER_QUERY_QUEUE >= HEAVY_QUERY_QUEUE,
    says: 'the queries of one user alone can fill the queue (USER_QUERY_QUEUE)',
    todo: 'keep it below HEAVY_QUERY_QUEUE',
  },
  {
    setting: 'GRACEFUL_TIMEOUT',
    state: 'warn',
    isBroken: ({ GRACEFUL_TIMEOUT, SHUTDOWN_DELAY_SECONDS }) =>
      GRACEFUL_TIMEOUT + SHUTDOWN_DELAY_SECONDS > UNIT_GRACE_S,
    says: 'GRACEFUL_TIMEOUT with SHUTDOWN_DELAY_SECONDS is longer than the unit waits (TimeoutStopSec=45)',
    todo: 'lower them, or raise TimeoutStopSec= above both and 7 seconds (systemctl edit)',
  },
];

export const RULES: readonly Rule[] = [...EXPOSURE, ...STORAGE, ...LOAD];
