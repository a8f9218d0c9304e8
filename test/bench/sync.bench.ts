import { Database } from 'bun:sqlite';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startMariadb } from '../support/mariadb-server.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { type ServiceProcess, startService } from './service-process.ts';
import { inTurn, median, quantile, rounded, timed } from './statistics.ts';

interface Copying {
  rows: number;
  /** The engine's own client, to nothing. */
  clientMs: number;
  /** A run that makes a generation, from its start to its end. */
  syncMs: number;
  /** How fast it is, of the client's speed. */
  ratio: number;
}

/** How the dataset stands after so many increments. */
interface Mark {
  increments: number;
  files: number;
  /** Time of a query, of that over a dataset with the same rows that was read at once. */
  readRatio: number;
}

interface Increments {
  rows: number;
  added: number;
  /** From the start of a run to its end. */
  p50Ms: number;
  p95Ms: number;
  /** Of the bytes that were there before the first increment, those in files that are still there after the last. */
  keptShare: number;
  marks: Mark[];
}

/** A pivot over one dataset while another is read from a database, of its time alone. */
interface Beside {
  pivots: number;
  p50Ratio: number;
  p99Ratio: number;
}

export interface SyncBenchResult {
  postgres: Copying;
  mysql: Copying;
  increments: Increments;
  beside: Beside;
  memory: { peakBytes: number };
}

const COLUMNS = `'region ' || (i * 7 % 12) AS region, 'product ' || (i * 31 % 500) AS product, (i * 13 % 50000)::bigint AS customer,
  DATE '2023-01-01' + (i * 7 % 1096)::integer AS ordered_on, i AS id, timestamptz '2024-01-01' + i * interval '1 second' AS at,
  (1 + i * 5 % 20)::bigint AS quantity, ((i * 11 % 1000000) / 100.0)::numeric(18, 2) AS amount`;

/** Narrow, so that many rows fit. */
const NARROW = '(i % 12)::smallint AS region, i AS id, (i % 1000)::integer AS amount';

const MARIADB = `CREATE TABLE orders AS SELECT concat('region ', seq * 7 % 12) AS region, concat('product ', seq * 31 % 500) AS product,
  seq * 13 % 50000 AS customer, DATE '2023-01-01' + INTERVAL (seq * 7 % 1096) DAY AS ordered_on, seq AS id,
  CAST('2024-01-01' AS DATETIME(0)) + INTERVAL seq SECOND AS at, 1 + seq * 5 % 20 AS quantity,
  CAST((seq * 11 % 1000000) / 100 AS DECIMAL(18, 2)) AS amount FROM seq_1_to_$ROWS`;

