import { expect, test } from 'bun:test';
import type { DatasourceConnection, TableColumn } from '../../../src/domain/datasource.ts';
import { type SourceFacts, Sources } from '../../../src/engine/sources.ts';
import { zoneTable } from '../../../src/sql/dialects/zone-table.ts';
import { checkSelect } from '../../../src/sql/gate/check-select.ts';
import { loadParser } from '../../../src/sql/gate/parser.ts';

const CONNECTION: DatasourceConnection = {
  ...{ id: 'ds_1', name: 'erp', version: 1, engine: 'mssql' },
  settings: { host: 'h', port: 1, database: 'd', user: 'u' },
};
const column = (name: string): TableColumn => ({ name, type: 'integer', nativeType: 'int', nullable: true });

async function opened(names: readonly string[]) {
  await loadParser();
  const facts: SourceFacts = {
    columns: () => Promise.reject(new Error('not asked')),
    describe: async () => names.map(column),
    check: async (text) => checkSelect(text, 'mssql'),
    forgetColumns: () => undefined,
  };
  const sources = new Sources(facts, zoneTable());
  const text = 'SELECT id, COUNT(*) FROM orders GROUP BY id';
  return sources.select(CONNECTION, text, {}, new AbortController().signal);
}

test.each([
  [
    ['id', ''],
    'Column 2 of the statement has no name; give it one, as in count(*) AS orders',
    { position: 2 },
  ],
  [
    ['id', 'n', 'id'],
    'Column 3 of the statement has the name "id" of another one; rename one of them with AS',
    { position: 3, name: 'id' },
  ],
])('columns %j of a SELECT are refused', async (names, message, params) => {
  const code = 'request.invalid';
  await expect(opened(names)).rejects.toMatchObject({ code, message, pointer: '/from/sql', params });
});

test('columns that have a name each are taken', async () => {
  expect((await opened(['id', 'n'])).columns.map(({ name }) => name)).toEqual(['id', 'n']);
});
