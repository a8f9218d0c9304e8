import { availableParallelism } from 'node:os';

/** How a setting's text becomes a value. `unit` shows in the table of settings. */
export type Kind =
  | { type: 'text'; pattern?: RegExp; says?: string }
  | { type: 'enum'; values: readonly string[] }
  /** `auto` gives the value of the word `auto`. */
  | { type: 'int'; min: number; max: number; unit?: string; auto?: (memoryBytes: number) => number }
  | { type: 'bytes'; min: number }
  | { type: 'bool' }
  /** `item` says what each entry must look like. */
  | { type: 'list'; item?: RegExp; says?: string }
  | { type: 'url' }
  | { type: 'timezone' }
  /** Five or six fields, or `off`. */
  | { type: 'cron' };

export interface Setting {
  kind: Kind;
  /**
   * The default as it would be written in the environment; a function where it depends on the machine, or on settings before it in the table;
   * none = unset.
   */
  default?: string | ((before: Readonly<Record<string, unknown>>) => string);
  /** Shown in the table in place of a computed default. */
  defaultText?: string;
  help: string;
  group: string;
  secret?: true;
  /** A URL may hold a password, which is not shown. */
  conceals?: 'password';
}

const text = (extra: Omit<Extract<Kind, { type: 'text' }>, 'type'> = {}) =>
  ({ type: 'text', ...extra }) as const;
const int = (min: number, max: number, unit?: string) =>
  ({ type: 'int', min, max, ...(unit ? { unit } : {}) }) as const;
const oneOf = <const V extends readonly string[]>(...values: V) => ({ type: 'enum', values }) as const;
const bytes = (min = 0) => ({ type: 'bytes', min }) as const;
const bool = { type: 'bool' } as const;
const list = { type: 'list' } as const;
const url = { type: 'url' } as const;

const cores = () => availableParallelism();

const GIB = 2 ** 30;
const MOST_PROCESSES = 8;

/** What `WEB_CONCURRENCY=auto` stands for. */
export const processesFor = (cores: number, memoryBytes: number) =>
  Math.max(1, Math.min(MOST_PROCESSES, cores, Math.floor(memoryBytes / GIB)));

