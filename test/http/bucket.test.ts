import { afterEach, beforeEach, expect, test } from 'bun:test';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fault, type S3Server, startS3 } from '../support/s3/s3-server.ts';
import { openService, type TestService } from '../support/service-kit.ts';

/** Two services with a folder each: they share the metadata and the bucket, and nothing else. */
let s3: S3Server;
let one: TestService;
let two: TestService;

const more = { DATASET_GRACE_SECONDS: '0', DATASETS_S3_ATTEMPTS: '3', READY_MIN_DISK_BYTES: '0' };

beforeEach(async () => {
  s3 = startS3();
  one = await openService({ ...s3.env, ...more });
  two = await openService({
    ...{ ...s3.env, ...more },
    METADATA_DB_PATH: join(one.folder, 'meta.sqlite'),
  });
});

afterEach(async () => {
  await two?.[Symbol.asyncDispose]();
  await one?.[Symbol.asyncDispose]();
  await s3?.close();
});

const csv = (...values: number[]) => `v\n${values.join('\n')}\n`;

async function sumAt(service: TestService, dataset = 'sales') {
  const spec = { from: { dataset }, measures: [{ agg: 'sum', field: 'v', as: 's' }] };
  const answer = await service.call('POST', '/api/query/spec', spec);
  return answer.status === 200 ? Number(answer.json.rows[0][0]) : answer.json.code;
}

async function filesAt(service: TestService): Promise<string[]> {
  const root = join(service.folder, 'datasets');
  const names = await readdir(root, { recursive: true });
  return names.filter((name) => name.endsWith('.parquet')).map((name) => join(root, name));
}

const dataKeys = () => [...s3.objects.keys()].filter((key) => key.endsWith('.parquet'));

/** Starts the threads, which takes its time on a busy machine. */
async function warm(): Promise<void> {
  await one.upload('warm', 'a.csv', csv(1));
  for (const service of [one, two]) expect(await sumAt(service, 'warm')).toBe(1);
}

test('what one host loads another serves within a second, and the next generation too', async () => {
  await warm();
  expect((await one.upload('sales', 'a.csv', csv(1, 2, 3))).status).toBe(201);
  let at = performance.now();
  expect(await sumAt(two)).toBe(6);
  expect(performance.now() - at).toBeLessThan(1000);
  expect(await filesAt(two)).toHaveLength(2);

  await one.upload('sales', 'a.csv', csv(10), { replace: 'true' });
  at = performance.now();
  expect(await sumAt(two)).toBe(10);
  expect(performance.now() - at).toBeLessThan(1000);
  expect(await one.metric('bucket_bytes_total{direction="up"}')).toBeGreaterThan(0);
  expect(await two.metric('dataset_cache_fetches_total')).toBe(3);
});

test('a cut or changed file of the cache is fetched anew', async () => {
  await one.upload('sales', 'a.csv', csv(1, 2, 3));
  expect(await sumAt(two)).toBe(6);
  const [file] = await filesAt(two);
  const whole = new Uint8Array(await Bun.file(file!).arrayBuffer());
  const changed = whole.slice();
  changed[10] = changed[10]! ^ 0xff;
  for (const [bytes, times] of [
    [whole.slice(0, -5), 1],
    [changed, 2],
  ] as const) {
    await Bun.write(file!, bytes);
    expect((await two.call('GET', '/api/datasets/sales/preview')).json.rows).toEqual([[1], [2], [3]]);
    expect(await two.metric('dataset_cache_damaged_total')).toBe(times);
    expect(new Uint8Array(await Bun.file(file!).arrayBuffer())).toEqual(whole);
  }
});

test('an object that is not what was put there is a clear error, and nothing of it is kept', async () => {
  await one.upload('sales', 'a.csv', csv(1, 2, 3));
  const [key] = dataKeys();
  const object = s3.objects.get(key!)!;
  const changed = object.bytes.slice();
  changed[10] = changed[10]! ^ 0xff;
  s3.objects.set(key!, { ...object, bytes: changed });
  expect(await sumAt(two)).toBe('bucket.damaged');
  s3.objects.set(key!, { ...object, bytes: object.bytes.slice(0, -1) });
  expect(await sumAt(two)).toBe('bucket.damaged');
  s3.objects.delete(key!);
  expect(await sumAt(two)).toBe('bucket.missing');
  expect(await filesAt(two)).toEqual([]);
  s3.objects.set(key!, object);
  expect(await sumAt(two)).toBe(6);
});

