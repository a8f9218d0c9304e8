import { expect, test } from 'bun:test';
import type { DatasourceConnection } from '../../../src/domain/datasource.ts';
import { type SourceFacts, Sources } from '../../../src/engine/sources.ts';
import { ModelOpener } from '../../../src/services/model-opener.ts';
import { zoneTable } from '../../../src/sql/dialects/zone-table.ts';

const CONNECTION: DatasourceConnection = {
  ...{ id: 'ds_1', name: 'erp', version: 1, engine: 'postgres' },
  settings: { host: 'h', port: 1, database: 'd', user: 'u' },
};
const unused = () => Promise.reject(new Error('not asked'));
const facts: SourceFacts = {
  columns: async () => [
    { name: 'id', type: 'integer', nativeType: 'int', nullable: false, keyPosition: 1 },
    { name: 'other', type: 'integer', nativeType: 'int', nullable: true },
  ],
  forgetColumns: () => undefined,
  describe: unused,
  check: unused,
};

/** The keys that are believed of a model with a join, over a server of the product. */
async function keysOf(
  product: string,
  joins = [{ table: 'b', as: 'b', on: [['other', 'b.id'] as [string, string]] }],
) {
  let asked = 0;
  const opener = new ModelOpener({
    resolveDataset: unused,
    resolveDatasource: async () => CONNECTION,
    sources: new Sources(facts, zoneTable()),
    facts: async () => {
      asked += 1;
      return { version: '1', product, capabilities: {} };
    },
  });
  const title = { id: 'mdl_1', name: 'm', version: 1, saved: undefined };
  const definition = { from: { datasource: 'erp', table: 'a' }, joins };
  const { tables } = await opener.open(title, definition, new AbortController().signal);
  return { asked, keys: tables.map(({ key }) => key) };
}

test('a key of the catalog is believed where the server sees to it', async () => {
  expect(await keysOf('postgresql')).toEqual({ asked: 1, keys: [['id'], ['id']] });
  expect(await keysOf('redshift')).toEqual({ asked: 1, keys: [undefined, undefined] });
  expect(await keysOf('redshift', [])).toEqual({ asked: 0, keys: [['id']] });
});
