import { describe, expect, test } from 'bun:test';
import type { Driver } from '../../../src/drivers/driver.ts';
import * as facts from '../../../src/drivers/mssql/facts.ts';
import * as catalog from '../../../src/drivers/mssql/introspect.ts';
import { type Answer, failure, result, TdsServer } from '../../support/tds/server.ts';
import { type Value, WIRE, type WireType } from '../../support/tds/types.ts';
import { failureOf, openOn } from './mssql-kit.ts';

const NAME = WIRE.nvarchar(128);
const rowsOf = (columns: Record<string, WireType>, ...rows: Value[][]): Answer =>
  result(
    Object.entries(columns).map(([name, type]) => ({ name, type })),
    rows,
  );
const none: Answer = rowsOf({ id: WIRE.int });
const refused = failure({ number: 229, class: 14, message: 'The SELECT permission was denied' });
const absent = failure({ number: 208, message: 'Invalid object name' });
const ODD = 'odd ]name\' "x" €';

async function with_(
  scripts: Record<string, Answer>,
  use: (driver: Driver, server: TdsServer) => Promise<void>,
) {
  await using server = await TdsServer.start();
  for (const [text, answer] of Object.entries(scripts)) server.on(text, answer);
  await using driver = openOn(server, {});
  await use(driver, server);
}

const signal = new AbortController().signal;

test('schemas', () =>
  with_({ [catalog.SCHEMAS]: rowsOf({ name: NAME }, ['dbo'], [ODD]) }, async (driver) => {
    expect(await driver.schemas(signal)).toEqual(['dbo', ODD]);
  }));

describe('tables', () => {
  const TABLES = rowsOf(
    { schema_name: NAME, name: NAME, kind: WIRE.varchar(2), id: WIRE.int },
    ['dbo', 'orders', 'U', 1],
    ['dbo', ODD, 'V', 2],
    ['dbo', 'far', 'U', 3],
    ['dbo', 'kept', 'V', 4],
    ['dbo', 'alias', 'SN', 5],
  );
  const EXTRAS = {
    [catalog.TABLE_COMMENTS]: rowsOf({ id: WIRE.int, comment: WIRE.nvarchar(4000) }, [1, 'What was sold']),
    [catalog.ROW_COUNTS]: rowsOf({ id: WIRE.int, n: WIRE.bigint }, [1, '5000000000'], [4, '3']),
    [catalog.INDEXED_VIEWS]: rowsOf({ id: WIRE.int }, [4]),
    [catalog.EXTERNAL_TABLES]: rowsOf({ id: WIRE.int }, [3]),
  };

  test('with kind, comment and estimated rows', () =>
    with_({ [catalog.TABLES]: TABLES, ...EXTRAS }, async (driver, server) => {
      expect(await driver.tables('dbo', signal)).toEqual([
        {
          schema: 'dbo',
          name: 'orders',
          kind: 'table',
          comment: 'What was sold',
          estimatedRows: 5_000_000_000,
        },
        { schema: 'dbo', name: ODD, kind: 'view' },
        { schema: 'dbo', name: 'far', kind: 'foreignTable' },
        { schema: 'dbo', name: 'kept', kind: 'materializedView' },
        { schema: 'dbo', name: 'alias', kind: 'view' },
      ]);
      expect(server.statements[0]?.parameters).toEqual([{ name: '@p1', type: 'nvarchar', value: 'dbo' }]);
    }));

  test('without what the login may not ask or the server has not', () =>
    with_(
      {
        [catalog.TABLES]: TABLES,
        [catalog.TABLE_COMMENTS]: refused,
        [catalog.ROW_COUNTS]: refused,
        [catalog.INDEXED_VIEWS]: absent,
        [catalog.EXTERNAL_TABLES]: absent,
      },
      async (driver, server) => {
        const tables = await driver.tables(undefined, signal);
        expect(tables.map(({ kind }) => kind)).toEqual(['table', 'view', 'table', 'view', 'view']);
        expect(tables.some((table) => 'estimatedRows' in table || 'comment' in table)).toBe(false);
        expect(server.statements[0]?.parameters[0]?.value).toBeNull();
      },
    ));

  test('fail when they themselves may not be asked for', () =>
    with_({ [catalog.TABLES]: refused }, async (driver) => {
      expect((await failureOf(driver.tables('dbo', signal))).code).toBe('datasource.rights');
    }));
});

