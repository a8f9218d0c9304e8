import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLake } from './datasets-kit.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'crash-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** Starts a process that uploads, and kills it when it has said `word` so many times. */
async function killAt(word: string, times: number, stopAt: string, from: number): Promise<void> {
  const child = Bun.spawn({
    cmd: [process.execPath, join(import.meta.dir, 'datasets-crash-child.ts'), home, stopAt, String(from)],
    stdout: 'pipe',
    stderr: 'inherit',
  });
  let said = '';
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    said += decoder.decode(chunk);
    if (said.split('\n').filter((line) => line === word).length >= times) break;
  }
  child.kill('SIGKILL');
  await child.exited;
}

/** One whole generation serves, and after a collection there is no file that the metadata does not know. */
async function check(): Promise<number> {
  await using lake = await openLake({
    home,
    env: { DATASET_GRACE_SECONDS: '0', DATASET_KEEP_GENERATIONS: '3' },
  });
  const { signal } = new AbortController();
  const [dataset] = await lake.datasets.list(10, undefined);
  await lake.datasets.collect();
  expect(await readdir(lake.folders.uploads)).toEqual([]);
  const folders = await readdir(lake.folders.datasets);
  if (!dataset) {
    expect(folders).toEqual([]);
    return 0;
  }
  expect(folders).toEqual([dataset.id]);
  const kept = await lake.datasets.generations('d');
  expect((await readdir(join(lake.folders.datasets, dataset.id))).sort()).toEqual(
    kept.flatMap(({ generation }) => [`${generation}-1.parquet`, `${generation}-original`]).sort(),
  );
  const profile = await lake.datasets.profile('d', signal);
  expect(profile.rowCount).toBe(dataset.rowCount);
  expect(profile.columns[0]).toMatchObject({ distinct: 1, nulls: 0 });
  return Number(profile.columns[0]!.min);
}

test('a kill at any step of the first upload leaves nothing or the dataset', async () => {
  for (const point of ['staged', 'loading', 'loaded', 'named']) {
    await killAt(point, 1, point, 1);
    expect(await check()).toBe(0);
  }
  await killAt('published', 1, 'published', 1);
  expect(await check()).toBe(1);
}, 60_000);

test('a kill at any step of a further one leaves the old generation or the new', async () => {
  const before = await check();
  for (const point of ['staged', 'loading', 'loaded', 'named']) {
    await killAt(point, 1, point, 2);
    expect(await check()).toBe(before);
  }
  await killAt('published', 1, 'published', 2);
  expect(await check()).toBe(2);
}, 60_000);

test('a kill in full run leaves one whole generation', async () => {
  for (const [word, times] of [
    ['loading', 2],
    ['named', 3],
    ['done', 2],
    ['staged', 4],
    ['published', 3],
  ] as const) {
    const before = await check();
    await killAt(word, times, 'never', before + 1);
    expect(await check()).toBeGreaterThanOrEqual(before);
  }
}, 120_000);
