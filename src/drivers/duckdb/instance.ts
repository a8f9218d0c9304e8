import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

export interface InstanceOptions {
  /** Where the instance spills; of this instance alone. */
  tempFolder: string;
  memoryLimitBytes: number;
  tempMaxBytes: number;
  threads: number;
  /** A DuckDB file that is read as the catalog `source`. It is opened before the fence closes; what stands in it is fenced. */
  source?: string;
}

/** What a fenced instance can reach. */
export interface FenceReach {
  /** Folders whose files may be read (and, by our own statements only, written). Absolute paths. */
  folders: readonly string[];
  /** Single files that may be read. Absolute paths. */
  files?: readonly string[];
}

export interface FenceOptions extends InstanceOptions, FenceReach {}

export interface FencedInstance {
  instance: DuckDBInstance;
  close(): void;
}

/** An instance that has not run anything yet and takes its fence when it is known. */
export interface OpenInstance {
  /** Closes the fence for good. On an error the instance is closed. */
  fence(reach: FenceReach): Promise<FencedInstance>;
}

/** Most columns that a PIVOT of callers' own SQL makes. */
const PIVOT_COLUMNS = 2000;

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
const list = (paths: readonly string[]) => `[${paths.map(literal).join(', ')}]`;

async function runAll(connection: DuckDBConnection, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await connection.run(statement);
}

/**
 * An in-memory DuckDB without extensions, to be fenced before anything else is done with it. Time zone is UTC, so that no result
 * depends on the machine.
 */
export async function openInstance(options: InstanceOptions): Promise<OpenInstance> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    threads: String(options.threads),
    memory_limit: `${options.memoryLimitBytes}B`,
  });
  const connection = await instance.connect();
  const close = () => instance.closeSync();
  /** Runs statements; when one fails, nothing stays open. */
  const attempt = async (statements: readonly string[]) => {
    try {
      await runAll(connection, statements);
    } catch (error) {
      connection.closeSync();
      close();
      throw error;
    }
  };
  await attempt([
    ...(options.source === undefined
      ? []
      : [`ATTACH ${literal(options.source)} AS source (READ_ONLY, TYPE duckdb)`]),
    `SET temp_directory = ${literal(options.tempFolder)}`,
    `SET max_temp_directory_size = '${options.tempMaxBytes}B'`,
    `SET GLOBAL TimeZone = 'UTC'`,
    `SET preserve_insertion_order = true`,
    // A pivot on a column of very many values makes a statement that is planned for minutes.
    `SET pivot_limit = ${PIVOT_COLUMNS}`,
  ]);
  return {
    async fence({ folders, files = [] }) {
      await attempt([
        `SET allowed_directories = ${list(folders)}`,
        `SET allowed_paths = ${list(files)}`,
        `SET enable_external_access = false`,
        `SET lock_configuration = true`,
      ]);
      connection.closeSync();
      return { instance, close };
    },
  };
}

/** An in-memory DuckDB that can reach nothing but what it is given: no extension, no network, no other file; its settings are locked. */
export async function openFenced(options: FenceOptions): Promise<DuckDBInstance> {
  const { instance } = await (await openInstance(options)).fence(options);
  return instance;
}

const AGAIN_MS = 20;

/**
 * Runs `work`; when the signal aborts, the connection's statement is interrupted (it answers in about 10 ms), and so is each one that
 * `work` starts after it.
 */
export async function interruptible<T>(
  connection: { interrupt(): void },
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  let timer: ReturnType<typeof setInterval> | undefined;
  const onAbort = () => {
    connection.interrupt();
    timer = setInterval(() => connection.interrupt(), AGAIN_MS);
  };
  signal.addEventListener('abort', onAbort);
  try {
    return await work();
  } finally {
    signal.removeEventListener('abort', onAbort);
    clearInterval(timer);
  }
}
