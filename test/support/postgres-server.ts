import { readdirSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import {
  asUser,
  findProgram,
  freePort,
  giveTo,
  makeCertificates,
  runProgram,
  runProgramSoon,
  tempFolder,
  untilReady,
} from './server-process.ts';

/** A private database server in a temp folder. */
export interface TestServer extends AsyncDisposable {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** PEM of the authority that signed its certificate. */
  ca: string;
  /** Runs SQL as the administrator, beside the driver under test; gives what the engine's own client prints, one row a line. */
  admin(sql: string, database?: string): string;
  /** The same, without keeping this thread from its work. */
  adminSoon(sql: string): Promise<string>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface PostgresServer extends TestServer {
  /** Ends it as a kill does: nothing is written any more, and the next start recovers from its log. */
  crash(): Promise<void>;
}

const OS_USER = 'postgres';
const PASSWORD = 'sesame:/?#[]@ é';

function binFolders(): string[] {
  const root = '/usr/lib/postgresql';
  try {
    return readdirSync(root)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(root, version, 'bin'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export async function startPostgres(): Promise<PostgresServer> {
  const folders = binFolders();
  const program = (name: string) => findProgram(name, ...folders);
  const folder = await tempFolder('reporting-pg-');
  const data = join(folder.path, 'data');
  const certificates = makeCertificates(folder.path);
  await Bun.write(join(folder.path, 'password'), PASSWORD);
  await chmod(certificates.key, 0o600);
  giveTo(OS_USER, folder.path);
  const initdb = [program('initdb'), '-D', data, '-U', 'admin', '-E', 'UTF8', '--locale=C.UTF-8'];
  runProgram(
    asUser(OS_USER, [...initdb, '-A', 'scram-sha-256', '--no-sync', `--pwfile=${folder.path}/password`]),
    { cwd: folder.path },
  );
  const port = await freePort();
  const options: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: folder.path,
    fsync: 'off',
    max_connections: '60',
    ssl: 'on',
    ssl_cert_file: certificates.certificate,
    ssl_key_file: certificates.key,
    timezone: 'Asia/Kolkata',
  };
  const command = [program('postgres'), '-D', data];
  for (const [name, value] of Object.entries(options)) command.push('-c', `${name}=${value}`);
  const psql = [program('psql'), '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1'];
  psql.push('-h', '127.0.0.1', '-p', String(port), '-U', 'admin');
  const admin = (sql: string, database = 'shop') =>
    runProgram([...psql, '-d', database, '-c', sql], { env: { PGPASSWORD: PASSWORD } }).trimEnd();

  const log = join(folder.path, 'log');
  let child: Bun.Subprocess | undefined;
  const start = async () => {
    child = Bun.spawn(asUser(OS_USER, command), {
      cwd: folder.path,
      stdin: 'ignore',
      stdout: Bun.file(log),
      stderr: Bun.file(log),
    });
    const ready = [program('pg_isready'), '-q', '-h', '127.0.0.1', '-p', String(port)];
    await untilReady(
      child,
      async () => Bun.spawnSync(ready).success,
      () => Bun.file(log).text(),
    );
  };
  const end = async (how: 'fast' | 'immediate') => {
    runProgram(asUser(OS_USER, [program('pg_ctl'), 'stop', '-D', data, '-m', how, '-w']), {
      cwd: folder.path,
    });
    await child?.exited;
  };
  const stop = () => end('fast');
  await start();
  admin('create database shop', 'postgres');
  return {
    host: '127.0.0.1',
    port,
    user: 'admin',
    password: PASSWORD,
    database: 'shop',
    ca: await Bun.file(certificates.authority).text(),
    admin,
    adminSoon: async (sql) =>
      (await runProgramSoon([...psql, '-d', 'shop', '-c', sql], { env: { PGPASSWORD: PASSWORD } })).trimEnd(),
    start,
    stop,
    crash: () => end('immediate'),
    async [Symbol.asyncDispose]() {
      if (child?.exitCode === null) await stop();
      await folder.remove();
    },
  };
}
