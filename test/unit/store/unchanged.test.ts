import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Db, openDatabase } from '../../../src/store/database.ts';
import { DatasetStore } from '../../../src/store/datasets.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { silentLog } from '../../../src/telemetry/log.ts';

let folder: string;
let db: Db;
let other: Db;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'unchanged-'));
  db = await openDatabase(join(folder, 'meta.sqlite'));
  await migrate(db, join(folder, 'meta.sqlite'), silentLog);
  other = await openDatabase(join(folder, 'meta.sqlite'));
});

afterEach(async () => {
  await db.destroy();
  await other.destroy();
  rmSync(folder, { recursive: true });
});

const storeOf = (of: Db) => new DatasetStore(of, (id, file) => `${id}/${file}`);

const dataset = { id: 'dst_1', name: 'orders', description: '', createdBy: null };
const generation = (number: number) => ({
  generation: number,
  rowCount: 1,
  bytes: 1,
  columns: [],
  files: [`${number}.parquet`],
  rejected: { count: 0, sample: [] },
  warnings: [],
  sourceName: 'x.csv',
  createdBy: null,
});
const AT = '2026-01-01T00:00:00.000Z';

describe('a dataset that is asked for again', () => {
  test('is the same object while nothing was written', async () => {
    const store = storeOf(db);
    await store.create(dataset, generation(1), AT);
    const first = await store.resolve('orders');
    expect(await store.resolve('orders')).toBe(first);
    expect(await store.resolve('dst_1')).toEqual(first);
  });

  test.each(['this', 'another'] as const)(
    'is read once more after %s connection published',
    async (whose) => {
      const store = storeOf(db);
      await store.create(dataset, generation(1), AT);
      expect((await store.resolve('orders')).generation).toBe(1);
      const writer = whose === 'this' ? store : storeOf(other);
      await writer.publish('dst_1', generation(2), AT);
      expect((await store.resolve('orders')).generation).toBe(2);
    },
  );

  test('that another connection renamed is not found by its former name', async () => {
    const store = storeOf(db);
    await store.create(dataset, generation(1), AT);
    await store.resolve('orders');
    await other.updateTable('datasets').set({ name: 'sales' }).execute();
    await expect(store.resolve('orders')).rejects.toMatchObject({ code: 'resource.notFound' });
    expect((await store.resolve('sales')).id).toBe('dst_1');
  });

  test('within a transaction is what that sees, and is not kept when it is rolled back', async () => {
    const store = storeOf(db);
    await store.create(dataset, generation(1), AT);
    await store.resolve('orders');
    const rolledBack = db.transaction().execute(async (transaction) => {
      await transaction.updateTable('datasets').set({ name: 'sales' }).execute();
      expect((await storeOf(transaction).resolve('sales')).id).toBe('dst_1');
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    expect((await store.resolve('orders')).id).toBe('dst_1');
  });
});
