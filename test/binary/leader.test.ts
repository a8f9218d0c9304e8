import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type MetadataServer, startMetadataServer } from '../support/metadata-stores.ts';
import { type Serving, startServe } from '../support/program.ts';
import { tempFolder } from '../support/server-process.ts';
import { ADMIN, until } from '../support/service-kit.ts';
import { Shipped } from './shipped.ts';

const SECOND_MS = 1000;

interface Fire {
  instant: string;
  outcome: string;
  runId: string;
}

let shipped: Shipped;
let meta: MetadataServer;
beforeAll(async () => {
  shipped = new Shipped();
  meta = await startMetadataServer();
}, 120_000);
afterAll(async () => {
  await meta?.[Symbol.asyncDispose]();
  await shipped[Symbol.asyncDispose]();
}, 60_000);

/** Two services of the one file over the same folder and metadata, both candidates for the scheduler. */
class Pair implements AsyncDisposable {
  #token = '';
  #files = 0;

  private constructor(
    readonly folder: Awaited<ReturnType<typeof tempFolder>>,
    readonly metadata: string,
    readonly both: Serving[] = [],
  ) {}

  static async open(metadata: (folder: string) => string): Promise<Pair> {
    const folder = await tempFolder('pair-');
    const pair = new Pair(folder, metadata(folder.path));
    await mkdir(join(folder.path, 'watched/in'), { recursive: true });
    pair.both.push(await pair.#start(), await pair.#start());
    const signIn = await fetch(`${pair.both[0]!.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ADMIN),
    });
    pair.#token = ((await signIn.json()) as { token: string }).token;
    return pair;
  }

  #start(): Promise<Serving> {
    const { path } = this.folder;
    return startServe(
      {
        ...{ HOME: shipped.folder, THREADS: '1', SECRET_KEY: 'a-test-key-of-more-than-32-characters' },
        ...{ DUCKDB_PATH: join(path, 'local.duckdb'), METADATA_DB_PATH: this.metadata },
        ...{ ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password },
        ...{ RUN_SCHEDULER: '1', LEASE_SECONDS: '2', WATCH_ROOT: join(path, 'watched') },
      },
      { program: [shipped.program], cwd: path },
    );
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  async call(method: string, path: string, body?: unknown, at = this.both[0]!): Promise<any> {
    const answer = await fetch(`${at.url}/api${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return answer.json();
  }

  /** One more file of one row for the task; gives how many there are. */
  async drop(): Promise<number> {
    const n = ++this.#files;
    const path = join(this.folder.path, `watched/in/${n}.csv`);
    await Bun.write(`${path}.new`, `n\n${n}\n`);
    await rename(`${path}.new`, path);
    return n;
  }

  /** Kills whoever leads and starts one more; the one that was a standby is the first then. */
  async killLeader(): Promise<void> {
    const roles = await Promise.all(
      this.both.map((each) => this.call('GET', '/healthz', undefined, each) as Promise<{ role: string }>),
    );
    expect(roles.map(({ role }) => role).sort()).toEqual(['leader', 'standby']);
    const [leader] = this.both.splice(
      roles.findIndex(({ role }) => role === 'leader'),
      1,
    );
    leader!.child.kill('SIGKILL');
    await leader!.ended;
    this.both.push(await this.#start());
  }

  /** What became of the instants of the schedule, the oldest first. */
  fires = async (): Promise<Fire[]> =>
    (await this.call('GET', '/schedules/each-second/fires?limit=500')).items.reverse();

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child, ended } of this.both) {
      child.kill('SIGKILL');
      await ended;
    }
    await this.folder.remove();
  }
}

/** Gives files until there are so many fires more. */
async function feed(pair: Pair, fires: number): Promise<void> {
  const wanted = (await pair.fires()).length + fires;
  while ((await pair.fires()).length < wanted) {
    await pair.drop();
    await Bun.sleep(100);
  }
}

test.concurrent.each(['sqlite', 'postgres'])(
  'the leader of two services on %s is killed: no fire and no row is lost or doubled',
  async (store) => {
    await using pair = await Pair.open((folder) =>
      store === 'sqlite' ? join(folder, 'meta.sqlite') : meta.url('pair'),
    );
    await pair.call('POST', '/sync-tasks', {
      ...{ name: 'watched', dataset: 'rows', mode: 'incremental' },
      source: { kind: 'folder', path: 'in', pattern: '*.csv', take: 'each', settleS: 0 },
    });
    const schedule = {
      ...{ name: 'each-second', cron: '* * * * * *', catchUp: 'all' },
      job: { kind: 'sync', task: 'watched' },
    };
    expect(await pair.call('POST', '/schedules', schedule)).toMatchObject(schedule);
    await feed(pair, 2);
    await pair.killLeader();
    await feed(pair, 3);
    await pair.call('PATCH', '/schedules/each-second', { enabled: false });
    const files = await pair.drop();
    await pair.call('POST', '/sync-tasks/watched/run', {});

    const fires = await pair.fires();
    const first = Date.parse(fires[0]!.instant);
    expect(fires.map(({ instant }) => Date.parse(instant))).toEqual(
      fires.map((_, i) => first + i * SECOND_MS),
    );
    expect(fires.filter(({ outcome }) => outcome !== 'run')).toEqual([]);
    const runs = async () => (await pair.call('GET', '/runs?kind=sync&limit=500')).items;
    await until(async () => (await runs()).every(({ endedAt }: { endedAt: string | null }) => endedAt));
    const ended = (await runs()) as { id: string; state: string; trigger: string }[];
    expect(ended.filter(({ state }) => state !== 'succeeded')).toEqual([]);
    const scheduled = ended.filter(({ trigger }) => trigger === 'schedule').map(({ id }) => id);
    expect(scheduled.sort()).toEqual(fires.map(({ runId }) => runId).sort());

    const measures = [
      { agg: 'count', as: 'rows' },
      { agg: 'countDistinct', field: 'n', as: 'different' },
      { agg: 'max', field: 'n', as: 'last' },
    ];
    for (const each of pair.both) {
      const spec = { from: { dataset: 'rows' }, measures };
      const answer = await pair.call('POST', '/query/spec', spec, each);
      expect(answer.rows[0].map(Number)).toEqual([files, files, files]);
    }
  },
  120_000,
);