describe('columns', () => {
  const OBJECT = { id: WIRE.int, kind: WIRE.varchar(2), schema_name: NAME, name: NAME };
  const COLUMN = {
    name: NAME,
    id: WIRE.int,
    type: NAME,
    size: WIRE.smallint,
    precision: WIRE.tinyint,
    scale: WIRE.tinyint,
    nullable: WIRE.bit,
  };

  test('with types, comments, keys and references', () =>
    with_(
      {
        [catalog.OBJECT]: rowsOf(OBJECT, [77, 'U', 'dbo', 'orders']),
        [catalog.COLUMNS]: rowsOf(
          COLUMN,
          ['id', 1, 'bigint', 8, 19, 0, false],
          [ODD, 2, 'nvarchar', 80, 0, 0, true],
          ['note', 3, 'varchar', -1, 0, 0, true],
          ['price', 4, 'decimal', 9, 18, 4, true],
          ['paid', 5, 'money', 8, 19, 4, true],
          ['at', 6, 'datetime2', 8, 27, 3, true],
          ['place', 7, 'geography', -1, 0, 0, true],
          ['who', 8, 'uniqueidentifier', 16, 0, 0, true],
        ),
        [catalog.COLUMN_COMMENTS]: rowsOf({ id: WIRE.int, comment: WIRE.nvarchar(4000) }, [4, 'Net']),
        [catalog.PRIMARY_KEY]: rowsOf({ id: WIRE.int, position: WIRE.tinyint }, [1, 1]),
        [catalog.FOREIGN_KEYS]: rowsOf(
          { id: WIRE.int, schema_name: NAME, table_name: NAME, column_name: NAME },
          [8, 'crm', 'people', 'id'],
          [8, 'crm', 'others', 'id'],
        ),
      },
      async (driver, server) => {
        expect(await driver.columns({ schema: 'dbo', name: 'orders' }, signal)).toEqual([
          { name: 'id', type: 'integer', nativeType: 'bigint', nullable: false, keyPosition: 1 },
          { name: ODD, type: 'text', nativeType: 'nvarchar(40)', nullable: true },
          { name: 'note', type: 'text', nativeType: 'varchar(max)', nullable: true },
          {
            name: 'price',
            type: 'decimal',
            nativeType: 'decimal(18,4)',
            nullable: true,
            precision: 18,
            scale: 4,
            comment: 'Net',
          },
          { name: 'paid', type: 'decimal', nativeType: 'money', nullable: true, precision: 19, scale: 4 },
          { name: 'at', type: 'timestamp', nativeType: 'datetime2(3)', nullable: true },
          { name: 'place', type: 'binary', nativeType: 'geography', nullable: true },
          {
            name: 'who',
            type: 'uuid',
            nativeType: 'uniqueidentifier',
            nullable: true,
            references: { schema: 'crm', table: 'people', column: 'id' },
          },
        ]);
        expect(server.statements[0]?.parameters.map(({ value }) => value)).toEqual(['dbo', 'orders']);
        expect(server.statements[1]?.parameters.map(({ value }) => value)).toEqual(['77']);
      },
    ));

  test('of a table that is not there', () =>
    with_({ [catalog.OBJECT]: rowsOf(OBJECT) }, async (driver, server) => {
      expect((await failureOf(driver.columns({ name: ODD }, signal))).code).toBe('resource.notFound');
      expect(server.statements[0]?.parameters.map(({ value }) => value)).toEqual([null, ODD]);
    }));

  test('of a synonym are those of what it names', () =>
    with_(
      {
        [catalog.OBJECT]: rowsOf(OBJECT, [5, 'SN', 'dbo', ODD]),
        [catalog.DESCRIBE]: rowsOf(
          {
            is_hidden: WIRE.bit,
            name: NAME,
            is_nullable: WIRE.bit,
            system_type_name: NAME,
            precision: WIRE.tinyint,
            scale: WIRE.tinyint,
          },
          [false, 'n', false, 'int', 10, 0],
        ),
      },
      async (driver, server) => {
        expect(await driver.columns({ schema: 'dbo', name: ODD }, signal)).toEqual([
          { name: 'n', type: 'integer', nativeType: 'int', nullable: false },
        ]);
        expect(server.statements[1]?.parameters[0]?.value).toBe(
          `SELECT * FROM [dbo].[${ODD.replace(']', ']]')}]`,
        );
      },
    ));
});

