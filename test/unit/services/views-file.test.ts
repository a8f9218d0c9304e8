import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { iso } from '../../../src/base/clock.ts';
import { foldersOf } from '../../../src/lake/folders.ts';
import type { IngestRunner, Views, ViewsShown } from '../../../src/lake/jobs.ts';
import { ViewsFile } from '../../../src/services/views-file.ts';
import { createLog, silentLog } from '../../../src/telemetry/log.ts';

const NOW = Date.parse('2026-05-04T09:00:00Z');
const WRITTEN: ViewsShown = { isWritten: true, changed: 1, leftOut: [] };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'views-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Metadata of processes on one host. */
class Published {
  readonly names: string[] = [];
  changedAt: string | undefined;
  placed = async () => this.names.map((name) => ({ id: name, name, files: [`/${name}.parquet`] }));
  lastChangeAt = async () => this.changedAt;
}

type Write = (job: Views, count: number) => Promise<ViewsShown>;

/** A process; `write` stands for the ingest thread. */
function open(
  store: Published,
  write: Write = async () => WRITTEN,
  { log = silentLog, areHere = async (_: readonly string[]) => true, isShared = false } = {},
) {
  const jobs: Views[] = [];
  const run = (job: Views) => write(job, jobs.push(job));
  const views = new ViewsFile({
    ...{ store, log, folders: foldersOf(join(folder, 'local.duckdb')), clock: { now: () => NOW } },
    files: { areHere, isShared },
    ingest: { run } as unknown as IngestRunner,
  });
  return { views, jobs, shown: () => jobs.at(-1)?.views.map(({ name }) => name) };
}

test('publications in a burst cost as many rewrites as seconds pass, not one each, and all are shown', async () => {
  const store = new Published();
  const { views, jobs, shown } = open(store);
  const startedMs = performance.now();
  for (let n = 0; n < 500; n++) {
    store.names.push(`d${n}`);
    views.refresh();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await views.settled();
  expect(jobs.length).toBeLessThanOrEqual(2 + (performance.now() - startedMs) / 1000);
  expect(shown()).toEqual(store.names);
});

test('the first publication after a quiet time is written at once, the next ones after a pause, together', async () => {
  const store = new Published();
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<number>();
  const { views, jobs } = open(store, async (_, count) => {
    if (count === 1) first.resolve();
    else second.resolve(performance.now());
    return WRITTEN;
  });
  views.refresh();
  await first.promise;
  const endedMs = performance.now();
  for (let n = 0; n < 10; n++) views.refresh();
  expect(jobs.length).toBe(1);
  expect((await second.promise) - endedMs).toBeGreaterThan(900);
  await views.settled();
  expect(jobs.length).toBe(2);
});

test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
  'a publication in the last moment of a rewrite (%d steps after it) is not forgotten',
  async (steps) => {
    const store = new Published();
    const asked = Promise.withResolvers<void>();
    const { views, shown } = open(store, async (_, count) => {
      if (count === 1)
        void (async () => {
          for (let step = 0; step < steps; step++) await Promise.resolve();
          store.names.push('late');
          views.refresh();
          asked.resolve();
        })();
      return WRITTEN;
    });
    views.refresh();
    await asked.promise;
    await views.settled();
    expect(shown()).toEqual(['late']);
  },
);

test('of two processes that write at the same time, the one that was slower does not leave its older state', async () => {
  const store = new Published();
  const written: (readonly string[])[] = [];
  const put = async ({ views }: Views) => {
    written.push(views.map(({ name }) => name));
    return WRITTEN;
  };
  const isAsking = Promise.withResolvers<void>();
  const mayGoOn = Promise.withResolvers<void>();
  const slow = open(store, async (job, count) => {
    isAsking.resolve();
    if (count === 1) await mayGoOn.promise;
    return put(job);
  });
  const fast = open(store, put);
  store.names.push('a');
  slow.views.refresh();
  await isAsking.promise;
  store.names.push('b');
  fast.views.refresh();
  await fast.views.settled();
  mayGoOn.resolve();
  await slow.views.settled();
  expect(written.at(-1)).toEqual(['a', 'b']);
});

test.each([
  ['something was changed after the metadata was asked', NOW - 3_600_000, true],
  ['something may have become visible after it was asked', NOW + 30_000, true],
  ['all is older', NOW + 3_600_000, false],
])('at the start the file is written anew where %s', async (_, writtenMs, isWritten) => {
  const store = new Published();
  store.changedAt = iso(NOW);
  const file = join(folder, 'local.duckdb');
  await Bun.write(file, 'views');
  await utimes(file, writtenMs / 1000, writtenMs / 1000);
  const { views, jobs } = open(store);
  await views.refreshIfStale();
  await views.settled();
  expect(jobs.length).toBe(isWritten ? 1 : 0);
});

test('at the start a file that is missing is made, where there is anything to show', async () => {
  const store = new Published();
  const { views, jobs } = open(store);
  await views.refreshIfStale();
  await views.settled();
  expect(jobs).toEqual([]);
  store.changedAt = iso(NOW);
  await views.refreshIfStale();
  await views.settled();
  expect(jobs).toMatchObject([{ asOfMs: NOW }]);
});

test('what has no view, and a rewrite that failed, is logged; the latter is tried again by and by', async () => {
  const store = new Published();
  const lines: { event: string; dataset?: string }[] = [];
  const { views, jobs } = open(
    store,
    async (_, count) => {
      if (count === 1) throw new Error('no room');
      return { ...WRITTEN, leftOut: [{ name: 'd', cause: 'no such file' }] };
    },
    { log: createLog('info', (line) => lines.push(JSON.parse(line))) },
  );
  views.refresh();
  await views.settled();
  for (let i = 0; i < 3; i++) {
    await views.catchUp();
    await views.settled();
  }
  expect(jobs.length).toBe(2);
  expect(lines).toMatchObject([
    { event: 'datasets.viewsFailed' },
    { event: 'datasets.viewLeftOut', dataset: 'd' },
  ]);
});

test('where hosts have files of their own, the views follow what others publish and what comes here and goes', async () => {
  const store = new Published();
  const here = new Set<string>();
  const areHere = async (files: readonly string[]) => files.every((file) => here.has(file));
  const { views, jobs, shown } = open(store, undefined, { areHere, isShared: true });
  const follow = async () => {
    await views.catchUp();
    await views.settled();
    return shown();
  };
  store.names.push('a', 'b');
  expect(await follow()).toBeUndefined();
  here.add('/a.parquet').add('/b.parquet');
  expect(await follow()).toEqual(['a', 'b']);
  here.delete('/a.parquet');
  expect(await follow()).toEqual(['b']);
  expect(await follow()).toEqual(['b']);
  expect(jobs.length).toBe(2);
});
