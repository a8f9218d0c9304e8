import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dir, '../..');
const EMAIL = 'bench@example.com';
const PASSWORD = 'a-password-for-benchmarks';

/** The service in a process of its own, with data of its own. */
export interface ServiceProcess extends AsyncDisposable {
  url: string;
  pid: number;
  /** Of the datasets and the metadata. */
  folder: string;
  /** Milliseconds from the start of the process to the first health answer. */
  startMs: number;
  /** Sign-in of an admin. */
  headers: Record<string, string>;
  /** Memory in use, in bytes. */
  rssBytes(): Promise<number>;
}

function freePort(): number {
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() });
  const { port } = server;
  server.stop(true);
  return port!;
}

async function untilHealthy(url: string, child: Bun.Subprocess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}`);
    const answer = await fetch(`${url}/api/healthz`).catch(() => undefined);
    if (answer?.ok) return;
    await Bun.sleep(2);
  }
}

/** `command` is the binary, or Bun and the source. */
export async function startService(
  command: string[] = [process.execPath, join(ROOT, 'src/main.ts')],
  env: Record<string, string> = {},
): Promise<ServiceProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'reporting-bench-'));
  const port = freePort();
  const started = performance.now();
  const child = Bun.spawn([...command, 'serve'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      XDG_CACHE_HOME: join(tmpdir(), 'reporting-bench-cache'),
      PORT: String(port),
      LOG_LEVEL: 'error',
      DUCKDB_PATH: join(folder, 'local.duckdb'),
      METADATA_DB_PATH: join(folder, 'meta.sqlite'),
      SECRET_KEY: 'only-for-benchmarks-7f3b9c1e5a2d8f4b6c',
      ADMIN_EMAIL: EMAIL,
      ADMIN_PASSWORD: PASSWORD,
      QUERY_RATE_PER_SEC: '100000',
      QUERY_BURST: '100000',
      USER_QUERY_CONCURRENCY: '64',
      ...env,
    },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'inherit',
  });
  const url = `http://127.0.0.1:${port}`;
  await untilHealthy(url, child);
  const startMs = performance.now() - started;
  const login = await fetch(`${url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
  });
  const { token } = (await login.json()) as { token: string };
  return {
    url,
    pid: child.pid,
    folder,
    startMs,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    async rssBytes() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await child.exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A Parquet file of generated orders as a dataset; returns its file. */
export async function uploadParquet(service: ServiceProcess, name: string, file: string): Promise<void> {
  const form = new FormData();
  form.append('name', name);
  form.append('file', Bun.file(file), `${name}.parquet`);
  const answer = await fetch(`${service.url}/api/datasets`, {
    method: 'POST',
    headers: { authorization: service.headers.authorization! },
    body: form,
  });
  if (answer.status !== 201) throw new Error(`the upload failed: ${await answer.text()}`);
}
