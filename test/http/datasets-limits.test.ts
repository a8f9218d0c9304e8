import { describe, expect, test } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { SYSTEM } from '../../src/domain/audit.ts';
import type { IngestRunner } from '../../src/lake/jobs.ts';
import { ADMIN } from './core-kit.ts';
import { type Lake, startLake } from './datasets-kit.ts';

const uploadsOf = (lake: Lake) => readdir(lake.folders.uploads);

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await Bun.sleep(5);
}

/** An upload whose body is sent bit by bit. */
function slowUpload(lake: Lake, name: string) {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start(made) {
      controller = made;
    },
  });
  const abort = new AbortController();
  const answer = fetch(`${lake.url}/api/datasets?name=${name}`, {
    method: 'POST',
    headers: { ...ADMIN, 'content-type': 'text/csv' },
    body,
    signal: abort.signal,
  });
  return {
    answer,
    send: (text: string) => controller.enqueue(new TextEncoder().encode(text)),
    end: () => controller.close(),
    abort: () => abort.abort(),
  };
}

describe('limits', () => {
  test('a file past UPLOAD_MAX_BYTES is refused, counted, and leaves nothing', async () => {
    await using lake = await startLake({ env: { UPLOAD_MAX_BYTES: '10000' } });
    const big = `a\n${'1\n'.repeat(6000)}`;
    const refused = await lake.upload({ name: 'big' }, big);
    expect(refused.body).toMatchObject({ code: 'request.tooLarge', limit: 'UPLOAD_MAX_BYTES' });
    expect(refused.status).toBe(413);
    expect(await uploadsOf(lake)).toEqual([]);
    expect(await lake.metrics.registry.metrics()).toContain('limits_hit_total{limit="UPLOAD_MAX_BYTES"} 1');
    const declared = await lake.upload({ name: 'bigger' }, 'x'.repeat(2 << 20));
    expect(declared.body.code).toBe('request.tooLarge');
    expect((await lake.upload({ name: 'small' }, 'a\n1\n')).status).toBe(201);
  });

  test('more uploads at once than UPLOAD_CONCURRENCY are put off', async () => {
    await using lake = await startLake({ env: { UPLOAD_CONCURRENCY: '1' } });
    const first = slowUpload(lake, 'first');
    first.send('a\n1\n');
    await until(async () => (await uploadsOf(lake)).length === 1);
    const second = await lake.upload({ name: 'second' }, 'a\n1\n');
    expect(second.body).toMatchObject({ code: 'overloaded', limit: 'UPLOAD_CONCURRENCY' });
    first.end();
    expect((await first.answer).status).toBe(201);
    expect((await lake.upload({ name: 'second' }, 'a\n1\n')).status).toBe(201);
  });

  test('a client that goes, or stands still, leaves nothing and frees its slot', async () => {
    await using lake = await startLake({ env: { UPLOAD_CONCURRENCY: '1' }, stallMs: 150 });
    const gone = slowUpload(lake, 'gone');
    gone.send('a\n1\n');
    await until(async () => (await uploadsOf(lake)).length === 1);
    gone.abort();
    await gone.answer.catch(() => undefined);
    await until(async () => (await uploadsOf(lake)).length === 0);
    const still = slowUpload(lake, 'still');
    still.send('a\n1\n');
    await until(async () => (await uploadsOf(lake)).length === 1);
    await until(async () => (await uploadsOf(lake)).length === 0);
    await still.answer.catch(() => undefined);
    still.abort();
    expect((await lake.upload({ name: 'next' }, 'a\n1\n')).status).toBe(201);
  });

  test('a client that is never silent but too slow is cut and frees its slot; where any pace will do, it may go on', async () => {
    const env = { UPLOAD_CONCURRENCY: '1', UPLOAD_MIN_BYTES_PER_SECOND: '1000' };
    await using lake = await startLake({ env, stallMs: 1000 });
    await using patient = await startLake({
      env: { ...env, UPLOAD_MIN_BYTES_PER_SECOND: '0' },
      stallMs: 1000,
    });
    const [slow, taken] = [slowUpload(lake, 'slow'), slowUpload(patient, 'slow')];
    slow.send('a\n');
    taken.send('a\n');
    const uploads = new Set([slow, taken]);
    const dribble = setInterval(() => {
      for (const { send } of uploads) send('1\n');
    }, 50);
    const cut = await slow.answer.finally(() => uploads.delete(slow));
    expect(await cut.json()).toMatchObject({
      code: 'request.tooSlow',
      limit: 'UPLOAD_MIN_BYTES_PER_SECOND',
    });
    expect(cut.status).toBe(408);
    expect(await uploadsOf(lake)).toEqual([]);
    expect(await lake.metrics.registry.metrics()).toContain(
      'limits_hit_total{limit="UPLOAD_MIN_BYTES_PER_SECOND"} 1',
    );
    expect((await lake.upload({ name: 'next' }, 'a\n1\n')).status).toBe(201);
    clearInterval(dribble);
    taken.end();
    expect((await taken.answer).status).toBe(201);
  });
});

