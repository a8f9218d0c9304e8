import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type MetadataServer, startMetadataServer } from '../support/metadata-stores.ts';
import { type S3Server, startS3 } from '../support/s3/s3-server.ts';
import { openService, type TestService, until } from '../support/service-kit.ts';

/** Two services with a folder each; metadata on a PostgreSQL server, which is the source of a sync task too. */
let s3: S3Server;
let meta: MetadataServer;
let one: TestService;
let two: TestService;

const COMPACT_FILES = 4;

beforeAll(async () => {
  s3 = startS3();
  meta = await startMetadataServer();
  const env = {
    ...{ ...s3.env, METADATA_DB_PATH: meta.url('hosts'), READY_MIN_DISK_BYTES: '0' },
    ...{ DATASET_GRACE_SECONDS: '0', COMPACT_FILES: String(COMPACT_FILES) },
  };
  one = await openService({ ...env, RUN_SCHEDULER: '1' });
  two = await openService(env);
  const { host, port, user, password, database } = meta.server;
  meta.server.admin(`create table orders (id integer primary key, at integer not null, v integer);
    insert into orders select i, i, 1 from generate_series(1, 10) i`);
  await one.call('POST', '/api/datasources', {
    ...{ name: 'shop', type: 'postgres', settings: { host, port, user, password, database } },
  });
  const made = await one.call('POST', '/api/sync-tasks', {
    ...{ name: 'orders', dataset: 'orders', mode: 'incremental', primaryKey: ['id'] },
    ...{ source: { kind: 'table', datasource: 'shop', table: 'orders' }, cursor: { column: 'at' } },
  });
  expect(made.status).toBe(201);
}, 60_000);
afterAll(async () => {
  await two?.[Symbol.asyncDispose]();
  await one?.[Symbol.asyncDispose]();
  await meta?.[Symbol.asyncDispose]();
  await s3?.close();
}, 60_000);

/** Runs the task; gives the objects of data that went to the bucket meanwhile. */
async function sync(): Promise<string[]> {
  const before = s3.seen.length;
  const { json } = await one.call('POST', '/api/sync-tasks/orders/run');
  const run = async () => (await one.call('GET', `/api/runs/${json.id}`)).json;
  await until(async () => (await run()).endedAt !== null);
  expect((await run()).state).toBe('succeeded');
  return sent(before);
}

const sent = (since: number) =>
  s3.seen
    .slice(since)
    .filter(({ operation, key }) => operation === 'PUT' && key.endsWith('.parquet'))
    .map(({ key }) => key);

async function sumAt(service: TestService): Promise<number> {
  const spec = { from: { dataset: 'orders' }, measures: [{ agg: 'sum', field: 'v', as: 's' }] };
  const { json } = await service.call('POST', '/api/query/spec', spec);
  return Number(json.rows?.[0][0]);
}

/** Of the present generation, as keys of the bucket. */
function listed(): string[] {
  const [row] = meta.look(
    'select d.id, g.files from datasets d join generations g on g.dataset_id = d.id and g.generation = d.current_generation',
    'hosts',
  );
  const [id, files] = row!.split('|') as [string, string];
  return (JSON.parse(files) as string[]).map((name) => `${id}/${name}`);
}

async function servedSoon(sum: number): Promise<void> {
  const at = performance.now();
  expect(await sumAt(two)).toBe(sum);
  expect(performance.now() - at).toBeLessThan(5000);
  expect(await sumAt(one)).toBe(sum);
}

test('increments send new files alone, and each generation is served by the other host', async () => {
  const first = await sync();
  expect(first).toEqual(listed());
  // The first query of a service starts its threads, which takes its time on a busy machine.
  for (const service of [one, two]) expect(await sumAt(service)).toBe(10);

  meta.server.admin('insert into orders values (11, 11, 5)');
  const second = await sync();
  expect(second).toHaveLength(1);
  expect(listed()).toEqual([...first, ...second]);
  await servedSoon(15);
  expect(await two.metric('dataset_cache_fetches_total')).toBe(2);

  expect(await sync()).toEqual([]);
}, 60_000);

test('a changed row rewrites its file alone', async () => {
  const [first, second] = listed() as [string, string];
  meta.server.admin('update orders set at = 12, v = 100 where id = 11');
  const puts = await sync();
  const after = listed();
  expect(after).toContain(first);
  expect(after).not.toContain(second);
  expect(puts.sort()).toEqual(after.filter((key) => key !== first).sort());
  await servedSoon(110);
}, 60_000);

test('files that a compaction made are sent and served, and the increment after it too', async () => {
  for (let id = 20; listed().length < COMPACT_FILES - 1; id++) {
    meta.server.admin(`insert into orders values (${id}, ${id}, 1)`);
    await sync();
  }
  const sum = await sumAt(one);
  const before = listed();
  const since = s3.seen.length;
  meta.server.admin('insert into orders values (50, 50, 7)');
  const [added] = await sync();
  await until(() => listed().length === 1);
  const [merged] = listed() as [string];
  expect(sent(since)).toEqual([added!, merged]);
  expect(before).not.toContain(merged);
  await servedSoon(sum + 7);
  expect(existsSync(join(two.folder, 'datasets', merged))).toBe(true);

  meta.server.admin('insert into orders values (51, 51, 2)');
  const puts = await sync();
  expect(listed()).toEqual([merged, ...puts]);
  await servedSoon(sum + 9);
}, 60_000);

test('a backup is refused with words for a bucket', async () => {
  const { json } = await one.call('POST', '/api/admin/backup', {});
  expect(json.code).toBe('backup.unsupported');
  expect(json.detail).toContain('pg_dump, and keep versions of the objects in the bucket');
});