describe('describe', () => {
  const DESCRIBED = {
    is_hidden: WIRE.bit,
    name: NAME,
    is_nullable: WIRE.bit,
    system_type_name: NAME,
    precision: WIRE.tinyint,
    scale: WIRE.tinyint,
    user_type_name: NAME,
  };

  test('says names and types without running the statement', () =>
    with_(
      {
        [catalog.DESCRIBE]: rowsOf(
          DESCRIBED,
          [false, 'total', true, 'decimal(38,2)', 38, 2, null],
          [false, null, true, 'nvarchar(max)', 0, 0, null],
          [false, 'shape', true, null, 0, 0, 'geometry'],
          [false, 'at', true, 'datetimeoffset(7)', 34, 7, null],
          [true, 'key', true, 'int', 10, 0, null],
        ),
      },
      async (driver, server) => {
        const described = await driver.describe(
          { text: 'SELECT … WHERE a = @p1 AND b = @p2', params: ['x', 2] },
          signal,
        );
        expect(described.map(({ name, type, scale }) => [name, type, scale])).toEqual([
          ['total', 'decimal', 2],
          ['', 'text', undefined],
          ['shape', 'binary', undefined],
          ['at', 'timestamptz', undefined],
        ]);
        expect(server.statements.map(({ text }) => text)).toEqual([catalog.DESCRIBE]);
        expect(server.statements[0]?.parameters.map(({ value }) => value)).toEqual([
          'SELECT … WHERE a = @p1 AND b = @p2',
          '@p1 nvarchar(4000), @p2 bigint',
        ]);
      },
    ));

  test('fails as the statement would', () =>
    with_({ [catalog.DESCRIBE]: absent }, async (driver) => {
      expect(
        (await failureOf(driver.describe({ text: 'SELECT 1 FROM none', params: [] }, signal))).code,
      ).toBe('query.failed');
    }));
});

describe('facts', () => {
  const ABOUT = { version: NAME, banner: WIRE.nvarchar(4000), edition: WIRE.int };
  const one = (n: number) => rowsOf({ n: WIRE.int }, [n]);

  test('of SQL Server 2022 with a login that may write', () =>
    with_(
      {
        [facts.VERSION]: rowsOf(ABOUT, ['16.0.4105.2', 'Microsoft SQL Server 2022', 3]),
        [facts.READ_ONLY]: one(0),
        [facts.WRITE_RIGHT]: one(1),
        [facts.SNAPSHOT]: one(1),
      },
      async (driver) => {
        expect(await driver.facts(signal)).toEqual({
          version: '16.0.4105.2',
          product: 'sqlserver',
          capabilities: {
            major: 16,
            readOnlyDatabase: false,
            canWrite: true,
            snapshotIsolation: true,
            dateTrunc: true,
            isDistinctFrom: true,
          },
        });
      },
    ));

  test('of a compatible server that lacks most of it', () =>
    with_(
      {
        [facts.VERSION]: rowsOf(ABOUT, [
          '12.0.2000.8',
          'Babelfish for PostgreSQL with SQL Server Compatibility',
          0,
        ]),
        [facts.READ_ONLY]: absent,
        [facts.WRITE_RIGHT]: absent,
        [facts.SNAPSHOT]: none,
      },
      async (driver) => {
        const { product, capabilities } = await driver.facts(signal);
        expect(product).toBe('babelfish');
        expect(capabilities).toMatchObject({ canWrite: false, dateTrunc: false, snapshotIsolation: false });
      },
    ));
});
