import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eachLine, PROGRAM, PROGRAM_ENV } from '../support/program.ts';
import { until } from '../support/service-kit.ts';

export const ADMIN = { email: 'admin@example.com', password: 'correct horse battery' };

interface Event {
  event: string;
  [field: string]: unknown;
}

/** `serve` as processes of their own, with data in a folder of its own. */
export class Cluster {
  readonly events: Event[] = [];
  /** The key of an admin, as the start printed it. */
  key = '';
  url = '';
  /** What it printed for people. */
  private out = '';

  private constructor(
    readonly folder: string,
    readonly child: Bun.Subprocess<'ignore', 'pipe', 'pipe'>,
  ) {}

  /** Waits until it serves. */
  static async start(env: Record<string, string>, args: string[] = [], program = PROGRAM) {
    const cluster = await Cluster.begin(env, args, program);
    const isOver = () => cluster.child.exitCode !== null;
    await until(() => cluster.isStarted(env) || isOver());
    if (isOver())
      throw new Error(`it ended with ${cluster.child.exitCode}: ${JSON.stringify(cluster.events)}`);
    cluster.url = /listens on (http:\S+)/.exec(cluster.out)![1]!;
    cluster.key = /sk_\w+/.exec(cluster.out)?.[0] ?? '';
    return cluster;
  }

  /** Without waiting for it to serve. */
  static async begin(env: Record<string, string>, args: string[] = [], program = PROGRAM) {
    const folder = await mkdtemp(join(tmpdir(), 'cluster-'));
    const child = Bun.spawn([...program, 'serve', ...args], {
      cwd: folder,
      env: {
        ...PROGRAM_ENV,
        HOME: folder,
        PORT: '0',
        WEB_CONCURRENCY: '2',
        THREADS: '1',
        RUN_SCHEDULER: '0',
        DUCKDB_PATH: join(folder, 'local.duckdb'),
        METADATA_DB_PATH: join(folder, 'meta.sqlite'),
        ...env,
      },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const cluster = new Cluster(folder, child);
    void eachLine(child.stdout, (line) => {
      cluster.out += `${line}
`;
    });
    void eachLine(child.stderr, (line) => cluster.events.push(eventOf(line)));
    return cluster;
  }

  private isStarted(env: Record<string, string>): boolean {
    return /sk_\w+/.test(this.out) || (env.ADMIN_EMAIL !== undefined && this.out.includes('listens on'));
  }

  /** Process ids of those that started to serve, newest last, by what the log says. */
  get started(): number[] {
    return this.of('process.ready').map(({ child }) => Number(child));
  }

  of(event: string): Event[] {
    return this.events.filter((each) => each.event === event);
  }

  /** Waits until the log has so many of an event. */
  async until(event: string, count = 1): Promise<Event> {
    await until(() => this.of(event).length >= count);
    return this.of(event)[count - 1]!;
  }

  async get(path: string): Promise<Response> {
    const headers = { authorization: `Bearer ${this.key}`, connection: 'close' };
    return fetch(this.url + path, { headers });
  }

  async metric(line: string): Promise<number> {
    const text = await (await this.get('/api/metrics')).text();
    const found = text.split('\n').find((each) => each.startsWith(`${line} `));
    return found === undefined ? Number.NaN : Number(found.slice(line.length + 1));
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    this.child.kill(signal);
    return this.child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.child.exited;
    for (const pid of [...this.of('process.starting'), ...this.of('supervisor.succeeded')].map(({ child }) =>
      Number(child),
    ))
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A line of the log; words for people beside it are an event of their own. */
const eventOf = (line: string): Event =>
  line.startsWith('{') ? (JSON.parse(line) as Event) : { event: 'words', line };

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Clients that ask over and over until told to end: half of them keep their connection, half make a new one each time. */
export function load(url: string, clients = 4) {
  let isRunning = true;
  let answered = 0;
  const failures: string[] = [];
  const client = async (keepsAlive: boolean) => {
    while (isRunning) {
      try {
        const headers: Record<string, string> = keepsAlive ? {} : { connection: 'close' };
        const answer = await fetch(`${url}/api/healthz`, { headers, keepalive: keepsAlive });
        const { status } = (await answer.json()) as { status: string };
        if (status === 'ok') answered++;
        else failures.push(`${answer.status} ${status}`);
      } catch (error) {
        failures.push(String(error));
      }
      await Bun.sleep(1);
    }
  };
  const all = Promise.all(Array.from({ length: clients }, (_, i) => client(i % 2 === 0)));
  return {
    failures,
    answered: () => answered,
    end: async () => {
      isRunning = false;
      await all;
    },
  };
}
