import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { AppError } from '../../src/base/errors.ts';
import { SYSTEM } from '../../src/domain/audit.ts';
import { Compaction } from '../../src/services/compaction.ts';
import { runSync } from '../../src/services/sync/sync-run.ts';
import { SyncTasks } from '../../src/services/sync-tasks.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { failure, openSyncKit, type SyncKit } from './kit.ts';

let server: TestServer;
let kit: SyncKit;
const signal = () => AbortSignal.timeout(60_000);
const source = (table: string) => ({ kind: 'table' as const, datasource: 'shop', table });
beforeAll(async () => {
  [server, kit] = await Promise.all([startPostgres(), openSyncKit()]);
  await kit.addDatasource('shop', 'postgres', server);
  server.admin('create table t (c integer not null, v integer)');
  await kit.task({
    name: 't',
    source: source('t'),
    dataset: 't',
    mode: 'incremental',
    cursor: { column: 'c' },
    keep: 1,
  });
}, 60_000);
afterAll(async () => {
  await kit[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function grow(from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) {
    server.admin(`insert into t values (${n}, ${n})`);
    await kit.sync('t');
  }
}

test('small files become one; the version of the data and the files of older generations stay', async () => {
  await grow(1, 9);
  const before = await kit.datasets.resolve('t');
  const rows = await kit.rows('t');
  expect(before.files.length).toBe(9);
  await kit.compaction.compact(before.id, signal());
  const after = await kit.datasets.resolve('t');
  expect(after.files.length).toBe(1);
  expect(after.generation).toBe(before.generation);
  expect(await kit.rows('t')).toEqual(rows);
  const [, older] = await kit.datasets.generations('t');
  const listed = await kit.datasetStore.filesOf(before.id, older!.generation);
  await kit.datasets.collect();
  for (const file of listed) expect(existsSync(kit.datasetStore.pathOf(before.id, file))).toBe(true);
  // The newest file was listed by the current generation alone.
  expect(existsSync(before.files.at(-1)!)).toBe(false);
  expect((await kit.datasets.generations('t')).length).toBe(2);
  await grow(10, 12);
  await kit.datasets.collect();
  for (const file of listed.slice(0, 8))
    expect(existsSync(kit.datasetStore.pathOf(before.id, file))).toBe(false);
  expect((await kit.rows('t')).length).toBe(12);
});

test('a run whose claim was taken over publishes nothing', async () => {
  server.admin('insert into t values (100, 100)');
  const { generation } = await kit.datasets.get('t');
  const context = await kit.claimed();
  await kit.db.updateTable('runs').set({ claim: 2 }).where('id', '=', context.claim.runId).execute();
  const { id, checkpoint } = await kit.tasks.get('t');
  expect(await failure(kit.syncWith(id, context))).toMatchObject({ code: 'run.fenced' });
  expect((await kit.datasets.get('t')).generation).toBe(generation);
  expect((await kit.tasks.get('t')).checkpoint).toEqual(checkpoint);
  await kit.sync('t');
  expect((await kit.rows('t')).at(-1)).toEqual([9, 9]);
  expect((await kit.rows('t')).length).toBe(13);
});

test('a compaction in the middle of a run is no harm', async () => {
  await grow(101, 108);
  const { id } = await kit.datasets.resolve('t');
  server.admin('insert into t values (200, 200)');
  let isFirst = true;
  const faults = {
    async reach(point: string) {
      if (point !== 'publish.before' || !isFirst) return;
      isFirst = false;
      await kit.compaction.compact(id, signal());
    },
  };
  await kit.sync('t', {}, undefined, faults);
  expect(isFirst).toBe(false);
  expect((await kit.rows('t')).length).toBe(22);
});

test('a dataset that a task keeps refuses what others would do to it', async () => {
  const caller = { actor: null, address: null, requestId: null };
  const owned = { code: 'dataset.owned' };
  expect(await failure(kit.datasets.remove('t', caller))).toMatchObject(owned);
  expect(await failure(kit.datasets.rollback('t', 1, caller))).toMatchObject(owned);
  const upload = kit.datasets.upload((staging) =>
    kit.datasets.create({ staging, sourceName: 't.csv' }, { name: 't', replace: true }, caller, signal()),
  );
  const error = await failure(upload);
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ ...owned, pointer: '/name' });
});

