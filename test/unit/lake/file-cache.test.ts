import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileCache, type FileCacheDeps } from '../../../src/lake/bucket/file-cache.ts';
import { foldersOf, makeFolders } from '../../../src/lake/folders.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-cache-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const PATHS = ['d/a.parquet', 'd/b.parquet', 'd/c.parquet'];
const OLD_S = 1_700_000_000;
const fullPath = (path: string) => join(folder, 'datasets', path);
const here = async () => (await readdir(fullPath('d'))).map((name) => `d/${name}`).sort();

/** A cache with room for one of three files, the last of which was used last. */
async function openCache(inBucket: FileCacheDeps['inBucket']): Promise<FileCache> {
  const folders = foldersOf(join(folder, 'local.duckdb'), true);
  await makeFolders(folders);
  for (const [i, path] of PATHS.entries()) {
    await Bun.write(fullPath(path), 'x'.repeat(100));
    await utimes(fullPath(path), OLD_S + i, OLD_S);
  }
  return new FileCache({
    ...{ folders, metrics: createMetrics(), log: silentLog, inBucket },
    ...{ maxBytes: 150, minFreeBytes: 0, idleMs: 60_000 },
    bucket: { get: () => Promise.reject(new Error('nothing is to be fetched')) },
  });
}

test('the least recently used go, and none that the bucket lacks', async () => {
  const all = await openCache(async () => new Set(PATHS));
  expect(await all.shrink()).toBe(100);
  expect(await here()).toEqual(['d/c.parquet']);
  const some = await openCache(async () => new Set(['d/b.parquet']));
  expect(await some.shrink()).toBe(200);
  expect(await here()).toEqual(['d/a.parquet', 'd/c.parquet']);
});

test('a file that another process comes to use after the look stays', async () => {
  const cache = await openCache(async () => {
    await utimes(fullPath('d/a.parquet'), Date.now() / 1000, OLD_S);
    return new Set(PATHS);
  });
  await cache.shrink();
  expect(await here()).toEqual(['d/a.parquet']);
});

test('a file that this process comes to hold after the look stays', async () => {
  const [path] = PATHS as [string];
  const sha256 = new Bun.CryptoHasher('sha256').update('x'.repeat(100)).digest('hex');
  const cache: FileCache = await openCache(async () => {
    await cache.hold([{ path, bytes: 100, sha256 }], new AbortController().signal);
    await utimes(fullPath(path), OLD_S, OLD_S);
    return new Set(PATHS);
  });
  await cache.shrink();
  expect(await here()).toEqual([path]);
});
