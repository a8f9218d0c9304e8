import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Folders, foldersOf } from '../../src/lake/folders.ts';
import { type Db, openDatabase } from '../../src/store/database.ts';
import { DatasetStore } from '../../src/store/datasets.ts';
import { createStore, type Store } from '../../src/store/store.ts';
import type { TestServer } from '../support/postgres-server.ts';
import { ADMIN, until } from '../support/service-kit.ts';
import type { Arms } from './orders.ts';
import type { Random } from './random.ts';
import { Replica } from './replica.ts';
import { Source, TABLES, type Table } from './source.ts';

export interface WorldOptions {
  server: TestServer;
  /** What replicas run. */
  program: string;
  random: Random;
  /** A URL of PostgreSQL for the metadata; else they are in a SQLite file. */
  metadata?: string | undefined;
  /** Where the datasets go; else beside the metadata. */
  data?: string | undefined;
  env?: Record<string, string>;
}

/** A metadata database, datasets, a source, and processes of the service over them, which come and go. */
export class World implements AsyncDisposable {
  readonly replicas: Replica[] = [];
  readonly folders: Folders;
  tickId = '';

  private constructor(
    readonly folder: string,
    readonly program: string,
    readonly env: Record<string, string>,
    readonly source: Source,
    readonly db: Db,
    readonly store: Store,
    readonly datasets: DatasetStore,
  ) {
    this.folders = foldersOf(env.DUCKDB_PATH!);
  }

  static async open({ server, program, random, metadata, data, env: more }: WorldOptions): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'chaos-'));
    const env = {
      ...{ PORT: '0', DUCKDB_PATH: join(data ?? folder, 'local.duckdb') },
      METADATA_DB_PATH: metadata ?? join(folder, 'meta.sqlite'),
      SECRET_KEY: 'a-test-key-of-more-than-32-characters',
      ...{ ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password },
      ...{ THREADS: '1', RUN_SCHEDULER: '1', LEASE_SECONDS: '2', JOB_CONCURRENCY: '4' },
      ...{
        JOB_MAX_LOSSES: '1000000',
        JOB_RETRY_SECONDS: '1',
        JOB_MAX_ATTEMPTS: '100',
        CATCH_UP_MAX: '100000',
      },
      ...{ DATASET_GRACE_SECONDS: '30', READY_MIN_DISK_BYTES: '0', METADATA_POOL_SIZE: '3' },
      ...{ QUERY_RATE_PER_SEC: '1000', QUERY_BURST: '1000' },
      ...more,
    };
    const source = await Source.open(server, `s_${crypto.randomUUID().replaceAll('-', '')}`, random);
    await source.change();
    const first = new Replica({ program, env });
    await first.ready();
    const db = await openDatabase(env.METADATA_DB_PATH, { poolSize: 3 });
    const { datasets: path } = foldersOf(env.DUCKDB_PATH);
    const datasets = new DatasetStore(db, (id, file) => join(path, id, file));
    const world = new World(folder, program, env, source, db, createStore(db), datasets);
    world.replicas.push(first);
    await world.#define(first);
    return world;
  }

  /** The datasource, the tasks with a schedule each, and one that starts a run which does nothing, each second. */
  async #define(replica: Replica): Promise<void> {
    await replica.call('POST', '/datasources', {
      ...{ name: 'shop', type: 'postgres', settings: this.source.settings },
    });
    for (const task of this.source.tasks('shop')) {
      await replica.call('POST', '/sync-tasks', task);
      await this.succeeded((await replica.call('POST', `/sync-tasks/${task.name}/run`, {})).id);
      const job = { kind: 'sync', task: task.name };
      // Each second one of them, so that the machine has time for processes that start.
      const cron = `${TABLES.indexOf(task.dataset as Table)}-59/${TABLES.length} * * * * *`;
      await replica.call('POST', '/schedules', { name: task.name, cron, job });
    }
    const tick = { name: 'tick', cron: '* * * * * *', catchUp: 'all', job: { kind: 'work', ms: 0 } };
    this.tickId = (await replica.call('POST', '/schedules', tick)).id;
  }

  /** One more process; `env` changes what all have. */
  spawn(arms?: Arms, env: Record<string, string> = {}): Replica {
    const replica = new Replica({ program: this.program, env: { ...this.env, ...env }, arms });
    this.replicas.push(replica);
    return replica;
  }

  /** A process that answers and runs nothing. */
  spawnReader(): Replica {
    return this.spawn(undefined, { RUN_SCHEDULER: '0' });
  }

  get living(): Replica[] {
    return this.replicas.filter(({ hasEnded }) => !hasEnded);
  }

  /** The process that has the lease. */
  async leader(): Promise<Replica | undefined> {
    const lease = await this.store.leases.get('scheduler');
    return this.living.find(({ pid }) => lease?.holder?.split('-').at(-2) === String(pid));
  }

  /** Waits until a run has ended; throws when it did not succeed. */
  async succeeded(runId: string): Promise<void> {
    await until(async () => {
      const run = await this.store.runs.byId(runId);
      if (run?.endedAt == null) return Bun.sleep(20).then(() => false);
      if (run.state !== 'succeeded')
        throw new Error(`the run of ${run.kind} is ${run.state}: ${JSON.stringify(run.fault)}`);
      return true;
    });
  }

  /** Changes the source until a process has come to a point, and done there what it was told. */
  async bringTo(replica: Replica, arms: Arms): Promise<void> {
    const before = replica.heard('fault').length;
    await replica.order({ arms });
    const isThere = () => replica.heard('fault').length > before;
    await until(async () => {
      if (isThere()) return true;
      await this.source.change();
      await Bun.sleep(50);
      return isThere();
    });
  }

  /** Every task once more, by a process that lives. */
  async syncAll(by: Replica): Promise<void> {
    const runs = await Promise.all(
      TABLES.map((table) => by.call('POST', `/sync-tasks/${table}/run`, {}) as Promise<{ id: string }>),
    );
    for (const { id } of runs) await this.succeeded(id);
  }

  /** Ends all processes in order. */
  async stop(): Promise<void> {
    await Promise.all(this.living.map((replica) => replica.stop()));
  }

  async [Symbol.asyncDispose]() {
    for (const replica of this.living) await replica.kill();
    await this.db.destroy();
    await this.source[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}
