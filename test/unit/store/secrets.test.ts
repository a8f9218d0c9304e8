import { expect, test } from 'bun:test';
import { createStore } from '../../../src/store/store.ts';
import { eachStore } from '../../support/metadata-stores.ts';

const AT = '2026-01-01T00:00:00.000Z';
const secret = (id: string, name = id) => ({
  ...{ id, name, description: '', sealed: `v1.${id}`, hosts: ['api.example', '[::1]'], version: 1 },
  ...{ createdAt: AT, createdBy: null, updatedAt: AT },
});

eachStore((_, open) => {
  test('secrets are kept, found by id before name, paged, changed and removed', async () => {
    await using store = await open();
    const { secrets } = createStore(store.db);
    await secrets.insert(secret('sec_1', 'sec_2'));
    await secrets.insert(secret('sec_2', 'crm'));
    expect(await secrets.find('sec_2')).toEqual(secret('sec_2', 'crm'));
    expect(await secrets.find('crm')).toEqual(secret('sec_2', 'crm'));
    expect(await secrets.byName('sec_2')).toEqual(secret('sec_1', 'sec_2'));
    expect(await secrets.find('nothing')).toBeUndefined();
    await expect(secrets.insert(secret('sec_3', 'crm'))).rejects.toMatchObject({
      code: 'resource.conflict',
      pointer: '/name',
    });
    expect((await secrets.list(1)).map(({ id }) => id)).toEqual(['sec_1']);
    expect((await secrets.list(5, 'sec_1')).map(({ id }) => id)).toEqual(['sec_2']);
    const changed = {
      ...secret('sec_2', 'crm'),
      sealed: 'v1.new',
      hosts: ['*'],
      version: 2,
      updatedAt: '2026-01-02',
    };
    await secrets.update(changed);
    expect(await secrets.find('crm')).toEqual(changed);
    await secrets.replaceSealed('sec_2', 'v1.again');
    expect(await secrets.sealed()).toEqual([
      { id: 'sec_1', sealed: 'v1.sec_1' },
      { id: 'sec_2', sealed: 'v1.again' },
    ]);
    await secrets.remove('sec_2');
    expect(await secrets.byName('crm')).toBeUndefined();
  });
});
