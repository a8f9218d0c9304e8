import { DuckDBInstance } from '@duckdb/node-api';

export interface FenceOptions {
  /** Folders whose files may be read (and, by our own statements only, written). Absolute paths. */
  folders: readonly string[];
  /** Where the instance spills; of this instance alone. */
  tempFolder: string;
  memoryLimitBytes: number;
  tempMaxBytes: number;
  threads: number;
  /** A DuckDB file to be read beside, as the catalog `source`. It is opened before the fence closes; what stands in it is fenced. */
  source?: string;
}

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/**
 * An in-memory DuckDB that can reach nothing but `folders`: no extension, no network, no other file, and its settings are locked.
 * Time zone is UTC, so that no result depends on the machine.
 */
export async function openFenced(options: FenceOptions): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    threads: String(options.threads),
    memory_limit: `${options.memoryLimitBytes}B`,
  });
  const connection = await instance.connect();
  const statements = [
    ...(options.source === undefined
      ? []
      : [`ATTACH ${literal(options.source)} AS source (READ_ONLY, TYPE duckdb)`]),
    `SET temp_directory = ${literal(options.tempFolder)}`,
    `SET max_temp_directory_size = '${options.tempMaxBytes}B'`,
    `SET GLOBAL TimeZone = 'UTC'`,
    `SET preserve_insertion_order = true`,
    `SET allowed_directories = [${options.folders.map(literal).join(', ')}]`,
    `SET enable_external_access = false`,
    `SET lock_configuration = true`,
  ];
  try {
    for (const statement of statements) await connection.run(statement);
  } catch (error) {
    instance.closeSync();
    throw error;
  } finally {
    connection.closeSync();
  }
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