async function ask(service: ServiceProcess, method: string, path: string, body?: unknown) {
  const answer = await fetch(`${service.url}/api${path}`, {
    method,
    headers: service.headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  return (await answer.json()) as any;
}

/** Runs a task; gives the milliseconds from its start to its end. */
async function sync(service: ServiceProcess, task: string): Promise<number> {
  const { id } = await ask(service, 'POST', `/sync-tasks/${task}/run`, {});
  for (;;) {
    const run = await ask(service, 'GET', `/runs/${id}`);
    if (run.state === 'succeeded') return Date.parse(run.endedAt) - Date.parse(run.startedAt);
    if (run.state === 'failed') throw new Error(JSON.stringify(run.fault));
    await Bun.sleep(10);
  }
}

async function addDatasource(
  service: ServiceProcess,
  name: string,
  type: string,
  server: TestServer,
): Promise<void> {
  const { host, port, user, password, database } = server;
  await ask(service, 'POST', '/datasources', {
    name,
    type,
    settings: { host, port, user, password, database },
  });
}

function psqlOf(server: TestServer): { cmd: string[]; env: Record<string, string> } {
  const root = '/usr/lib/postgresql';
  const [version] = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  const { host, port, user, password, database } = server;
  const cmd = [join(root, version!, 'bin/psql'), '-X', '-q', '-h', host, '-p', String(port), '-U', user];
  return { cmd: [...cmd, '-d', database, '-c', 'COPY orders TO STDOUT'], env: { PGPASSWORD: password } };
}

function mariadbOf({ host, port, user, password, database }: TestServer) {
  const cmd = ['mariadb', '--no-defaults', '-h', host, '-P', String(port), '-u', user, '--quick', '--batch'];
  return { cmd: [...cmd, database, '-e', 'SELECT * FROM orders'], env: { MYSQL_PWD: password } };
}

async function copying(
  service: ServiceProcess,
  datasource: string,
  rows: number,
  rounds: number,
  { cmd, env }: { cmd: string[]; env: Record<string, string> },
): Promise<Copying> {
  const source = { kind: 'table', datasource, table: 'orders' };
  await ask(service, 'POST', '/sync-tasks', {
    name: datasource,
    source,
    dataset: datasource,
    mode: 'snapshot',
  });
  const spent: number[] = [];
  const times = await inTurn(rounds, {
    async client() {
      const child = Bun.spawn(cmd, {
        env: { PATH: process.env.PATH ?? '', ...env },
        stdout: Bun.file('/dev/null'),
      });
      if ((await child.exited) !== 0) throw new Error('the client failed');
    },
    sync: async () => spent.push(await sync(service, datasource)),
  });
  const [clientMs, syncMs] = [median(times.client!), median(spent.slice(1))];
  return { rows, clientMs: rounded(clientMs), syncMs: rounded(syncMs), ratio: rounded(clientMs / syncMs) };
}

/** Names and sizes of the files of a dataset's current generation. */
async function filesOf(service: ServiceProcess, dataset: string): Promise<Map<string, number>> {
  const { id } = await ask(service, 'GET', `/datasets/${dataset}`);
  using db = new Database(join(service.folder, 'meta.sqlite'), { readonly: true });
  const row = db
    .query<{ files: string }, [string]>(
      'SELECT g.files FROM generations g JOIN datasets d ON d.id = g.dataset_id AND d.current_generation = g.generation WHERE d.id = ?',
    )
    .get(id);
  const names = JSON.parse(row!.files) as string[];
  return new Map(names.map((name) => [name, statSync(join(service.folder, 'datasets', id, name)).size]));
}

async function untilMerged(service: ServiceProcess): Promise<void> {
  for (;;) {
    const { items } = await ask(service, 'GET', '/runs?kind=compact&limit=20');
    if (items.every(({ endedAt }: { endedAt: string | null }) => endedAt !== null)) return;
    await Bun.sleep(20);
  }
}

/** Another filter each time, so that no answer comes from the cache. */
let asked = 0;
const read = (service: ServiceProcess, dataset: string) => () =>
  ask(service, 'POST', '/query/spec', {
    ...{ from: { dataset }, dimensions: ['region'], measures: [{ agg: 'sum', field: 'amount' }] },
    where: { field: 'id', op: 'gt', value: -++asked },
  });

async function pivotTimes(service: ServiceProcess, isOver: (count: number) => boolean): Promise<number[]> {
  const times: number[] = [];
  while (!isOver(times.length))
    times.push(
      await timed(() =>
        ask(service, 'POST', '/query/pivot', {
          ...{ from: { dataset: 'postgres' }, rows: ['region'], columns: [] },
          measures: [{ agg: 'sum', field: 'amount', as: 'revenue' }],
          where: { field: 'id', op: 'gt', value: -++asked },
        }),
      ),
    );
  return times;
}

/**
 * A thousand rows at a time into a large dataset, beside one with the same rows that stays as it is. The source is a view that has only the
 * newest rows once the large load is done.
 */
async function increments(
  service: ServiceProcess,
  server: TestServer,
  rows: number,
  runs: number,
): Promise<Pick<SyncBenchResult, 'increments' | 'beside'>> {
  const view = (from: number, to: number) =>
    server.admin(
      `CREATE OR REPLACE VIEW big AS SELECT ${NARROW} FROM generate_series(${from}, ${to}) AS t (i)`,
    );
  view(1, rows);
  const source = { kind: 'table', datasource: 'postgres', table: 'big' };
  const base = { mode: 'incremental', cursor: { column: 'id' }, keep: 2, source };
  await ask(service, 'POST', '/sync-tasks', { ...base, name: 'big', dataset: 'big' });
  await ask(service, 'POST', '/sync-tasks', { ...base, name: 'still', dataset: 'still' });
  const aloneMs = await pivotTimes(service, (count) => count >= 200);
  let isRead = false;
  const reading = sync(service, 'big').finally(() => {
    isRead = true;
  });
  const besideMs = await pivotTimes(service, () => isRead);
  await reading;
  const ratioAt = (q: number) => rounded(quantile(besideMs, q) / quantile(aloneMs, q));
  const beside = { pivots: besideMs.length, p50Ratio: ratioAt(0.5), p99Ratio: ratioAt(0.99) };
  await sync(service, 'still');
  await untilMerged(service);
  const before = await filesOf(service, 'big');
  const times: number[] = [];
  const marks: Mark[] = [];
  const added = 1000;
  for (let run = 1; run <= runs; run++) {
    view(rows + (run - 1) * added, rows + run * added);
    times.push(await sync(service, 'big'));
    if (![10, 100, runs].includes(run)) continue;
    const { length } = [...(await filesOf(service, 'big'))];
    const spent = await inTurn(9, { grown: read(service, 'big'), still: read(service, 'still') });
    const readRatio = rounded(median(spent.grown!) / median(spent.still!));
    marks.push({ increments: run, files: length, readRatio });
  }
  const { rowCount } = await ask(service, 'GET', '/datasets/big');
  if (rowCount !== rows + runs * added) throw new Error(`${rowCount} rows`);
  const after = await filesOf(service, 'big');
  const sum = (sizes: Iterable<number>) => [...sizes].reduce((total, size) => total + size, 0);
  const kept = [...before].filter(([name]) => after.has(name)).map(([, size]) => size);
  const [p50Ms, p95Ms] = [rounded(quantile(times, 0.5)), rounded(quantile(times, 0.95))];
  const keptShare = rounded(sum(kept) / sum(before.values()), 3);
  return { beside, increments: { rows, added, p50Ms, p95Ms, keptShare, marks } };
}

/** Databases into datasets, against the databases' own clients; increments into a large dataset, and what many of them leave. */
export async function benchSync(
  command: string[] | undefined,
  { rows, large, runs, rounds }: { rows: number; large: number; runs: number; rounds: number },
): Promise<SyncBenchResult> {
  await using service = await startService(command, {
    ...{ DATASET_GRACE_SECONDS: '0', RUN_SCHEDULER: '1', DUCKDB_MEMORY_LIMIT: '2GB' },
  });
  await using postgres = await startPostgres();
  postgres.admin(`CREATE TABLE orders AS SELECT ${COLUMNS} FROM generate_series(1, ${rows}) AS t (i)`);
  postgres.admin('VACUUM ANALYZE orders');
  await addDatasource(service, 'postgres', 'postgres', postgres);
  const ofPostgres = await copying(service, 'postgres', rows, rounds, psqlOf(postgres));
  const grown = await increments(service, postgres, large, runs);
  await using mariadb = await startMariadb();
  mariadb.admin(MARIADB.replace('$ROWS', String(rows)));
  await addDatasource(service, 'mysql', 'mysql', mariadb);
  const ofMysql = await copying(service, 'mysql', rows, rounds, mariadbOf(mariadb));
  const status = await Bun.file(`/proc/${service.pid}/status`).text();
  const peakBytes = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  return { postgres: ofPostgres, mysql: ofMysql, ...grown, memory: { peakBytes } };
}