test('a client that goes while its file is loaded ends the statement, and nothing is published', async () => {
  const seen = { started: false, ended: false, loaded: false };
  await using lake = await startLake({
    ingest: (runner) =>
      ({
        async run(job, options) {
          seen.started ||= job.kind === 'load';
          try {
            const result = await runner.run(job, options);
            seen.loaded ||= job.kind === 'load';
            return result;
          } finally {
            seen.ended ||= job.kind === 'load';
          }
        },
      }) as IngestRunner,
  });
  const abort = new AbortController();
  const rows = `${'12.50,abc,2024-01-01,7\n'.repeat(1000)}`.repeat(2000);
  const answer = fetch(`${lake.url}/api/datasets?name=gone`, {
    method: 'POST',
    headers: { ...ADMIN, 'content-type': 'text/csv' },
    body: `a,b,c,d\n${rows}`,
    signal: abort.signal,
  });
  await until(() => seen.started);
  abort.abort();
  await answer.catch(() => undefined);
  await until(() => seen.ended);
  expect(seen.loaded).toBe(false);
  await until(async () => (await uploadsOf(lake)).length === 0);
  expect((await lake.call('GET', '/datasets')).body.items).toEqual([]);
  expect((await lake.upload({ name: 'gone' }, 'a\n1\n')).status).toBe(201);
  expect(await lake.metrics.registry.metrics()).toContain('outcome="cancelled"} 1');
}, 30_000);

