import { expect, test } from 'bun:test';
import type { CatalogRow } from '../../../src/drivers/mssql/introspect.ts';
import * as rights from '../../../src/drivers/mssql/rights.ts';
import { result, TdsServer } from '../../support/tds/server.ts';
import { WIRE } from '../../support/tds/types.ts';
import { openOn } from './mssql-kit.ts';

const named = (...names: string[]): CatalogRow[] => names.map((name) => ({ name }));

/** What a server answers; nothing to all else. */
const server = (answers: Record<string, CatalogRow[]>) => async (text: string) => answers[text] ?? [];

test('a login that only reads has none', async () => {
  expect(await rights.rightsOf(server({}))).toEqual([]);
});

test('roles, permissions and rights on tables are named', async () => {
  const ask = server({
    [rights.ROLES_OF_DATABASE]: named('db_datawriter'),
    [rights.RIGHTS_ON_SERVER]: named('ADMINISTER BULK OPERATIONS'),
    [rights.RIGHTS_ON_DATABASE]: named('CREATE TABLE', 'EXECUTE'),
    [rights.RIGHTS_ON_TABLES]: [
      { name: 'DELETE', n: 1, example: 'dbo.orders' },
      { name: 'INSERT', n: 3, example: 'dbo.orders' },
    ],
  });
  expect(await rights.rightsOf(ask)).toEqual([
    'member of db_datawriter',
    'ADMINISTER BULK OPERATIONS on the server',
    'CREATE TABLE on the database',
    'EXECUTE on the database',
    'DELETE on table dbo.orders',
    'INSERT on table dbo.orders and 2 more',
  ]);
});

test('those of sysadmin and db_owner say enough', async () => {
  const ask = server({
    [rights.ROLES_OF_SERVER]: named('sysadmin'),
    [rights.ROLES_OF_DATABASE]: named('db_owner'),
    [rights.RIGHTS_ON_DATABASE]: named('CONTROL'),
  });
  expect(await rights.rightsOf(ask)).toEqual(['member of sysadmin', 'member of db_owner']);
});

test('the driver asks the server', async () => {
  await using tds = await TdsServer.start();
  const columns = [{ name: 'name', type: WIRE.nvarchar(128) }];
  for (const text of [
    rights.ROLES_OF_SERVER,
    rights.RIGHTS_ON_SERVER,
    rights.RIGHTS_ON_DATABASE,
    rights.RIGHTS_ON_TABLES,
  ])
    tds.on(text, result(columns, []));
  tds.on(rights.ROLES_OF_DATABASE, result(columns, [['db_owner']]));
  await using driver = openOn(tds);
  expect(await driver.rights(new AbortController().signal)).toEqual(['member of db_owner']);
});
