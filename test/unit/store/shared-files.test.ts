import { expect, test } from 'bun:test';
import { DatasetStore } from '../../../src/store/datasets.ts';
import { NameTaken, SharedFileStore } from '../../../src/store/shared-files.ts';
import { eachStore } from '../../support/metadata-stores.ts';

const AT = '2026-05-04T09:00:00.000Z';
const LATER = '2026-05-04T10:00:00.000Z';
/** More than a 32-bit number holds. */
const BYTES = 5_000_000_000;
const file = (path: string, more: { bytes?: number; sha256?: string } = {}) => ({
  ...{ path, bytes: BYTES, sha256: 'ab'.repeat(32) },
  ...more,
});
const paths = (found: { path: string }[]) => found.map(({ path }) => path).sort();

eachStore((name, open) => {
  test(`${name}: a file counts as held from the end of its upload until it is forgotten`, async () => {
    await using metadata = await open();
    const store = new SharedFileStore(metadata.db);
    await store.begin(file('d/1-1.parquet'), AT);
    expect(await store.begun()).toEqual(new Map([['d/1-1.parquet', AT]]));
    expect([await store.of(['d/1-1.parquet']), await store.held()]).toEqual([[], new Set()]);
    await store.finish('d/1-1.parquet', LATER);
    expect(await store.of(['d/1-1.parquet', 'd/2-1.parquet'])).toEqual([file('d/1-1.parquet')]);
    expect(await store.held()).toEqual(new Set(['d/1-1.parquet']));
    expect(await store.begun()).toEqual(new Map([['d/1-1.parquet', AT]]));
    await store.forget('d/1-1.parquet');
    expect([await store.of(['d/1-1.parquet']), await store.begun()]).toEqual([[], new Map()]);
  });

  test(`${name}: of two hosts that begin one name, one gets it; a take-over tells of it anew`, async () => {
    await using metadata = await open();
    const stores = [new SharedFileStore(metadata.db), new SharedFileStore(await metadata.again())];
    const begun = await Promise.allSettled(stores.map((store) => store.begin(file('d/1-1.parquet'), AT)));
    expect(begun.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = begun.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(refused.reason).toBeInstanceOf(NameTaken);
    expect(refused.reason).toMatchObject({ code: 'resource.conflict', params: { file: 'd/1-1.parquet' } });
    const [store] = stores as [SharedFileStore];
    const other = file('d/1-1.parquet', { bytes: 3, sha256: 'cd' });
    await store.adopt(other, LATER);
    await store.finish('d/1-1.parquet', LATER);
    expect(await store.of(['d/1-1.parquet'])).toEqual([other]);
    expect(await store.begun()).toEqual(new Map([['d/1-1.parquet', AT]]));
  });

  test(`${name}: more files than one statement asks for are found`, async () => {
    await using metadata = await open();
    const store = new SharedFileStore(metadata.db);
    const all = Array.from({ length: 450 }, (_, i) => `d/${i}.parquet`);
    await metadata.db
      .insertInto('shared_files')
      .values(all.map((path) => ({ ...file(path), begun_at: AT, shared_at: AT })))
      .execute();
    expect(paths(await store.of(all))).toEqual(all.sort());
    expect(await store.of([])).toEqual([]);
  });

  test(`${name}: the largest present generation, and files that are older than the bucket`, async () => {
    await using metadata = await open();
    const store = new SharedFileStore(metadata.db);
    expect([await store.largestGeneration(), await store.unshared()]).toEqual([0, []]);
    const datasets = new DatasetStore(metadata.db, (_, each) => each);
    const generation = (number: number, bytes: number) => ({
      ...{ generation: number, rowCount: 1, bytes, columns: [], files: [`${number}-1.parquet`] },
      ...{ rejected: { count: 0 }, warnings: [], sourceName: 's', createdBy: null },
    });
    const dataset = { id: 'dst_1', name: 'd', description: '', createdBy: null };
    await datasets.create(dataset, generation(1, 2 * BYTES), AT);
    await datasets.publish('dst_1', generation(2, BYTES), AT);
    await datasets.create({ ...dataset, id: 'dst_2', name: 'e' }, generation(1, 7), AT);
    expect(await store.largestGeneration()).toBe(BYTES);
    await store.begin(file('dst_1/2-1.parquet'), AT);
    await store.begin(file('dst_2/1-1.parquet'), AT);
    await store.finish('dst_2/1-1.parquet', AT);
    const unshared = (await store.unshared()).filter((path) => path.endsWith('.parquet'));
    expect(unshared.sort()).toEqual(['dst_1/1-1.parquet', 'dst_1/2-1.parquet']);
  });
});