test('a task that was changed while it ran publishes nothing', async () => {
  server.admin('insert into t values (300, 300)');
  let isFirst = true;
  const faults = {
    async reach(point: string) {
      if (point !== 'publish.before' || !isFirst) return;
      isFirst = false;
      await kit.tasks.reset('t', { actor: null, address: null, requestId: null });
    },
  };
  const { generation } = await kit.datasets.get('t');
  expect(await failure(kit.sync('t', {}, undefined, faults))).toMatchObject({ code: 'resource.conflict' });
  expect((await kit.datasets.get('t')).generation).toBe(generation);
  await kit.sync('t');
  expect((await kit.rows('t')).length).toBe(23);
});

test('an edit that decides no row leaves a run alone, and a first run keeps its dataset through it', async () => {
  server.admin('create table edited (at integer not null); insert into edited values (1)');
  const made = { name: 'edited', dataset: 'edited', mode: 'incremental' as const, cursor: { column: 'at' } };
  await kit.task({ ...made, source: source('edited') });
  const faults = {
    async reach(point: string) {
      if (point === 'publish.before')
        await kit.tasks.update('edited', { description: 'before it publishes' }, SYSTEM, signal());
    },
  };
  await kit.sync('edited', {}, undefined, faults);
  server.admin('insert into edited values (2)');
  await kit.tasks.reset('edited', SYSTEM);

  // The source is asked whether it has what the task names; a run may publish meanwhile.
  await kit.task({ ...made, name: 'first', dataset: 'first', source: source('edited') });
  const { deps } = kit.tasks;
  let isFirst = true;
  const slow = new SyncTasks({
    ...deps,
    sources: {
      ...deps.sources,
      async table(spec, at) {
        if (isFirst) await kit.sync('first');
        isFirst = false;
        return deps.sources.table(spec, at);
      },
    },
  });
  const { datasetId } = await slow.update('first', { cursor: { column: 'at', lateBy: 1 } }, SYSTEM, signal());
  expect(datasetId).toBe((await kit.datasets.get('first')).id);
  expect(await kit.sync('first')).toMatchObject({ rowsAdded: 0, rowCount: 2 });
});

test('a publication that was committed although its answer was lost keeps its files', async () => {
  server.admin('insert into t values (400, 400)');
  const { id } = await kit.tasks.get('t');
  const lost = new AppError('storage.unreachable', 'The connection was lost', { retryAfterS: 5 });
  const deps = {
    ...kit.run,
    async publish(publication: Parameters<typeof kit.run.publish>[0]) {
      await kit.run.publish(publication);
      throw lost;
    },
  };
  const { generation } = await kit.datasets.get('t');
  expect(await failure(runSync(deps, id, {}, await kit.claimed()))).toBe(lost);
  expect((await kit.datasets.get('t')).generation).toBe(generation + 1);
  await kit.datasets.collect();
  expect((await kit.rows('t')).length).toBe(24);
  await kit.sync('t');
  expect((await kit.rows('t')).length).toBe(24);
});

test('a run that finds nothing new for so long that the files of before a compaction are gone goes on with those of now', async () => {
  server.admin('create table late (at integer not null, v integer)');
  await kit.task({
    ...{ name: 'late', source: source('late'), dataset: 'late', mode: 'incremental', batchRows: 5, keep: 0 },
    cursor: { column: 'at', lateBy: 1000 },
  });
  for (let n = 1; n <= 9; n++) {
    server.admin(`insert into late select ${n}, i from generate_series(1, 3) i`);
    await kit.sync('late');
  }
  const { id, files } = await kit.datasets.resolve('late');
  server.admin('insert into late values (10, 10)');
  let attempts = 0;
  const faults = {
    async reach(point: string) {
      if (point !== 'rewrite.before' || ++attempts !== 1) return;
      await kit.compaction.compact(id, signal());
      await kit.datasets.collect();
      expect(files.filter((file) => existsSync(file)).length).toBeLessThan(files.length);
    },
  };
  await kit.sync('late', {}, undefined, faults);
  expect(attempts).toBeGreaterThan(1);
  expect((await kit.rows('late')).length).toBe(28);
});

