import { expect, test } from 'bun:test';
import type { KyselyPlugin } from 'kysely';
import { DatasetStore } from '../../../src/store/datasets.ts';
import { mergeFiles } from '../../../src/store/sync-publication.ts';
import { eachStore } from '../../support/metadata-stores.ts';

const AT = '2026-05-04T09:00:00.000Z';
const LATER = '2026-05-04T10:00:00.000Z';
const generation = (number: number) => ({
  ...{ generation: number, rowCount: 1, bytes: 1, columns: [], files: [`${number}-1.parquet`] },
  ...{ rejected: { count: 0 }, warnings: [], sourceName: 's', createdBy: null },
});
const dataset = { id: 'dst_1', name: 'd', description: '', createdBy: null };
const path = (_: string, file: string) => file;

eachStore((name, open) => {
  test(`${name}: a file that is retired while a collection reads the metadata is known to it`, async () => {
    await using metadata = await open();
    const store = new DatasetStore(metadata.db, path);
    await store.create(dataset, generation(1), AT);
    await store.publish('dst_1', generation(2), AT);
    const other = new DatasetStore(await metadata.again(), path);
    let isFirst = true;
    const between: KyselyPlugin = {
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        if (isFirst) {
          isFirst = false;
          await other.prune(1, LATER);
        }
        return result;
      },
    };
    const { kept, retired } = await new DatasetStore(metadata.db.withPlugin(between), path).known();
    expect([...kept, ...retired.keys()]).toContain('dst_1/1-1.parquet');
    expect((await store.known()).retired.get('dst_1/1-1.parquet')).toBe(LATER);
  });

  test(`${name}: a file that is retired again has its whole grace time`, async () => {
    await using metadata = await open();
    const store = new DatasetStore(metadata.db, path);
    await store.create(dataset, generation(1), AT);
    await metadata.db
      .insertInto('retired_files')
      .values({ path: 'dst_1/1-1.parquet', retired_at: AT })
      .execute();
    await store.publish('dst_1', generation(2), AT);
    await store.prune(1, LATER);
    expect((await store.known()).retired.get('dst_1/1-1.parquet')).toBe(LATER);
  });

  test(`${name}: what is pruned costs work, what is not costs none, however many datasets there are`, async () => {
    await using metadata = await open();
    const statements: string[] = [];
    const counting: KyselyPlugin = {
      transformQuery({ node }) {
        statements.push(node.kind);
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    const store = new DatasetStore(metadata.db, path);
    for (let n = 1; n <= 50; n++) {
      const id = `dst_${n}`;
      await store.create({ ...dataset, id, name: id }, generation(1), AT);
      await store.publish(id, generation(2), AT);
    }
    const counted = new DatasetStore(metadata.db.withPlugin(counting), path);
    await counted.prune(2, LATER);
    expect(statements).toEqual(['SelectQueryNode', 'SelectQueryNode']);
    await store.publish('dst_7', generation(3), AT);
    await counted.prune(2, LATER);
    expect((await store.generations('dst_7')).map(({ generation }) => generation)).toEqual([3, 2]);
    expect((await store.generations('dst_8')).map(({ generation }) => generation)).toEqual([2, 1]);
    expect(statements.length).toBeLessThan(15);
  });

  test(`${name}: the last change is that of a publication, a name, a rollback, a removal and a merged file`, async () => {
    await using metadata = await open();
    const store = new DatasetStore(metadata.db, path);
    const at = (minute: number) => `2026-05-04T09:0${minute}:00.000Z`;
    expect(await store.lastChangeAt()).toBeUndefined();
    await store.create(dataset, generation(1), at(0));
    expect(await store.lastChangeAt()).toBe(at(0));
    await store.publish('dst_1', generation(2), at(1));
    expect(await store.lastChangeAt()).toBe(at(1));
    await store.describe('dst_1', { name: 'e' }, at(2));
    expect(await store.lastChangeAt()).toBe(at(2));
    await store.rollback('dst_1', 1, at(3));
    expect(await store.lastChangeAt()).toBe(at(3));
    const merged = { from: ['1-1.parquet'], to: '1-2.parquet', bytes: 0 };
    expect(await mergeFiles(metadata.db, 'dst_1', merged, at(4))).toBe(true);
    expect(await store.lastChangeAt()).toBe(at(4));
    expect(await store.placed()).toEqual([{ id: 'dst_1', name: 'e', files: ['1-2.parquet'] }]);
    await store.remove('dst_1', at(5));
    expect(await store.lastChangeAt()).toBe(at(5));
    expect(await store.placed()).toEqual([]);
  });
});