test('while the bucket is away, hosts that have the files go on, and others are told', async () => {
  await one.upload('sales', 'a.csv', csv(1, 2, 3));
  s3.fault = () => fault('SlowDown');
  expect(await sumAt(one)).toBe(6);
  expect(await sumAt(two)).toBe('bucket.unreachable');
  const upload = await one.upload('sales', 'a.csv', csv(9), { replace: 'true' });
  expect([upload.status, upload.json.code]).toEqual([503, 'bucket.unreachable']);
  expect(upload.headers.get('retry-after')).toBe('10');
  s3.fault = () => fault('InvalidAccessKeyId');
  expect(await sumAt(two)).toBe('bucket.refused');
  const ready = await two.call('GET', '/api/readyz');
  expect(ready.status).toBe(200);
  expect(ready.json.checks.bucket).toEqual({
    ok: false,
    detail: 'The bucket does not know the access key',
  });
  s3.fault = () => undefined;
  expect(await sumAt(two)).toBe(6);
});

test('what passes is tried again', async () => {
  let faults = 2;
  s3.fault = ({ operation }) => (operation === 'PUT' && faults-- > 0 ? fault('SlowDown') : undefined);
  expect((await one.upload('sales', 'a.csv', csv(4))).status).toBe(201);
  faults = 2;
  s3.fault = ({ operation }) => (operation === 'GET' && faults-- > 0 ? fault('InternalError') : undefined);
  expect(await sumAt(two)).toBe(4);
  expect(await one.metric('bucket_requests_total{operation="put",outcome="bucket.unreachable"}')).toBe(2);
});

test('a file that the bucket keeps otherwise than it was sent is never published', async () => {
  await one.upload('sales', 'a.csv', csv(1));
  s3.fault = ({ operation, key }) => {
    const object = s3.objects.get(key);
    if (operation === 'HEAD' && object) {
      const bytes = object.bytes.slice();
      bytes[10] = bytes[10]! ^ 0xff;
      s3.objects.set(key, { ...object, bytes, etag: 'another' });
    }
    return undefined;
  };
  const upload = await one.upload('sales', 'a.csv', csv(9), { replace: 'true' });
  expect([upload.status, upload.json.code]).toEqual([503, 'bucket.damaged']);
  expect(await sumAt(one)).toBe(1);
});

test('rows that were kept aside are read on every host', async () => {
  const content = 'v,w\n1,2\n3,4,no\n5,6\n';
  const made = await one.upload('sales', 'a.csv', content, { badRows: 'keepAside' });
  const path = '/api/datasets/sales/generations/1/rejected';
  const text = (await one.call('GET', path)).text;
  expect([made.status, text.includes('no')]).toEqual([201, true]);
  expect((await two.call('GET', path)).text).toBe(text);
});

test('both hosts may load one dataset at once: each gets a number, the later serves everywhere', async () => {
  await one.upload('sales', 'a.csv', csv(1));
  const [a, b] = await Promise.all([
    one.upload('sales', 'a.csv', csv(20), { replace: 'true' }),
    two.upload('sales', 'b.csv', csv(30), { replace: 'true' }),
  ]);
  expect([a.status, b.status]).toEqual([201, 201]);
  expect([a.json.generation, b.json.generation].sort()).toEqual([2, 3]);
  const sums = [await sumAt(one), await sumAt(two)];
  expect(sums[0]).toBe(sums[1]!);
});

test('a cache past its bounds lets the least recently used go, and says where one file does not fit', async () => {
  const bytes = 1500;
  await using small = await openService({
    ...{ ...s3.env, ...more },
    METADATA_DB_PATH: join(one.folder, 'meta.sqlite'),
    DATASETS_CACHE_BYTES: String(bytes),
  });
  for (const [i, name] of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].entries()) {
    await one.upload(name, 'a.csv', csv(i));
    expect(await sumAt(small, name)).toBe(i);
  }
  const sizes = await Promise.all((await filesAt(small)).map(async (path) => (await stat(path)).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(bytes);
  expect(await small.metric('dataset_cache_evictions_total')).toBeGreaterThan(0);
  expect(await sumAt(small, 'a')).toBe(0);

  await one.uploadQuery('big', 'SELECT range AS v, hash(range)::VARCHAR AS h FROM range(2000)');
  expect(await sumAt(small, 'big')).toBe('storage.full');
  expect(await small.metric('limits_hit_total{limit="DATASETS_CACHE_BYTES"}')).toBe(1);
});
