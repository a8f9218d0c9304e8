import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startMariadb } from '../support/mariadb-server.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { openService, type TestService } from '../support/service-kit.ts';

const ORDERS = [
  [1, 1, 'a', '10.50', 1, 2],
  [2, 1, 'A', '20.00', 3, null],
  [3, 2, 'a', '5.25', 5, 6],
  [4, null, null, '7.00', 7, 8],
  [5, 9, 'zz', '1.00', 9, 10],
] as const;
const CUSTOMERS = [
  [1, 'Ann', 'DE'],
  [2, 'Bob', 'FR'],
  [3, 'Cyd', 'FR'],
] as const;
const CODES = [
  ['a', 'small'],
  ['A', 'large'],
  [null, 'none'],
  [null, 'none at all'],
] as const;
const LINES = [
  [1, 'P', 1],
  [1, 'Q', 2],
  [2, 'P', 3],
  [7, 'R', 4],
] as const;

type Cell = string | number | null;
const literal = (value: Cell) => (typeof value === 'string' ? `'${value}'` : (value ?? 'NULL'));
const values = (rows: readonly (readonly Cell[])[]) =>
  rows.map((row) => `(${row.map(literal).join(', ')})`).join(', ');
const csv = (header: string, rows: readonly (readonly Cell[])[]) =>
  `${header}\n${rows.map((row) => row.join(',')).join('\n')}\n`;

const TABLES = `
CREATE TABLE orders (id integer PRIMARY KEY, customer integer, code varchar(20), amount decimal(10, 2), jan integer, feb integer);
CREATE TABLE customers (id integer PRIMARY KEY, name varchar(20), country varchar(20));
CREATE TABLE codes (code varchar(20), title varchar(20));
CREATE TABLE order_lines (order_id integer, product varchar(20), qty integer);
CREATE TABLE moving (id integer, title varchar(20), gone integer);
INSERT INTO orders VALUES ${values(ORDERS)};
INSERT INTO customers VALUES ${values(CUSTOMERS)};
INSERT INTO codes VALUES ${values(CODES)};
INSERT INTO order_lines VALUES ${values(LINES)};
INSERT INTO moving VALUES (1, 'one', 1), (2, 'two', 2);
`;

const join = (table: string, as: string, on: [string, string][], more: object = {}) => ({
  table,
  as,
  on,
  ...more,
});

const SALES = {
  joins: [
    join('customers', 'c', [['customer', 'c.id']]),
    join('codes', 'k', [['code', 'k.code']], { type: 'full' }),
  ],
  columns: [
    { name: 'double', expr: 'amount * 2' },
    { name: 'place', expr: "coalesce(c.country, 'nowhere') || ' ' || coalesce(k.title, '-')" },
  ],
  dimensions: [{ name: 'title', field: 'k.title', label: 'Title' }],
  measures: [
    { name: 'revenue', agg: 'sum', field: 'double', label: 'Revenue', format: '0.00' },
    { name: 'middle', agg: 'median', field: 'amount' },
    { name: 'places', agg: 'countDistinct', expr: 'place' },
  ],
  where: { field: 'place', op: 'ne', value: 'nowhere none' },
};