/** Every setting of the service. README and deploy/reporting-api.env.example are generated from this table. */
export const SETTINGS = {
  APP_ENV: {
    group: 'service',
    kind: oneOf('dev', 'prod'),
    default: 'dev',
    help: '`prod` demands a real SECRET_KEY and hides development conveniences',
  },
  SECRET_KEY: {
    group: 'service',
    kind: text(),
    secret: true,
    help: 'At least 32 characters; signs sessions and seals stored secrets. Required in `prod`; in `dev` one is generated and kept beside the metadata with mode 0600',
  },
  SECRET_KEY_PREVIOUS: {
    group: 'service',
    kind: text(),
    secret: true,
    help: 'The key before the present one, while secrets are being rotated',
  },
  DUCKDB_PATH: {
    group: 'service',
    kind: text(),
    default: './.data/local.duckdb',
    help: 'The local analytics file; datasets live in the folder `datasets` beside it',
  },
  METADATA_DB_PATH: {
    group: 'service',
    kind: text(),
    default: './.data/meta.sqlite',
    conceals: 'password',
    help: 'The SQLite file of the metadata; or, where replicas stand on several hosts, `postgresql://user:password@host:5432/database?sslmode=verify-full&schema=public`',
  },
  METADATA_POOL_SIZE: {
    group: 'service',
    kind: int(1, 100),
    default: '4',
    help: 'Connections of a process to METADATA_DB_PATH where that is PostgreSQL',
  },
  FRONTEND_BASE_URL: {
    group: 'service',
    kind: url,
    help: 'Where the front end is reached, for links in deliveries',
  },
  BACKEND_BASE_URL: {
    group: 'service',
    kind: url,
    help: 'Where this service is reached from outside. `https` there makes cookies `Secure` whatever a proxy leaves out, and pages of that origin may open `/api/live` by cookie; without it, the request says it',
  },
  SNAPSHOT_ACTOR_ID: {
    group: 'service',
    kind: text(),
    help: 'The id of the user as whom snapshots are rendered',
  },
  TIMEZONE: {
    group: 'service',
    kind: { type: 'timezone' },
    default: 'UTC',
    help: 'The time zone of a query that names none (IANA name)',
  },
  WEEK_START: {
    group: 'service',
    kind: oneOf('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'),
    default: 'monday',
    help: 'The first day of the week of a query that names none',
  },
  LOG_LEVEL: {
    group: 'service',
    kind: oneOf('debug', 'info', 'warning', 'error', 'critical'),
    default: 'info',
    help: 'The least severe log line that is written',
  },
  LOG_PRIORITY: {
    group: 'service',
    kind: oneOf('auto', 'on', 'off'),
    default: 'auto',
    help: 'Whether a log line begins with its priority for the journal (`<6>`); `auto` does so where the error stream is the journal',
  },

  OTEL_EXPORTER_OTLP_ENDPOINT: {
    group: 'service',
    kind: url,
    help: 'The OpenTelemetry collector that traces are sent to by OTLP over HTTP; without it nothing is traced',
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    group: 'service',
    kind: text({ pattern: /^[^\s=,]+=[^,]*(?:,[^\s=,]+=[^,]*)*$/, says: 'as name=value,name=value' }),
    secret: true,
    help: 'Headers that go with traces, such as `authorization=Bearer …`',
  },
  OTEL_SERVICE_NAME: {
    group: 'service',
    kind: text(),
    default: 'reporting-api',
    help: 'The name under which traces are sent',
  },
  OTEL_TRACES_SAMPLER_ARG: {
    group: 'service',
    kind: text({ pattern: /^(?:0(?:\.\d+)?|1(?:\.0+)?)$/, says: 'a share from 0 to 1' }),
    default: '1',
    help: 'Share of the requests that are traced, where the caller has not decided it',
  },

  HOST: {
    group: 'server',
    kind: text({ pattern: /^[\w.:%-]+$/, says: 'an address or name of this machine, IPv6 without brackets' }),
    default: '127.0.0.1',
    help: 'The address to listen on',
  },
  PORT: {
    group: 'server',
    kind: int(0, 65535),
    default: '8000',
    help: 'The port to listen on; 0 picks a free one',
  },
  CORS_ORIGINS: {
    group: 'server',
    kind: {
      type: 'list',
      item: /^(?:\*|[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*]+\/?)$/i,
      says: 'an origin, such as https://app.example.com, or *',
    },
    default: '',
    help: 'Origins that browsers may call from, separated by commas; `*` allows any, without cookies',
  },
  FORWARDED_ALLOW_IPS: {
    group: 'server',
    kind: list,
    default: '127.0.0.0/8,::1',
    help: 'Addresses or networks whose `X-Forwarded-*` headers are believed; `*` believes all',
  },
  IDENT: {
    group: 'server',
    kind: text({ pattern: /^[\x20-\x7e]*$/, says: 'printable ASCII' }),
    default: 'reporting-api',
    help: 'The `Server` header of every answer',
  },
  MAX_BODY_BYTES: {
    group: 'server',
    kind: bytes(1024),
    default: '1MiB',
    help: 'The largest request body, uploads apart',
  },
  KEEP_ALIVE: {
    group: 'server',
    kind: int(1, 255, 's'),
    default: '75',
    help: 'Seconds that a connection is kept between two requests',
  },
  CHANNEL_TIMEOUT: {
    group: 'server',
    kind: int(1, 3600, 's'),
    default: '120',
    help: 'Seconds that a connection may be silent in the middle of a request; Bun takes at most 255',
  },
  CONN_LIMIT: {
    group: 'server',
    kind: int(1, 1_000_000),
    default: '1000',
    help: 'Requests in progress at once in a process; more are answered 503',
  },
  BACKLOG: {
    group: 'server',
    kind: int(1, 65535),
    default: '1024',
    help: 'Connections that the kernel keeps waiting, for each of several processes. With one process Bun fixes its own backlog: another value than the default is warned about at start',
  },
  GRACEFUL_TIMEOUT: {
    group: 'server',
    kind: int(0, 3600, 's'),
    default: '30',
    help: 'Seconds that running requests have to finish after SIGTERM; then their queries are cancelled',
  },
  SHUTDOWN_DELAY_SECONDS: {
    group: 'server',
    kind: int(0, 600, 's'),
    default: '0',
    help: 'Seconds between SIGTERM, when `/api/readyz` turns 503, and the closing of the port; for load balancers that ask for readiness',
  },
  TIMEOUT: {
    group: 'server',
    kind: int(1, 3600, 's'),
    default: '30',
    help: 'Seconds after which a process whose event loop is silent is killed and replaced (several processes)',
  },
  WEB_CONCURRENCY: {
    group: 'server',
    kind: { type: 'int', min: 1, max: 256, auto: (memoryBytes) => processesFor(cores(), memoryBytes) },
    default: '1',
    help: 'Processes that share the port; more than 1 are started and watched by a supervisor (Linux). `auto` is one a core, at most 8 and at most one for each GiB of memory that the cgroup allows; with `auto` there is a supervisor even for one',
  },
  MAX_REQUESTS: {
    group: 'server',
    kind: int(0, 1_000_000_000),
    default: '0',
    help: 'Requests after which a process is replaced by a fresh one; 0 never (several processes)',
  },
  MAX_REQUESTS_JITTER: {
    group: 'server',
    kind: int(0, 1_000_000_000),
    default: '0',
    help: 'The most that is added to MAX_REQUESTS, by chance, so that processes are not replaced together (several processes)',
  },
  METRICS_TOKEN: {
    group: 'server',
    kind: text(),
    secret: true,
    help: 'A bearer token with which `/api/metrics` may be scraped; without it, scraping needs an admin, or comes from a trusted address',
  },
  METRICS_ALLOW_IPS: {
    group: 'server',
    kind: list,
    default: '127.0.0.0/8,::1',
    help: 'Addresses or networks that may scrape `/api/metrics` without a token; not through a proxy, which could hide who asks',
  },

  READY_MIN_DISK_BYTES: {
    group: 'server',
    kind: bytes(),
    default: '256MiB',
    help: 'Room on the disk of the datasets below which `/api/readyz` says that the process is not ready',
  },
  READY_MAX_MEMORY_PERCENT: {
    group: 'server',
    kind: int(1, 100, '%'),
    default: '95',
    help: 'Share of its memory limit past which `/api/readyz` says that the process is not ready',
  },

  ADMIN_EMAIL: {
    group: 'sign-in',
    kind: text({ pattern: /^[^\s@]+@[^\s@]+$/, says: 'an e-mail address' }),
    help: 'The first admin, made at start while there is no user',
  },
  ADMIN_PASSWORD: {
    group: 'sign-in',
    kind: text(),
    secret: true,
    help: "The first admin's password, at least 10 characters",
  },
  ACCESS_TOKEN_MINUTES: {
    group: 'sign-in',
    kind: int(1, 1440, 'min'),
    default: '60',
    help: 'Minutes that a sign-in token is valid; `/api/auth/refresh` gives a new one',
  },
  SESSION_DAYS: {
    group: 'sign-in',
    kind: int(1, 365, 'd'),
    default: '14',
    help: 'Days after which a session ends, however often it was refreshed',
  },
  LOGIN_MAX_FAILURES: {
    group: 'sign-in',
    kind: int(1, 1000),
    default: '10',
    help: 'Failed sign-ins of one account from one network (an IPv4 /24, an IPv6 /64), or from one device that it was signed in from before, in LOGIN_WINDOW_SECONDS; further ones are answered 429. From the third one on, the next may be tried after 1, 2, 4 … seconds',
  },
  LOGIN_ACCOUNT_MAX_FAILURES: {
    group: 'sign-in',
    kind: int(1, 100_000),
    default: '50',
    help: 'Failed sign-ins of one account from all networks in LOGIN_WINDOW_SECONDS; further ones are answered 429, but for devices that it was signed in from before',
  },
  LOGIN_NETWORK_MAX_FAILURES: {
    group: 'sign-in',
    kind: int(1, 100_000),
    default: '100',
    help: 'Failed sign-ins of all accounts from one network in LOGIN_WINDOW_SECONDS; further ones are answered 429, but for devices known to their account',
  },
  LOGIN_DEVICE_DAYS: {
    group: 'sign-in',
    kind: int(1, 3650, 'd'),
    default: '180',
    help: 'Days after a sign-in that its device is known by a cookie, so that failed sign-ins elsewhere do not keep its owner out',
  },
  LOGIN_WINDOW_SECONDS: {
    group: 'sign-in',
    kind: int(1, 86_400, 's'),
    default: '300',
    help: 'The window of LOGIN_MAX_FAILURES, LOGIN_ACCOUNT_MAX_FAILURES and LOGIN_NETWORK_MAX_FAILURES',
  },
  PASSWORD_HASH_CONCURRENCY: {
    group: 'sign-in',
    kind: int(1, 64),
    default: '2',
    help: 'Passwords that are hashed at once in a process, 64 MiB of memory each; sign-ins that wait longer than 10 s are answered 503',
  },
  AUDIT_DAYS: {
    group: 'sign-in',
    kind: int(1, 36_500, 'd'),
    default: '365',
    help: 'Days that audit entries are kept',
  },

  POSTGRES_DSN: {
    group: 'datasources',
    kind: text(),
    secret: true,
    help: 'A PostgreSQL database that is there as a datasource',
  },
  SUPABASE_POSTGRES_DSN: {
    group: 'datasources',
    kind: text(),
    secret: true,
    help: 'A Supabase database that is there as a datasource',
  },
  DATASOURCE_TEST_SECONDS: {
    group: 'datasources',
    kind: int(1, 300, 's'),
    default: '15',
    help: 'Seconds that a test of a datasource may take',
  },
  DATASOURCE_CATALOG_SECONDS: {
    group: 'datasources',
    kind: int(0, 86_400, 's'),
    default: '300',
    help: 'Seconds that the schemas, tables and columns of a datasource are kept; `refresh=true` asks anew',
  },
  DATASOURCE_LOOK_SECONDS: {
    group: 'datasources',
    kind: int(1, 600, 's'),
    default: '30',
    help: 'Seconds that looking at the schemas, tables, columns or first rows of a datasource may take',
  },

  THREADS: {
    group: 'queries',
    kind: int(1, 64),
    default: () => String(Math.min(4, Math.max(1, Math.floor(cores() / 2)))),
    defaultText: 'half the cores, 1 to 4',
    help: 'Workers for queries and pivots in the engine process of each process',
  },
  WORKER_NICE: {
    group: 'queries',
    kind: int(0, 19),
    default: '5',
    help: 'Steps of `nice` by which engine processes give way to the process that answers requests',
  },
  HEAVY_QUERY_CONCURRENCY: {
    group: 'queries',
    kind: int(1, 1024),
    default: '8',
    help: 'Queries that run at once in a process',
  },
  HEAVY_QUERY_QUEUE: {
    group: 'queries',
    kind: int(0, 100_000),
    default: '64',
    help: 'Queries of all users that may wait behind those that run; more are answered 503',
  },
  HEAVY_QUERY_WAIT_SECONDS: {
    group: 'queries',
    kind: int(1, 3600, 's'),
    default: '30',
    help: 'Seconds that a query may wait for its turn while its user runs fewer than USER_QUERY_CONCURRENCY; then 503. Its deadline counts all of the wait',
  },
  USER_QUERY_CONCURRENCY: {
    group: 'queries',
    kind: int(1, 1024),
    default: '4',
    help: 'Queries of one user that run at once in a process; more wait',
  },
  USER_QUERY_QUEUE: {
    group: 'queries',
    kind: int(0, 100_000),
    default: '32',
    help: 'Queries of one user that may wait in a process, in turn with those of other users; more are answered 429',
  },
  QUERY_RATE_PER_SEC: {
    group: 'queries',
    kind: int(1, 100_000, '1/s'),
    default: '20',
    help: 'Queries a second that one user may start over time; more are answered 429. Answers from the cache, and those of an equal query that runs, do not count',
  },
  QUERY_BURST: {
    group: 'queries',
    kind: int(1, 100_000),
    default: '60',
    help: 'Queries that one user may start at once on top of QUERY_RATE_PER_SEC',
  },
  QUERY_TIMEOUT_SECONDS: {
    group: 'queries',
    kind: int(1, 86_400, 's'),
    default: '120',
    help: 'Seconds after which a query is cancelled; a request may ask for less',
  },
  SLOW_QUERY_SECONDS: {
    group: 'queries',
    kind: int(0, 86_400, 's'),
    default: '10',
    help: 'Seconds in the engine from which a query is logged as `query.slow` and listed in `/api/admin/stats`',
  },
  QUERY_MAX_ROWS: {
    group: 'queries',
    kind: int(1, 100_000_000),
    default: '50000',
    help: 'Rows of an answer; the rest is cut and declared',
  },
  QUERY_MAX_BYTES: {
    group: 'queries',
    kind: bytes(1024),
    default: '64MiB',
    help: 'Bytes of an answer; the rest is cut and declared, a pivot past it is refused, and so is one row of a database with more than a fourth of it',
  },
  EXPORT_MAX_ROWS: {
    group: 'queries',
    kind: int(1, 1_000_000_000),
    default: '5000000',
    help: 'Rows of an exported file (CSV); an export past it is refused',
  },
  PIVOT_MAX_CELLS: {
    group: 'queries',
    kind: int(1, 100_000_000),
    default: '1000000',
    help: 'Cells of a pivot; details past it are cut and declared, totals never',
  },
  RESULT_CACHE_BYTES: {
    group: 'queries',
    kind: bytes(),
    default: '256MiB',
    help: 'Memory of a process for finished answers',
  },
  DUCKDB_THREADS: {
    group: 'queries',
    kind: int(0, 1024),
    default: '0',
    help: 'DuckDB threads of a worker; 0 is one for each core',
  },
  DUCKDB_MEMORY_LIMIT: {
    group: 'queries',
    kind: bytes(),
    default: '0',
    defaultText: 'a share of the memory',
    help: "DuckDB memory of a worker; 0 divides 60 % of the cgroup's limit among processes and workers",
  },
  ENGINE_MEMORY_LIMIT: {
    group: 'queries',
    kind: bytes(),
    default: '0',
    defaultText: 'from DUCKDB_MEMORY_LIMIT and THREADS',
    help: 'Private memory of one engine process; a query that needs more fails',
  },
  ENGINE_IDLE_SECONDS: {
    group: 'queries',
    kind: int(1, 86_400, 's'),
    default: '300',
    help: 'Seconds without work after which an engine process ends',
  },
  DUCKDB_TEMP_MAX_BYTES: {
    group: 'queries',
    kind: bytes(),
    default: '20GiB',
    help: 'Disk that a worker may use to spill',
  },

  EXPRESSION_MAX_BYTES: {
    group: 'queries',
    kind: bytes(100),
    default: '10000',
    help: 'Bytes of one expression; a longer one is refused',
  },
  EXPRESSION_MAX_DEPTH: {
    group: 'queries',
    kind: int(1, 500),
    default: '200',
    help: 'Levels of nesting of one expression; a deeper one is refused',
  },
  SQL_MAX_BYTES: {
    group: 'queries',
    kind: bytes(1024),
    default: '100000',
    help: "Bytes of a statement of a caller's own; a longer one is refused",
  },
  SQL_MAX_DEPTH: {
    group: 'queries',
    kind: int(1, 1000),
    default: '64',
    help: "Brackets within brackets of a statement of a caller's own; the parser itself ends at some 32 nested expressions",
  },
  SQL_MAX_JOINS: {
    group: 'queries',
    kind: int(1, 1000),
    default: '50',
    help: 'Joins of a statement over datasets; more are refused, since DuckDB plans them in time that cannot be cut short',
  },
  SQL_MAX_QUERIES: {
    group: 'queries',
    kind: int(1, 10_000),
    default: '200',
    help: 'SELECTs, set operations, CTEs and pivots of a statement over datasets; more are refused',
  },
  SQL_MAX_GROUPING_SETS: {
    group: 'queries',
    kind: int(1, 65_535),
    default: '256',
    help: 'Grouping sets that CUBE, ROLLUP and GROUPING SETS of a statement over datasets stand for; more are refused',
  },
  SQL_MAX_LIST_ITEMS: {
    group: 'queries',
    kind: int(1, 10_000),
    default: '4000',
    help: 'Items of an IN list, a literal list or a call in a statement over datasets; more are refused',
  },
  SQL_MAX_SERIES_LENGTH: {
    group: 'queries',
    kind: int(1, 1_000_000_000),
    default: '1000000',
    help: 'Values of range() or generate_series() with constant bounds in a statement over datasets; more are refused. Outside of FROM the bounds must be constants',
  },
  SQL_MAX_ARROWS: {
    group: 'queries',
    kind: int(1, 16),
    default: '10',
    help: 'Arrows (`->`) in a chain of a statement over datasets; more are refused, since each doubles the time that DuckDB plans for',
  },
  SQL_MAX_PATTERN_BYTES: {
    group: 'queries',
    kind: bytes(1),
    default: '1000',
    help: 'Bytes of a regular expression in a statement over datasets; a longer one is refused',
  },
  SQL_MAX_EXPANSION: {
    group: 'queries',
    kind: int(100, 1_000_000),
    default: '50000',
    help: 'Parts of a statement over datasets when DuckDB has copied aliases, operands of CASE and BETWEEN and arguments of macros to where they are used, and written `*` out as 100 columns a dataset; more are refused',
  },
  EXPRESSION_MAX_VALUE_BYTES: {
    group: 'queries',
    kind: bytes(1024),
    default: '256KiB',
    help: 'Bytes of a text or list that an expression, or a call in a statement over datasets, could make of values of 2 KiB each; what could make more is refused, and longer values are an error where an expression lengthens them much',
  },
  UPLOAD_MAX_BYTES: {
    group: 'datasets',
    kind: bytes(1024),
    default: '2GiB',
    help: 'The largest upload, as sent',
  },
  UPLOAD_MAX_EXPANDED_BYTES: {
    group: 'datasets',
    kind: bytes(1024),
    default: '16GiB',
    help: 'The largest upload after decompression',
  },
  UPLOAD_MAX_GZIP_RATIO: {
    group: 'datasets',
    kind: int(2, 1_000_000),
    default: '300',
    help: 'Times its size that a compressed upload may expand to, past the first 64 MiB',
  },
  UPLOAD_MAX_VALUE_BYTES: {
    group: 'datasets',
    kind: bytes(1024),
    default: '16MiB',
    help: 'The largest value of a JSON file, or line of an NDJSON file',
  },
  UPLOAD_CONCURRENCY: {
    group: 'datasets',
    kind: int(1, 64),
    default: '2',
    help: 'Uploads that are loaded at once in a process',
  },
  UPLOAD_MIN_ROWS_PERCENT: {
    group: 'datasets',
    kind: int(0, 100, '%'),
    default: '10',
    help: 'A new generation with fewer rows than this share of those now served is refused unless the upload says `acceptFewerRows`; `minRowsShare` of an upload overrides it, 0 takes any',
  },
  UPLOAD_MIN_BYTES_PER_SECOND: {
    group: 'datasets',
    kind: bytes(),
    default: '16KiB',
    help: 'What an upload must send a second, over each CHANNEL_TIMEOUT seconds that it is waited for; a slower one is answered 408 and gives its place back. 0 takes any',
  },
  UPLOAD_MAX_COLUMNS: {
    group: 'datasets',
    kind: int(1, 100_000),
    default: '2000',
    help: 'Columns of a dataset',
  },
  DATASET_KEEP_GENERATIONS: {
    group: 'datasets',
    kind: int(1, 10_000),
    default: '5',
    help: 'Generations of a dataset that are kept for a rollback',
  },
  DATASET_ORIGINAL_MAX_BYTES: {
    group: 'datasets',
    kind: bytes(),
    default: '64MiB',
    help: 'The largest upload of text that is kept with its generation, to be read again with another encoding or other options; 0 keeps none',
  },
  DATASET_GRACE_SECONDS: {
    group: 'datasets',
    kind: int(0, 604_800, 's'),
    default: '600',
    help: 'Seconds that files out of use are kept for readers that still have them open',
  },

  DATASETS_S3_BUCKET: {
    group: 'bucket',
    kind: text({ pattern: /^[a-z0-9][a-z0-9._-]{1,62}$/i, says: 'the name of a bucket' }),
    help: 'The S3-compatible bucket that holds the files of datasets for several hosts; without it they are in the folder beside DUCKDB_PATH alone',
  },
  DATASETS_S3_ENDPOINT: {
    group: 'bucket',
    kind: url,
    defaultText: 'that of AWS in the region',
    help: 'Where the bucket is reached, such as `https://minio.example.com:9000`, without the name of the bucket',
  },
  DATASETS_S3_REGION: {
    group: 'bucket',
    kind: text({ pattern: /^[a-z0-9-]+$/i, says: 'the name of a region' }),
    default: 'us-east-1',
    help: 'The region that requests are signed for',
  },
  DATASETS_S3_PREFIX: {
    group: 'bucket',
    kind: text({ pattern: /^(?:[\w.-]+\/)*$/, says: 'names that each end with a `/`' }),
    default: '',
    help: 'What stands before every key, such as `reporting/`; each installation has one of its own',
  },
  DATASETS_S3_VIRTUAL_HOST: {
    group: 'bucket',
    kind: bool,
    default: '0',
    help: 'Whether the bucket is part of the name of the host, as AWS prefers; else of the path',
  },
  DATASETS_S3_ACCESS_KEY_ID: {
    group: 'bucket',
    kind: text(),
    help: 'The id of the access key',
  },
  DATASETS_S3_SECRET_ACCESS_KEY: {
    group: 'bucket',
    kind: text(),
    secret: true,
    help: 'The secret of the access key',
  },
  DATASETS_S3_CREDENTIALS_FILE: {
    group: 'bucket',
    kind: text(),
    help: 'A file in the format of AWS with `aws_access_key_id` and `aws_secret_access_key`, instead of the two settings; read at start',
  },
  DATASETS_S3_TIMEOUT_SECONDS: {
    group: 'bucket',
    kind: int(1, 3600, 's'),
    default: '30',
    help: 'Seconds that the bucket may take for one request, or for a part of a file',
  },
  DATASETS_S3_ATTEMPTS: {
    group: 'bucket',
    kind: int(1, 100),
    default: '5',
    help: 'Times that a request is tried, with growing pauses, where the bucket does not answer as it should',
  },
  DATASETS_S3_PART_BYTES: {
    group: 'bucket',
    kind: bytes(5 * 1024 * 1024),
    default: '16MiB',
    help: 'Larger files go up in parts of this size; a bucket takes at most 10000 parts of one file',
  },
  DATASETS_S3_ORPHAN_SECONDS: {
    group: 'bucket',
    kind: int(0, 31_536_000, 's'),
    default: '86400',
    help: 'Seconds after which objects that no generation lists, and no upload will, are removed from the bucket',
  },
  DATASETS_CACHE_BYTES: {
    group: 'bucket',
    kind: bytes(1024),
    default: '50GiB',
    help: 'Bytes of files that a host keeps in its folder of datasets where a bucket has them; the least recently used go first',
  },

  BACKUP_DIR: {
    group: 'backup',
    kind: text(),
    defaultText: 'the folder `backups` beside the metadata',
    help: 'Where backups of the metadata are kept; best on another disk',
  },
  BACKUP_KEEP: {
    group: 'backup',
    kind: int(1, 10_000),
    default: '7',
    help: 'Backups of each kind that are kept in BACKUP_DIR, the newest',
  },
  BACKUP_CRON: {
    group: 'backup',
    kind: { type: 'cron' },
    default: '15 3 * * *',
    help: 'When the metadata is backed up, in TIMEZONE (cron, five or six fields); `off` for never. Metadata on PostgreSQL is not: see pg_dump',
  },
  SYNC_BATCH_ROWS: {
    group: 'sync',
    kind: int(1, 100_000_000, 'rows'),
    default: '1000000',
    help: 'Rows after which an incremental run publishes what it has, where the task says nothing; large rows make batches smaller',
  },
  SYNC_TIMEOUT_SECONDS: {
    group: 'sync',
    kind: int(1, 604_800, 's'),
    default: '14400',
    help: 'Time after which a statement of a sync task is ended on the server, where the task says nothing',
  },
  SYNC_SOURCE_CONCURRENCY: {
    group: 'sync',
    kind: int(1, 64),
    default: '2',
    help: 'Runs of sync tasks that read one datasource at once, in all processes together, where the datasource says nothing (`settings.syncConcurrency`)',
  },
  COMPACT_FILES: {
    group: 'sync',
    kind: int(2, 1000),
    default: '8',
    help: 'Files of about one size in a dataset that are made one by a run of their own, which a publication queues',
  },
  COMPACT_MINUTES: {
    group: 'sync',
    kind: int(1, 10_080),
    default: '60',
    help: 'Minutes between looks through all datasets for files to merge, beside those after publications',
  },

  RUN_SCHEDULER: {
    group: 'jobs',
    kind: bool,
    default: ({ APP_ENV }: Readonly<Record<string, unknown>>) => (APP_ENV === 'prod' ? '0' : '1'),
    defaultText: '1 in `dev`, 0 in `prod`',
    help: '1 makes this process a candidate for running scheduled jobs; safe on every replica. Where no process has it, schedules do not start; runs that are asked for by hand do',
  },
  LEASE_SECONDS: {
    group: 'jobs',
    kind: int(2, 300, 's'),
    default: '10',
    help: 'Seconds without a sign of life after which another process takes over: as the leader, and the runs of one that died',
  },
  JOB_CONCURRENCY: {
    group: 'jobs',
    kind: int(1, 64),
    default: '2',
    help: 'Runs at once in a process',
  },
  JOB_TIMEOUT_SECONDS: {
    group: 'jobs',
    kind: int(1, 604_800, 's'),
    default: '21600',
    help: 'Seconds that an attempt of a run may take, where its kind says nothing else',
  },
  JOB_MAX_ATTEMPTS: {
    group: 'jobs',
    kind: int(1, 100),
    default: '5',
    help: 'Attempts of a run that fails for a reason that may pass, such as a database that cannot be reached',
  },
  JOB_MAX_LOSSES: {
    group: 'jobs',
    kind: int(1, 1_000_000),
    default: '20',
    help: 'How often the process of a run may die before the run fails',
  },
  JOB_RETRY_SECONDS: {
    group: 'jobs',
    kind: int(1, 3600, 's'),
    default: '10',
    help: 'Seconds before the second attempt; each further one waits twice as long, up to ten minutes',
  },
  RUN_DAYS: {
    group: 'jobs',
    kind: int(1, 36_500, 'd'),
    default: '30',
    help: 'Days that ended runs, their logs and the fires of schedules are kept',
  },
  RUN_LOG_MAX_LINES: {
    group: 'jobs',
    kind: int(1, 1_000_000),
    default: '10000',
    help: 'Lines of the log of a run; where there are more, the last one says so',
  },
  CATCH_UP_MAX: {
    group: 'jobs',
    kind: int(1, 100_000),
    default: '100',
    help: 'Missed instants that a schedule with `catchUp: all` makes up for; the rest is skipped and declared',
  },
  LIVE_MAX_CONNECTIONS: {
    group: 'jobs',
    kind: int(1, 1_000_000),
    default: '10000',
    help: 'Clients of `/api/live` of a process, some 10 kB each; more are answered 503',
  },
  LIVE_MAX_BUFFER_BYTES: {
    group: 'jobs',
    kind: bytes(1024),
    default: '1MiB',
    help: 'Bytes that may wait for a slow client of `/api/live`; past them it is dropped',
  },

  OUTBOUND_ALLOW: {
    group: 'outbound',
    kind: list,
    default: '',
    help: 'What the service may call although it is not on the public internet: names, addresses or networks, each with a port or for all, such as `api.intern,10.1.0.0/16,127.0.0.1:9000`. An address of cloud metadata must be named itself',
  },
  OUTBOUND_PORTS: {
    group: 'outbound',
    kind: list,
    default: '80,443,8080,8443',
    help: 'Ports that the service may call on the public internet',
  },
  OUTBOUND_MAX_BYTES: {
    group: 'outbound',
    kind: bytes(1024),
    default: '2GiB',
    help: 'The largest answer to one call, decompressed',
  },
  OUTBOUND_TIMEOUT_SECONDS: {
    group: 'outbound',
    kind: int(1, 86_400, 's'),
    default: '900',
    help: 'Seconds that one call may take in all',
  },
  OUTBOUND_IDLE_SECONDS: {
    group: 'outbound',
    kind: int(1, 3600, 's'),
    default: '60',
    help: 'Seconds that a called server may say nothing',
  },
  OUTBOUND_CONNECT_SECONDS: {
    group: 'outbound',
    kind: int(1, 300, 's'),
    default: '10',
    help: 'Seconds to look up the name of a called server, and to get a connection at each of its addresses',
  },

  SOURCE_MAX_PAGES: {
    group: 'outbound',
    kind: int(1, 1_000_000),
    default: '10000',
    help: 'Pages of an HTTP API that one run may read; a source may ask for fewer',
  },
  WATCH_ROOT: {
    group: 'outbound',
    kind: text({ pattern: /^\//, says: 'an absolute path' }),
    help: 'The folder below which watched folders lie; without it, there are none',
  },
  WATCH_MAX_FILES: {
    group: 'outbound',
    kind: int(1, 100_000),
    default: '2000',
    help: 'Files of one watched folder; a run over more is refused',
  },

  AI_CONCURRENCY: { group: 'ai', kind: int(1, 1024), default: '2', help: 'AI calls at once in a process' },
  AI_TIMEOUT_SECONDS: {
    group: 'ai',
    kind: int(1, 3600, 's'),
    default: '30',
    help: 'Seconds that an AI request may take in all',
  },
  AI_QUEUE: {
    group: 'ai',
    kind: int(0, 10_000),
    default: '16',
    help: 'AI requests that may wait behind those of AI_CONCURRENCY; more are answered 503',
  },
  AI_MAX_OUTPUT_TOKENS: {
    group: 'ai',
    kind: int(64, 1_000_000),
    default: '4096',
    help: 'Tokens that a model may answer with',
  },
  AI_MAX_RESPONSE_BYTES: {
    group: 'ai',
    kind: bytes(1024),
    default: '4MiB',
    help: "Bytes that a provider's answer may have",
  },
  AI_HEARTBEAT_SECONDS: {
    group: 'ai',
    kind: int(1, 3600, 's'),
    default: '10',
    help: 'Seconds after which a streamed AI answer shows a sign of life, so that no proxy cuts it',
  },
  AI_USAGE_DAYS: {
    group: 'ai',
    kind: int(1, 36_500, 'd'),
    default: '365',
    help: 'Days that the AI tokens of each user and day are kept',
  },
  AI_SAMPLE_ROWS: {
    group: 'ai',
    kind: int(0, 1000),
    default: '20',
    help: 'Rows of a source that a model may see, where the administrator allows any',
  },
  MCP_MAX_ROWS: {
    group: 'ai',
    kind: int(1, 100_000),
    default: '1000',
    help: 'Rows that an agent is given by one call of `/api/mcp`',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
