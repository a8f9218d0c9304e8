import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createSharedFiles } from '../../src/compose/bucket.ts';
import type { Parts } from '../../src/compose/parts.ts';
import { readConfig } from '../../src/config.ts';
import { foldersOf } from '../../src/lake/folders.ts';
import { openDatabase } from '../../src/store/database.ts';
import { DatasetStore } from '../../src/store/datasets.ts';
import { createStore } from '../../src/store/store.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { PROGRAM_ENV, startServe } from '../support/program.ts';
import { fault, type S3Server, startS3 } from '../support/s3/s3-server.ts';
import { ADMIN, openService, type TestService } from '../support/service-kit.ts';

let s3: S3Server;
let service: TestService;

beforeEach(async () => {
  s3 = startS3();
  service = await openService({ ...s3.env, DATASET_GRACE_SECONDS: '0' });
});

afterEach(async () => {
  await service?.[Symbol.asyncDispose]();
  await s3?.close();
});

/** The shared files of one more host on the service's metadata, so many milliseconds later. */
async function openHost(laterMs = 0, env: Record<string, string> = {}) {
  const config = readConfig({
    ...{ ...s3.env, DUCKDB_PATH: join(service.folder, 'other', 'local.duckdb'), DATASET_GRACE_SECONDS: '0' },
    ...{ SECRET_KEY: 'a-test-key-of-more-than-32-characters', ...env },
  });
  const folders = foldersOf(config.DUCKDB_PATH, true);
  await mkdir(join(folders.datasets, 'dst_x'), { recursive: true });
  const clock = { now: () => Date.now() + laterMs };
  const parts = { config, folders, clock, metrics: createMetrics(), log: silentLog };
  const db = await openDatabase(join(service.folder, 'meta.sqlite'));
  const datasets = new DatasetStore(db, (id, file) => join(folders.datasets, id, file));
  const files = createSharedFiles(parts as unknown as Parts, db, createStore(db), datasets)!;
  return {
    ...{ files, folders },
    async [Symbol.asyncDispose]() {
      files.close();
      await db.destroy();
    },
  };
}

const DAY_MS = 86_400_000;
const dataKeys = () => [...s3.objects.keys()].filter((key) => key.endsWith('.parquet'));
const valueOfSales = async () => (await service.call('GET', '/api/datasets/sales/preview')).json.rows[0][0];

const startChild = () =>
  startServe(
    {
      ...{ ...PROGRAM_ENV, THREADS: '1', ...s3.env },
      DUCKDB_PATH: join(service.folder, 'child', 'local.duckdb'),
      METADATA_DB_PATH: join(service.folder, 'meta.sqlite'),
      SECRET_KEY: 'a-test-key-of-more-than-32-characters',
    },
    { cwd: service.folder },
  );

test('killed between the upload and the pointer, a host leaves the generation before, and an orphan that is collected', async () => {
  await service.upload('sales', 'a.csv', 'v\n1\n');
  const { child, url } = await startChild();
  const login = await fetch(`${url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN),
  });
  const { token } = (await login.json()) as { token: string };
  const arrived = Promise.withResolvers<void>();
  s3.fault = ({ operation }) => {
    if (operation !== 'HEAD') return undefined;
    arrived.resolve();
    return new Promise(() => undefined);
  };
  const form = new FormData();
  form.append('file', new File(['v\n2\n'], 'a.csv'));
  form.append('name', 'sales');
  form.append('replace', 'true');
  const headers = { authorization: `Bearer ${token}` };
  const sent = fetch(`${url}/api/datasets`, { method: 'POST', headers, body: form }).catch(() => undefined);
  await arrived.promise;
  child.kill('SIGKILL');
  await child.exited;
  await sent;
  s3.fault = () => undefined;

  expect(dataKeys()).toHaveLength(2);
  expect(await valueOfSales()).toBe(1);
  {
    await using early = await openHost();
    expect(await early.files.collectOrphans()).toEqual({ orphans: 0 });
  }
  await using late = await openHost(DAY_MS + 60_000);
  s3.objects.set('nobody/1-1.parquet', [...s3.objects.values()][0]!);
  expect(await late.files.collectOrphans()).toEqual({ orphans: 2 });
  expect(dataKeys()).toHaveLength(1);
  expect(await valueOfSales()).toBe(1);
});

test('objects of a deleted dataset go after the grace time', async () => {
  await service.upload('sales', 'a.csv', 'v\n1\n');
  expect((await service.call('DELETE', '/api/datasets/sales')).status).toBeLessThan(300);
  await using host = await openHost(1000);
  await host.files.collect();
  expect(dataKeys()).toEqual([]);
});

test("a prefix that is another installation's is told of, and nothing of it is collected", async () => {
  await using host = await openHost(2 * DAY_MS);
  s3.objects.set('dst_other/1-1.parquet', { bytes: new Uint8Array(3), etag: 'x', at: new Date(0) });
  s3.objects.set('installation', {
    bytes: new Uint8Array(Buffer.from('ins_other')),
    etag: 'x',
    at: new Date(),
  });
  expect(await host.files.probe()).toContain('another installation');
  await expect(host.files.collectOrphans()).rejects.toMatchObject({ code: 'bucket.refused' });
  expect(s3.objects.has('dst_other/1-1.parquet')).toBe(true);
});

test('a large file goes up in parts, each again where it failed, and comes back the same', async () => {
  await using host = await openHost(0, { DATASETS_S3_PART_BYTES: '5MiB', READY_MIN_DISK_BYTES: '0' });
  const bytes = new Uint8Array(12 * 2 ** 20);
  for (let at = 0; at < bytes.length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
  const path = join(host.folders.datasets, 'dst_x', '1-1-a.parquet');
  await Bun.write(path, bytes);
  let faults = 1;
  s3.fault = ({ operation }) => (operation === 'part' && faults-- > 0 ? fault('InternalError') : undefined);
  const { signal } = new AbortController();
  await host.files.share('dst_x', ['1-1-a.parquet'], signal);
  expect(s3.objects.get('dst_x/1-1-a.parquet')!.etag).toEndWith('-3');
  expect(s3.uploads.size).toBe(0);
  await Bun.write(path, bytes.subarray(0, 100));
  const release = await host.files.hold([path], signal);
  release();
  expect(Bun.hash(await Bun.file(path).arrayBuffer())).toBe(Bun.hash(bytes));
});