describe.each([
  ['postgres', 'postgresql', startPostgres],
  ['mysql', 'mysql', startMariadb],
] as const)('models over %s', (engine, scheme, start) => {
  let server: TestServer;
  let service: TestService;
  const post = async (path: string, body: unknown) => (await service.call('POST', `/api${path}`, body)).json;
  const keysAsked = () => service.metric(`queries_total{engine="${engine}",kind="keys",outcome="ok"}`);
  const make = async (name: string, body: object) =>
    post('/models', { name, from: { datasource: 'erp', table: 'orders' }, ...body });

  beforeAll(async () => {
    server = await start();
    server.admin(TABLES, server.database);
    service = await openService({ QUERY_RATE_PER_SEC: '1000', QUERY_BURST: '5000' });
    const { user, password, host, port, database } = server;
    const dsn = `${scheme}://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
    for (const name of ['erp', 'other'])
      expect((await service.call('POST', '/api/datasources', { name, type: engine, dsn })).status).toBe(201);
    await service.upload('orders', 'o.csv', csv('id,customer,code,amount,jan,feb', ORDERS));
    await service.upload('customers', 'c.csv', csv('id,name,country', CUSTOMERS));
    await service.upload('codes', 'k.csv', csv('code,title', CODES));
  }, 60_000);
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test('give the cells, under the same hash, that the model gives over datasets of the same rows', async () => {
    const there = await make('there', SALES);
    expect(there.version).toBe(1);
    const here = await post('/models', { ...SALES, name: 'here', from: { dataset: 'orders' } });
    expect(here.version).toBe(1);
    const pivot = (model: string) =>
      post('/query/pivot', {
        from: { model },
        rows: ['title'],
        columns: ['c.country', 'place'],
        measures: ['revenue', 'middle', 'places', { agg: 'count' }],
        totals: { rows: 'all', columns: 'all' },
      });
    const [given, wanted] = [await pivot('there'), await pivot('here')];
    expect(given.code).toBeUndefined();
    expect([given.rows, given.columns, given.cells]).toEqual([wanted.rows, wanted.columns, wanted.cells]);
    expect(given.meta.resultHash).toBe(wanted.meta.resultHash);
    expect(given.meta.engine).toBe(engine);
    expect(given.meta.dataVersion).toMatch(/^mdl_\w+@1\+ds_\w+@1$/);
    const distinct = (model: string) => post('/query/distinct', { from: { model }, field: 'place' });
    expect((await distinct('there')).rows).toEqual((await distinct('here')).rows);
    const explained = await post('/query/sql', {
      from: { model: 'there' },
      dimensions: ['title'],
      measures: ['revenue'],
    });
    expect(explained.statements[0].text).toMatch(/JOIN/);
  });

  test('a key of the catalog is believed; others are looked at once, exactly', async () => {
    const before = await keysAsked();
    await make('by key', { joins: [join('customers', 'c', [['customer', 'c.id']])] });
    expect(await keysAsked()).toBe(before);
    const made = await make('by code', { joins: [join('codes', 'k', [['code', 'k.code']])] });
    expect(made.version).toBe(1);
    expect(await keysAsked()).toBe(before + 1);
    const asked = {
      from: { model: 'by code' },
      dimensions: ['k.title'],
      measures: [{ agg: 'sum', field: 'amount', as: 'x' }],
    };
    for (let n = 0; n < 3; n++)
      expect((await post('/query/spec', asked)).rows).toEqual([
        ['large', '20.00'],
        ['small', '15.75'],
        [null, '8.00'],
      ]);
    expect(await keysAsked()).toBe(before + 1);
  });

  test('what would multiply is refused, and a one-to-many join counts each side once', async () => {
    const lines = join('order_lines', 'l', [['id', 'l.order_id']]);
    expect(await make('multiplying', { joins: [lines] })).toMatchObject({
      ...{ code: 'model.multiplies', pointer: '/joins/0', join: 'l', rows: 2 },
    });
    const many = {
      joins: [{ ...lines, relationship: 'oneToMany' }],
      measures: [
        { name: 'pieces', agg: 'sum', field: 'l.qty' },
        { name: 'revenue', agg: 'sum', field: 'amount' },
      ],
    };
    expect((await make('many', many)).version).toBe(1);
    const from = { model: 'many' };
    const rows = async (body: object) => (await post('/query/spec', { from, ...body })).rows;
    expect(await rows({ dimensions: ['code'], measures: ['pieces'] })).toEqual([
      ['A', 3],
      ['a', 3],
      ['zz', null],
      [null, null],
    ]);
    expect(await rows({ dimensions: ['code'], measures: ['revenue'] })).toEqual([
      ['A', '20.00'],
      ['a', '15.75'],
      ['zz', '1.00'],
      [null, '7.00'],
    ]);
    const both = { from, rows: ['l.product'], measures: ['pieces', 'revenue'], totals: { rows: 'all' } };
    expect(await post('/query/pivot', both)).toMatchObject({
      code: 'query.unsupported',
      pointer: '/measures/1',
      joins: ['l'],
    });
  });

  test('a SELECT with parameters is a base and is joined; columns become rows', async () => {
    const model = {
      from: {
        datasource: 'erp',
        sql: 'select id, code, jan, feb from orders where amount > :least',
        params: { least: 2 },
      },
      unpivot: { columns: ['jan', 'feb'], name: 'month', value: 'pieces' },
      joins: [
        {
          ...{ as: 'k', type: 'inner', on: [['code', 'k.code']] },
          ...{ sql: 'select code, title from codes where title <> :not', params: { not: 'x' } },
        },
      ],
      measures: [{ name: 'pieces', agg: 'sum', field: 'pieces' }],
    };
    expect((await post('/models', { name: 'selected', ...model })).version).toBe(1);
    const given = await post('/query/pivot', {
      from: { model: 'selected' },
      ...{
        rows: ['k.title'],
        columns: ['month'],
        measures: ['pieces'],
        totals: { rows: 'all', columns: 'all' },
      },
    });
    expect(given.columns.members).toEqual([['feb'], ['jan'], []]);
    expect(given.cells).toEqual([
      [null, 3, 3],
      [8, 6, 14],
      [8, 9, 17],
    ]);
    const preview = await post('/models/preview', { ...model, limit: 10 });
    expect(preview.rows.map((row: Cell[]) => row.slice(0, 4)).toSorted()).toEqual([
      [1, 'a', 'feb', 2],
      [1, 'a', 'jan', 1],
      [2, 'A', 'jan', 3],
      [3, 'a', 'feb', 6],
      [3, 'a', 'jan', 5],
    ]);
  });

  test('tables of two sources are not joined', async () => {
    const orders = [['customer', 'c.id']];
    for (const [field, part] of [
      ['dataset', { dataset: 'customers' }],
      ['datasource', { datasource: 'other', table: 'customers' }],
    ] as const)
      expect(await make('crossed', { joins: [{ ...part, as: 'c', on: orders }] })).toMatchObject({
        ...{ code: 'query.unsupported', pointer: `/joins/0/${field}`, join: 'c' },
      });
    expect(
      (await make('same', { joins: [{ datasource: 'erp', table: 'customers', as: 'c', on: orders }] }))
        .version,
    ).toBe(1);
  });

  test.each<[string, object, string, string]>([
    ['a table', { from: { datasource: 'erp', table: 'nothing' } }, 'resource.notFound', '/from/table'],
    [
      'a table by a name that is none',
      { from: { datasource: 'erp', table: 'a.b.c' } },
      'request.invalid',
      '/from/table',
    ],
    [
      'a joined table',
      { joins: [join('nothing', 'n', [['id', 'n.id']])] },
      'resource.notFound',
      '/joins/0/table',
    ],
    [
      'a statement that writes',
      { from: { datasource: 'erp', sql: 'delete from orders' } },
      'query.refused',
      '/from/sql',
    ],
    [
      'a joined statement that writes',
      { joins: [{ sql: 'delete from orders', as: 'n', on: [['id', 'n.id']] }] },
      'query.refused',
      '/joins/0/sql',
    ],
    [
      'a parameter without a value',
      { joins: [{ sql: 'select id from orders where id = :x', as: 'n', on: [['id', 'n.id']] }] },
      'request.invalid',
      '/joins/0/params/x',
    ],
    [
      'neither table nor SELECT',
      { joins: [{ as: 'n', on: [['id', 'n.id']] }] },
      'request.invalid',
      '/joins/0',
    ],
  ])('%s that is not there is refused', async (_, part, code, pointer) => {
    expect(await make('refused', part)).toMatchObject({ code, pointer });
  });

  test('what the database does not take is told before the model is kept', async () => {
    const [text, other] = {
      mysql: ['varchar(20) COLLATE utf8mb4_general_ci', 'varchar(20) COLLATE utf8mb4_unicode_ci'],
      postgres: ['varchar(20)', 'varchar(20)'],
    }[engine];
    server.admin(`CREATE TABLE one (code ${text}); CREATE TABLE two (code ${other});`, server.database);
    const given = await make('of two collations', {
      from: { datasource: 'erp', table: 'one' },
      joins: [join('two', 't', [['code', 't.code']])],
    });
    if (engine === 'postgres') expect(given.version).toBe(1);
    else
      expect(given).toMatchObject({
        ...{ code: 'query.failed', pointer: '/joins' },
        detail: expect.stringMatching(/two collations/),
      });
  });

  test('a column that the table lost is named, when the catalog is read anew', async () => {
    const base = { from: { datasource: 'erp', table: 'moving' } };
    await make('losing', {
      ...base,
      measures: [
        { name: 'total', agg: 'sum', field: 'gone' },
        { name: 'rows', agg: 'count' },
      ],
    });
    const ask = (measures: string[]) =>
      post('/query/spec', { from: { model: 'losing' }, dimensions: ['title'], measures });
    expect((await ask(['total'])).rows).toEqual([
      ['one', 1],
      ['two', 2],
    ]);
    server.admin('ALTER TABLE moving DROP COLUMN gone', server.database);
    await service.call('GET', '/api/datasources/erp/tables/moving/columns?refresh=true');
    expect(await ask(['total'])).toMatchObject({
      ...{
        code: 'query.field',
        pointer: '/from/model',
        model: 'losing',
        field: 'gone',
        at: '/measures/0/field',
      },
    });
    expect((await ask(['rows'])).rows).toEqual([
      ['one', 1],
      ['two', 1],
    ]);
  });
});
