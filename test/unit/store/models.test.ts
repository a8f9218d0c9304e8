import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { openDatabase } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { type ModelRecord, modelStore } from '../../../src/store/models.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { tempFolder } from '../../support/server-process.ts';

const RECORD: ModelRecord = {
  ...{ id: 'mdl_1', name: 'sales', description: '', definition: { from: { dataset: 'orders' } }, version: 1 },
  ...{ createdAt: '2025-01-01T00:00:00.000Z', createdBy: 'usr_1', updatedAt: '2025-01-01T00:00:00.000Z' },
};

test('of two changes of one state the second is not made', async () => {
  const folder = await tempFolder('models-');
  const path = join(folder.path, 'meta.sqlite');
  const db = await openDatabase(path);
  try {
    await migrate(db, path, silentLog);
    const models = modelStore(db);
    await models.insert(RECORD);
    const first = { ...RECORD, version: 2, description: 'first' };
    expect(await models.update(first, RECORD)).toBe(true);
    expect(await models.update({ ...RECORD, version: 2, description: 'second' }, RECORD)).toBe(false);
    expect(await models.byName('sales')).toEqual(first);
    await models.insert({ ...RECORD, id: 'mdl_2', name: 'other' });
    const taken = models.update({ ...first, name: 'other' }, first);
    await expect(taken).rejects.toMatchObject({ code: 'resource.conflict', pointer: '/name' });
    expect((await models.list(10, 'mdl_1')).map(({ id }) => id)).toEqual(['mdl_2']);
    expect([await models.remove('mdl_1'), await models.remove('mdl_1')]).toEqual([true, false]);
  } finally {
    await db.destroy();
    await folder.remove();
  }
});
