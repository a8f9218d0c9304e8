import { expect, test } from 'bun:test';
import { type ModelRecord, modelStore } from '../../../src/store/models.ts';
import { eachStore } from '../../support/metadata-stores.ts';

const RECORD: ModelRecord = {
  ...{ id: 'mdl_1', name: 'sales', description: '', definition: { from: { dataset: 'orders' } }, version: 1 },
  ...{ createdAt: '2025-01-01T00:00:00.000Z', createdBy: 'usr_1', updatedAt: '2025-01-01T00:00:00.000Z' },
};

eachStore((_, open) => {
  test('of two changes of one state of a model the second is not made', async () => {
    await using store = await open();
    const models = modelStore(store.db);
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
  });
});