describe('at once', () => {
  test('uploads to one dataset each get a number, and the last number serves', async () => {
    await using lake = await startLake({ env: { UPLOAD_CONCURRENCY: '8', DATASET_KEEP_GENERATIONS: '50' } });
    await lake.upload({ name: 'd' }, 'v\n0\n');
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        lake.upload({}, `v\n${i + 1}\n`, 'd.csv', '/datasets/d/generations'),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    const numbers = answers.map(({ body }) => body.generation).sort((a, b) => a - b);
    expect(numbers).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    const last = answers.findIndex(({ body }) => body.generation === 9);
    expect((await lake.call('GET', '/datasets/d')).body.generation).toBe(9);
    expect(await lake.rowsOf('d')).toEqual([[last + 1]]);
  });

  test('of two new datasets with one name, one is made', async () => {
    await using lake = await startLake();
    const answers = await Promise.all([
      lake.upload({ name: 'n' }, 'v\n1\n'),
      lake.upload({ name: 'n' }, 'v\n2\n'),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(await lake.datasets.collect()).toBe(0);
    expect(await readdir(lake.folders.datasets)).toHaveLength(1);
  });

  test('a dataset may be deleted while it is read', async () => {
    await using lake = await startLake({ env: { DATASET_GRACE_SECONDS: '3600' } });
    await lake.datasets.ensureDemo(SYSTEM, 200_000);
    const reads = Array.from({ length: 4 }, () => lake.call('GET', '/datasets/orders/profile'));
    expect((await lake.call('DELETE', '/datasets/orders')).status).toBe(204);
    await lake.datasets.collect();
    for (const { status } of await Promise.all(reads)) expect([200, 404]).toContain(status);
    expect((await readdir(lake.folders.datasets)).length).toBe(1);
  }, 30_000);
});

describe('housekeeping', () => {
  test('old generations go, their files after the grace time, and the current one never', async () => {
    await using lake = await startLake({
      env: { DATASET_KEEP_GENERATIONS: '2', DATASET_GRACE_SECONDS: '0' },
    });
    const { body } = await lake.upload({ name: 'd' }, 'v\n1\n');
    for (let i = 2; i <= 5; i++) await lake.upload({ name: 'd', replace: 'true' }, `v\n${i}\n`);
    await lake.json('POST', '/datasets/d/rollback', { generation: 1 });
    await lake.datasets.collect();
    const folder = join(lake.folders.datasets, body.id);
    expect((await readdir(folder)).sort()).toEqual([
      '1-1.parquet',
      '1-original',
      '4-1.parquet',
      '4-original',
      '5-1.parquet',
      '5-original',
    ]);
    expect(await lake.rowsOf('d')).toEqual([[1]]);
    await lake.call('DELETE', '/datasets/d');
    await lake.datasets.collect();
    expect(await readdir(lake.folders.datasets)).toEqual([]);
  });

  test('the file of views shows the current generations, by name', async () => {
    await using lake = await startLake();
    await lake.upload({ name: 'my "data"' }, 'v\n1\n2\n');
    await lake.upload({ name: 'my "data"', replace: 'true' }, 'v\n5\n');
    await lake.upload({ name: 'MY "DATA"' }, 'v\n7\n');
    await lake.datasets.views.settled();
    const instance = await DuckDBInstance.create(lake.folders.viewsFile, { access_mode: 'READ_ONLY' });
    const connection = await instance.connect();
    const found = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();
    expect(await found('SELECT v FROM "MY ""DATA"""')).toEqual([['7']]);
    expect(await found('SELECT v FROM "my ""data""_2"')).toEqual([['5']]);
    connection.closeSync();
    instance.closeSync();
  });
});

describe('demo data', () => {
  test('is the same each time, and made once', async () => {
    await using lake = await startLake();
    expect(await lake.datasets.ensureDemo(SYSTEM)).toBe(true);
    expect(await lake.datasets.ensureDemo(SYSTEM)).toBe(false);
    const { body } = await lake.call('GET', '/datasets/orders');
    expect(body.rowCount).toBe(1_000_000);
    const { body: seen } = await lake.call('GET', '/datasets/orders/preview?limit=2');
    expect(seen.rows).toMatchInlineSnapshot(`
      [
        [
          1,
          "2023-01-01T00:00:31",
          "North America",
          "United States",
          "web",
          "Electronics",
          "Laptop",
          "shipped",
          33700,
          4,
          "1364.56",
          null,
        ],
        [
          2,
          "2023-01-01T00:02:07",
          "Middle East",
          "United Arab Emirates",
          "web",
          "Kitchen",
          "Kettle",
          "returned",
          3697,
          4,
          "249.48",
          null,
        ],
      ]
    `);
    const { body: profile } = await lake.call('GET', '/datasets/orders/profile');
    const named = Object.fromEntries(
      profile.columns.map((column: { name: string }) => [column.name, column]),
    );
    expect(named.order_id).toMatchObject({ distinct: 1_000_000, nulls: 0 });
    expect(named.ordered_at.min >= '2023-01-01' && named.ordered_at.max < '2026-01-02').toBe(true);
    expect(named.discount.nulls).toBeGreaterThan(500_000);
    expect(named.region.distinct).toBe(4);
  }, 60_000);
});
