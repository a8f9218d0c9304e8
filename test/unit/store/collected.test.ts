import { expect, test } from 'bun:test';
import type { KyselyPlugin } from 'kysely';
import { DatasetStore } from '../../../src/store/datasets.ts';
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
});