test('increments that are published while files are merged are no harm either', async () => {
  await grow(401, 410);
  const before = (await kit.rows('t')).length;
  const { id } = await kit.datasets.resolve('t');
  let published = 0;
  const faults = {
    async reach(point: string) {
      if (point !== 'compact.named' || published > 0) return;
      published++;
      await grow(411, 412);
    },
  };
  const compaction = new Compaction({ ...kit.compaction.deps, faults });
  expect(await compaction.compact(id, signal())).toBeGreaterThan(0);
  expect(published).toBe(1);
  expect((await kit.rows('t')).length).toBe(before + 2);
  expect((await kit.datasets.resolve('t')).files.length).toBeLessThan(8);
  expect(await kit.store.syncTasks.byId((await kit.tasks.get('t')).id)).toMatchObject({
    checkpoint: { cursor: '412' },
  });
});

test('what increments rewrite again and again is left to another time, whole', async () => {
  server.admin('create table u (id integer primary key, c integer not null)');
  const upsert = { mode: 'incremental', cursor: { column: 'c' }, keep: 1 } as const;
  await kit.task({ name: 'u', source: source('u'), dataset: 'u', primaryKey: ['id'], ...upsert });
  for (let n = 1; n <= 9; n++) {
    server.admin(`insert into u values (${n}, ${n})`);
    await kit.sync('u');
  }
  const { id } = await kit.datasets.resolve('u');
  let c = 100;
  const faults = {
    async reach(point: string) {
      if (point !== 'compact.named') return;
      server.admin(`update u set c = ${++c} where id = 5`);
      await kit.sync('u');
    },
  };
  const compaction = new Compaction({ ...kit.compaction.deps, faults });
  const { compactionsLeft } = kit.compaction.deps.metrics;
  expect(await compaction.compact(id, signal())).toBe(0);
  expect((await compactionsLeft.get()).values[0]?.value).toBe(1);
  const rows = Array.from({ length: 9 }, (_, i) => [i + 1, i === 4 ? c : i + 1]);
  expect(c).toBe(103);
  expect(await kit.rows('u')).toEqual(rows);
  expect(await kit.compaction.compact(id, signal())).toBeGreaterThan(0);
  expect(await kit.rows('u')).toEqual(rows);
});

test('a publication that leaves enough small files queues one merging; the chore finds what is left', async () => {
  const { id } = await kit.datasets.resolve('u');
  const queued = () =>
    kit.db.selectFrom('runs').select(['kind', 'state']).where('subject_id', '=', id).execute();
  const before = (await queued()).length;
  await kit.db.deleteFrom('runs').where('subject_id', '=', id).execute();
  expect(before).toBe(1);
  await kit.compaction.compact(id, signal());
  expect(await kit.compactAll()).toBe(0);
  const insert = (n: number) => server.admin(`insert into u values (${n}, ${n})`);
  for (let n = 200; n < 206; n++) {
    insert(n);
    await kit.sync('u');
  }
  expect(await queued()).toEqual([]);
  insert(206);
  // The process dies after the publication.
  const lost = new Error('killed');
  const faults = {
    async reach(point: string) {
      if (point === 'publish.after') throw lost;
    },
  };
  expect(await failure(kit.sync('u', {}, undefined, faults))).toBe(lost);
  insert(207);
  expect(await failure(kit.sync('u', {}, undefined, faults))).toBe(lost);
  expect(await queued()).toEqual([]);
  expect(await kit.compactAll()).toBe(1);
  expect(await kit.compactAll()).toBe(1);
  expect(await queued()).toEqual([{ kind: 'compact', state: 'queued' }]);
});
