import { expect, test } from 'bun:test';
import type { SyncTask } from '../../../src/domain/sync-task.ts';
import type { Db } from '../../../src/store/database.ts';
import { DatasetStore } from '../../../src/store/datasets.ts';
import { createStore } from '../../../src/store/store.ts';
import {
  BaseMoved,
  mergeFiles,
  type Publication,
  publishSynced,
} from '../../../src/store/sync-publication.ts';
import { aRun } from '../../support/jobs/processes.ts';
import { eachStore } from '../../support/metadata-stores.ts';

const AT = '2026-05-04T09:00:00.000Z';
const LATER = '2026-05-04T10:00:00.000Z';
const aTask = (id: string, more: Partial<SyncTask> = {}): SyncTask => ({
  ...{ id, name: id, description: '', dataset: `of ${id}`, mode: 'incremental', drift: 'add', keep: 1 },
  source: { kind: 'table', datasource: 'shop', table: 't' },
  ...{ datasetId: null, checkpoint: null, version: 1, createdAt: AT, createdBy: null, updatedAt: AT },
  ...more,
});

async function claimed(db: Db) {
  const { runs, runClaims } = createStore(db);
  await runs.insert('run_1', aRun('sync'), AT);
  const [run] = await runClaims.claim({ kinds: ['sync'], by: 'one', at: AT, most: 1 });
  return run!.claim;
}

function publication(
  number: number,
  files: string[],
  before: Publication['base'],
  more: Pick<Publication, 'claim'> & Partial<Publication>,
): Publication {
  return {
    task: aTask('tsk_1'),
    dataset: { id: 'dst_1', name: 'of tsk_1', description: '', createdBy: null },
    base: before,
    generation: {
      ...{ generation: number, rowCount: number, bytes: 10, columns: [], files, rejected: { count: 0 } },
      ...{ warnings: [], sourceName: 's', createdBy: null },
    },
    checkpoint: { generation: number, cursor: String(number), schema: [] },
    ...{ keep: 2, at: AT },
    ...more,
  };
}

eachStore((name, open) => {
  test(`${name}: names and datasets of tasks are theirs alone`, async () => {
    await using metadata = await open();
    const { syncTasks } = createStore(metadata.db);
    await syncTasks.insert(aTask('tsk_1'));
    await expect(syncTasks.insert(aTask('tsk_2', { name: 'tsk_1' }))).rejects.toMatchObject({
      code: 'resource.conflict',
      pointer: '/name',
    });
    await expect(syncTasks.insert(aTask('tsk_2', { dataset: 'of tsk_1' }))).rejects.toMatchObject({
      code: 'resource.conflict',
      pointer: '/dataset',
    });
    expect(await syncTasks.byName('tsk_1')).toEqual(aTask('tsk_1'));
    expect((await syncTasks.ownerOf(undefined, 'of tsk_1'))?.id).toBe('tsk_1');
  });

  test(`${name}: a generation and its checkpoint are written together, or not at all; files go when nobody lists them`, async () => {
    await using metadata = await open();
    const { db } = metadata;
    const { syncTasks } = createStore(db);
    const datasets = new DatasetStore(db, (_, file) => file);
    await syncTasks.insert(aTask('tsk_1'));
    const claim = await claimed(db);
    const base = (generation: number, files: string[]) => ({ generation, files });
    await publishSynced(db, publication(1, ['a'], undefined, { claim }));
    await publishSynced(db, publication(2, ['a', 'b'], base(1, ['a']), { claim }));
    expect(await syncTasks.ownerOf('dst_1', undefined)).toMatchObject({
      datasetId: 'dst_1',
      checkpoint: { cursor: '2' },
    });
    for (const [wrong, error] of [
      [publication(3, ['x'], base(1, ['a']), { claim }), BaseMoved],
      [publication(3, ['x'], base(2, ['a']), { claim }), BaseMoved],
      [publication(3, ['x'], base(2, ['a', 'b']), { claim: { ...claim, number: 99 } }), 'run.fenced'],
      [
        publication(3, ['x'], base(2, ['a', 'b']), { claim, task: aTask('tsk_1', { version: 2 }) }),
        'resource.conflict',
      ],
    ] as const) {
      const failed = await publishSynced(db, wrong).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (typeof error === 'string') expect(failed).toMatchObject({ code: error });
      else expect(failed).toBeInstanceOf(error);
      expect(await syncTasks.byId('tsk_1')).toMatchObject({ checkpoint: { cursor: '2', generation: 2 } });
      expect(await datasets.find('dst_1')).toMatchObject({ generation: 2 });
    }
    const { bytes } = await datasets.find('dst_1');
    const merge = (from: string[], id = 'dst_1') => mergeFiles(db, id, { from, to: 'c', bytes: -3 }, AT);
    expect(await merge(['a', 'gone'])).toBe(false);
    expect(await merge(['a'], 'dst_2')).toBe(false);
    expect(await datasets.filesOf('dst_1', 2)).toEqual(['a', 'b']);
    expect(await merge(['a', 'b'])).toBe(true);
    expect(await datasets.filesOf('dst_1', 2)).toEqual(['c']);
    expect(await datasets.find('dst_1')).toMatchObject({ generation: 2, bytes: bytes - 3 });
    expect([...(await datasets.known()).retired.keys()]).toEqual(['dst_1/b']);
    await publishSynced(db, publication(3, ['c', 'd'], base(2, ['c']), { claim }));
    const { kept, retired } = await datasets.known();
    expect([...kept].filter((path) => !/ndjson$|-original$/.test(path)).sort()).toEqual([
      'dst_1/c',
      'dst_1/d',
    ]);
    expect([...retired.keys()].filter((path) => !/ndjson$|-original$/.test(path)).sort()).toEqual([
      'dst_1/a',
      'dst_1/b',
    ]);
    await datasets.prune(1, LATER);
    expect((await datasets.generations('dst_1')).map(({ generation }) => generation)).toEqual([3, 2]);
    await syncTasks.dropCheckpoint('tsk_1', LATER);
    expect((await syncTasks.byId('tsk_1'))?.checkpoint).toBeNull();
  });
});
