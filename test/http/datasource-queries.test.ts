import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createConnection } from 'mysql2/promise';
import postgres from 'postgres';
import { startMariadb } from '../support/mariadb-server.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { openService, type TestService, until } from '../support/service-kit.ts';

const COLUMNS = `region varchar(20), product varchar(20), ordered_on date, amount decimal(18,2), units bigint`;
const ROWS = `('EU','A','2025-01-05',1.10,1),('EU','B','2025-04-05',2.20,2),('US','A','2025-04-09',3.30,9007199254740993),
  (NULL,'A','2025-01-09',4.40,NULL),('','A','2025-02-01',0.01,1),('eu','A','2025-02-01',0.02,1)`;

/** Asks a server beside the service, without holding up this process: the service under test runs in it too. */
interface Watcher {
  /** Statements over the table `big` that run. */
  busy(): Promise<number>;
  close(): Promise<void>;
}

interface Database {
  engine: 'postgres' | 'mysql';
  start(): Promise<TestServer>;
  scheme: string;
  watch(server: TestServer): Promise<Watcher>;
}

/** Takes minutes. */
const SLOW = 'SELECT count(*) AS n FROM big a, big b, big c';

const DATABASES: Database[] = [
  {
    engine: 'postgres',
    start: startPostgres,
    scheme: 'postgresql+psycopg',
    async watch({ host, port, user, password, database }) {
      const sql = postgres({ host, port, user, password, database, max: 1 });
      return {
        async busy() {
          const [row] =
            await sql`SELECT count(*)::int AS n FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%FROM big%' AND pid <> pg_backend_pid()`;
          return row!.n as number;
        },
        close: () => sql.end(),
      };
    },
  },
  {
    engine: 'mysql',
    start: startMariadb,
    scheme: 'mysql+pymysql',
    async watch({ host, port, user, password, database }) {
      const connection = await createConnection({ host, port, user, password, database });
      return {
        async busy() {
          const text =
            "SELECT count(*) AS n FROM information_schema.processlist WHERE info LIKE '%FROM big%' AND id <> connection_id()";
          const [[row]] = (await connection.query(text)) as unknown as [[{ n: number }]];
          return row.n;
        },
        close: () => connection.end(),
      };
    },
  },
];

const PIVOT = {
  rows: ['region'],
  columns: [{ field: 'ordered_on', grain: 'quarter', as: 'quarter' }],
  measures: [
    { agg: 'sum', field: 'amount', as: 'revenue' },
    { agg: 'countDistinct', field: 'product', as: 'products' },
    { agg: 'median', field: 'amount', as: 'middle' },
    { agg: 'avg', field: 'amount', as: 'mean' },
    { agg: 'count', as: 'orders' },
  ],
  totals: { rows: 'all', columns: 'all' },
};

describe.each(DATABASES)('queries over $engine', ({ engine, start, scheme, watch }) => {
  let server: TestServer;
  let service: TestService;
  beforeAll(async () => {
    server = await start();
    server.admin(`CREATE TABLE orders (${COLUMNS}); INSERT INTO orders VALUES ${ROWS};`, server.database);
    server.admin('CREATE TABLE big (i integer);', server.database);
    server.admin(
      `INSERT INTO big VALUES ${Array.from({ length: 3000 }, (_, i) => `(${i})`).join(',')};`,
      server.database,
    );
    service = await openService({ QUERY_RATE_PER_SEC: '1000', QUERY_BURST: '1000' });
    const { user, password, host, port, database } = server;
    const dsn = `${scheme}://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${database}?sa_pool_size=2&sa_max_overflow=2&sa_pool_timeout=5`;
    const made = await service.call('POST', '/api/datasources', { name: 'erp', type: engine, dsn });
    expect(made.json).toMatchObject({ name: 'erp', type: engine });
    expect(made.status).toBe(201);
    const file = `region,product,ordered_on,amount,units\nEU,A,2025-01-05,1.10,1\nEU,B,2025-04-05,2.20,2\nUS,A,2025-04-09,3.30,9007199254740993\n,A,2025-01-09,4.40,\n"",A,2025-02-01,0.01,1\neu,A,2025-02-01,0.02,1\n`;
    expect((await service.upload('orders', 'orders.csv', file)).status).toBe(201);
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const table = { datasource: 'erp', table: 'orders' };

  test('its own test says who is there', async () => {
    const { json } = await service.call('POST', '/api/datasources/erp/test');
    expect(json).toMatchObject({ ok: true });
    expect(json.version).toBeString();
  });

  test('tables, columns and first rows', async () => {
    const tables = await service.call('GET', '/api/datasources/erp/tables');
    expect(tables.json.items.map(({ name }: { name: string }) => name)).toContain('orders');
    const columns = await service.call('GET', '/api/datasources/erp/tables/orders/columns');
    expect(columns.json.items.map(({ name, type }: { name: string; type: string }) => [name, type])).toEqual([
      ['region', 'text'],
      ['product', 'text'],
      ['ordered_on', 'date'],
      ['amount', 'decimal'],
      ['units', 'integer'],
    ]);
    const preview = await service.call('GET', '/api/datasources/erp/tables/orders/preview?limit=3');
    expect(preview.json.rows).toHaveLength(3);
    expect(preview.json.rows[2]).toEqual(['US', 'A', '2025-04-09', '3.30', '9007199254740993']);
  });

  test('a pivot has the same cells and the same hash as over a dataset of the same rows', async () => {
    const there = await service.call('POST', '/api/query/pivot', { from: table, ...PIVOT });
    const here = await service.call('POST', '/api/query/pivot', { from: { dataset: 'orders' }, ...PIVOT });
    expect(there.json.code).toBeUndefined();
    expect([there.json.rows, there.json.columns, there.json.cells]).toEqual([
      here.json.rows,
      here.json.columns,
      here.json.cells,
    ]);
    expect(there.json.meta.resultHash).toBe(here.json.meta.resultHash);
    expect(there.json.meta).toMatchObject({ engine, exact: true });
    expect(there.json.cells.at(-1).at(-1)).toBe(6);
  });

  test.each<[string, object]>([
    ['where nothing is left', { where: { field: 'region', op: 'eq', value: 'nowhere' } }],
    ['without dimensions', { rows: [], columns: [], totals: {} }],
    [
      'without dimensions and rows',
      { rows: [], columns: [], totals: {}, where: { field: 'region', op: 'eq', value: 'nowhere' } },
    ],
    [
      'sorted by a distinct count',
      {
        sort: [
          { axis: 'rows', level: 'region', by: 'products', dir: 'desc' },
          { axis: 'columns', level: 'quarter', by: 'middle', column: ['EU'] },
        ],
      },
    ],
    ['a page of it', { page: { rows: { limit: 1, offset: 1 } } }],
    ['three levels', { rows: ['region', 'product', 'units'], columns: [] }],
  ])('a pivot %s is that of the dataset', async (_, more) => {
    const there = await service.call('POST', '/api/query/pivot', { from: table, ...PIVOT, ...more });
    const here = await service.call('POST', '/api/query/pivot', {
      from: { dataset: 'orders' },
      ...PIVOT,
      ...more,
    });
    expect(there.json.code).toBeUndefined();
    expect([there.json.rows, there.json.columns, there.json.cells, there.json.detail]).toEqual([
      here.json.rows,
      here.json.columns,
      here.json.cells,
      here.json.detail,
    ]);
  });

  test('a spec over a table and over a SELECT with parameters', async () => {
    const spec = {
      dimensions: ['region'],
      measures: [
        { agg: 'sum', field: 'amount', as: 'revenue' },
        { agg: 'max', field: 'units', as: 'most' },
      ],
      totalRows: true,
    };
    const there = await service.call('POST', '/api/query/spec', { from: table, ...spec });
    expect(there.json.rows).toEqual([
      ['', '0.01', 1],
      ['EU', '3.30', 2],
      ['US', '3.30', '9007199254740993'],
      ['eu', '0.02', 1],
      [null, '4.40', null],
    ]);
    expect(there.json.meta.totalRows).toBe(5);
    const select = {
      datasource: 'erp',
      sql: 'SELECT region, amount, units FROM orders WHERE amount >= :least',
      params: { least: 3 },
    };
    const some = await service.call('POST', '/api/query/spec', { from: select, ...spec });
    expect(some.json.rows).toEqual([
      ['US', '3.30', '9007199254740993'],
      [null, '4.40', null],
    ]);
    const pivot = await service.call('POST', '/api/query/pivot', {
      from: select,
      rows: ['region'],
      measures: spec.measures,
      totals: { rows: 'all' },
    });
    expect(pivot.json.cells).toEqual([
      ['3.30', '9007199254740993'],
      ['4.40', null],
      ['7.70', '9007199254740993'],
    ]);
  });

  test('distinct values, CSV and what would run', async () => {
    const distinct = await service.call('POST', '/api/query/distinct', {
      from: table,
      field: 'region',
      search: 'e',
    });
    expect(distinct.json.rows).toEqual([
      ['EU', 2],
      ['eu', 1],
    ]);
    const csv = await service.call('POST', '/api/query/spec?format=csv', {
      from: table,
      dimensions: ['product'],
      measures: [{ agg: 'sum', field: 'amount', as: 's' }],
    });
    expect(csv.text).toBe('product,s\r\nA,8.83\r\nB,2.20\r\n');
    const shown = await service.call('POST', '/api/query/pivot/sql', { from: table, ...PIVOT });
    expect(shown.json.engine).toBe(engine);
    expect(shown.text).not.toContain(server.password);
  });

  test('raw SQL with bound parameters', async () => {
    const sql = 'SELECT region, amount, units FROM orders WHERE product = :product ORDER BY amount DESC';
    const { json } = await service.call('POST', '/api/query', {
      datasource: 'erp',
      sql,
      params: { product: 'A' },
    });
    expect(json.code).toBeUndefined();
    expect(json.rows).toEqual([
      [null, '4.40', null],
      ['US', '3.30', '9007199254740993'],
      ['EU', '1.10', 1],
      ['eu', '0.02', 1],
      ['', '0.01', 1],
    ]);
    expect(json.columns.map(({ name }: { name: string }) => name)).toEqual(['region', 'amount', 'units']);
    const cut = await service.call('POST', '/api/query', {
      datasource: 'erp',
      sql,
      params: { product: 'A' },
      limit: 2,
    });
    expect(cut.json.rows).toHaveLength(2);
    const hostile = await service.call('POST', '/api/query', {
      datasource: 'erp',
      sql,
      params: { product: "A'; DROP TABLE orders; --" },
    });
    expect(hostile.json.rows).toEqual([]);
  });

  test.each([1e21, 1.5e19, -1e21, -1e300, 0.5])(
    'a parameter of %p is a number like others',
    async (least) => {
      const sql = 'SELECT count(*) AS n FROM orders WHERE units > :least';
      const { json } = await service.call('POST', '/api/query', {
        datasource: 'erp',
        sql,
        params: { least },
      });
      const all = await service.call('POST', '/api/query', {
        datasource: 'erp',
        sql: 'SELECT count(*) AS n FROM orders WHERE units IS NOT NULL',
      });
      expect(json.rows).toEqual(least > 1 ? [[0]] : all.json.rows);
    },
  );

  test.each<[string, object, string, string | undefined]>([
    ['two statements', { sql: 'SELECT 1; DROP TABLE orders' }, 'query.refused', '/sql'],
    ['a write', { sql: 'DELETE FROM orders' }, 'query.refused', '/sql'],
    ['no SQL', { sql: 'SELECT FROM WHERE (' }, 'query.syntax', '/sql'],
    ['a parameter too few', { sql: 'SELECT :a AS x' }, 'request.invalid', '/params/a'],
    ['a parameter too many', { sql: 'SELECT 1 AS x', params: { b: 1 } }, 'request.invalid', '/params/b'],
    ['a table that is not there', { sql: 'SELECT * FROM nothing_here' }, 'query.failed', undefined],
  ])('raw SQL with %s is refused in its own words', async (_, body, code, pointer) => {
    const { json, text } = await service.call('POST', '/api/query', { datasource: 'erp', ...body });
    expect([json.code, json.pointer]).toEqual([code, pointer]);
    expect(text).not.toContain(server.password);
  });

  test.each<[string, object, string, string]>([
    ['an unknown table', { datasource: 'erp', table: 'order' }, 'resource.notFound', '/from/table'],
    ['a broken table name', { datasource: 'erp', table: 'a.b.c' }, 'request.invalid', '/from/table'],
    ['a dataset with a table', { dataset: 'orders', table: 'x' }, 'request.invalid', '/from/table'],
    ['table and SQL', { datasource: 'erp', table: 'orders', sql: 'SELECT 1' }, 'request.invalid', '/from'],
    ['a write as a source', { datasource: 'erp', sql: 'DELETE FROM orders' }, 'query.refused', '/from/sql'],
  ])('a source of %s is a problem that names the place', async (_, from, code, pointer) => {
    const { json } = await service.call('POST', '/api/query/spec', { from, dimensions: ['region'] });
    expect([json.code, json.pointer]).toEqual([code, pointer]);
  });

  test('DELETE, hanging up and the deadline end the statement on the server', async () => {
    const watcher = await watch(server);
    /** One that is answered before it was seen to run will never be. */
    const running = async (asked: Promise<unknown>) => {
      let answer: unknown;
      void asked.then((given) => (answer = given));
      await until(async () => (await watcher.busy()) > 0 || answer !== undefined);
      expect(answer).toBeUndefined();
    };
    const ended = () => until(async () => (await watcher.busy()) === 0);
    const asked = service.call('POST', '/api/query', { datasource: 'erp', sql: SLOW, requestId: 'slow' });
    await running(asked);
    expect((await service.call('DELETE', '/api/queries/slow')).status).toBe(204);
    expect((await asked).json.code).toBe('query.cancelled');
    await ended();

    const hangUp = new AbortController();
    const left = service
      .call('POST', '/api/query', { datasource: 'erp', sql: SLOW }, { signal: hangUp.signal })
      .catch((error: Error) => error.name);
    await running(left);
    hangUp.abort();
    expect(await left).toBe('AbortError');
    await ended();

    const { json } = await service.call('POST', '/api/query', {
      datasource: 'erp',
      sql: SLOW,
      timeoutS: 0.5,
    });
    expect(json.code).toBe('query.timeout');
    await ended();
    await watcher.close();
  });

  test('the pool is measured', async () => {
    const connections = (state: string) =>
      service.metric(`datasource_connections{datasource="erp",state="${state}"}`);
    await service.call('POST', '/api/query', { datasource: 'erp', sql: 'SELECT 1 AS x' });
    await until(async () => (await connections('inUse')) === 0 && (await connections('idle')) > 0);
    const made = 'datasource_connections_made_total{datasource="erp",outcome="created"}';
    expect(await service.metric(made)).toBeGreaterThan(0);
    const { json } = await service.call('GET', '/api/datasources/erp/stats');
    expect(json.pool).toMatchObject({ inUse: 0, waiting: 0 });
    expect(json.pool.idle).toBeGreaterThan(0);
  });

  test('answers are not kept unless the datasource says for how long', async () => {
    const spec = { from: table, measures: [{ agg: 'count', as: 'n' }] };
    await service.call('POST', '/api/query/spec', spec);
    expect((await service.call('POST', '/api/query/spec', spec)).json.meta.cache.hit).toBe(false);
    expect(
      (await service.call('PATCH', '/api/datasources/erp', { settings: { cacheTtlS: 60 } })).status,
    ).toBe(200);
    await service.call('POST', '/api/query/spec', spec);
    expect((await service.call('POST', '/api/query/spec', spec)).json.meta.cache.hit).toBe(true);
  });

  test('after the server restarts, queries go on', async () => {
    await server.stop();
    const away = await service.call('POST', '/api/query', { datasource: 'erp', sql: 'SELECT 1 AS x' });
    expect(away.json.code).toBe('datasource.unreachable');
    await server.start();
    const back = await service.call('POST', '/api/query', {
      datasource: 'erp',
      sql: 'SELECT count(*) AS n FROM orders',
    });
    expect(back.json.rows).toEqual([[6]]);
  });
});

test('a statement past its limits is refused and counted', async () => {
  await using service = await openService({ SQL_MAX_BYTES: '1024', SQL_MAX_DEPTH: '5' });
  const long = await service.call('POST', '/api/query', { sql: `SELECT ${'1 + '.repeat(500)} 1 AS x` });
  expect(long.json).toMatchObject({ code: 'query.refused', reason: 'tooLong' });
  const deep = await service.call('POST', '/api/query', {
    sql: `SELECT ${'('.repeat(8)}1${')'.repeat(8)} AS x`,
  });
  expect(deep.json).toMatchObject({ code: 'query.refused', reason: 'tooComplex' });
  expect(await service.metric('limits_hit_total{limit="SQL_MAX_BYTES"}')).toBe(1);
  expect(await service.metric('limits_hit_total{limit="SQL_MAX_DEPTH"}')).toBe(1);
});

test('no connection is made to where a name leads that must not be reached', async () => {
  await using service = await openService();
  const settings = { host: '169.254.169.254', port: 80, database: 'd', user: 'u' };
  const made = await service.call('POST', '/api/datasources', { name: 'evil', type: 'postgres', settings });
  expect(made.status).toBe(400);
});

describe('SQL over datasets', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await openService();
    await service.upload(
      'orders',
      'o.csv',
      'id,amount,day\n1,1.50,2025-01-01\n2,2.25,2025-01-02\n3,3.00,2025-01-02\n',
    );
    await service.upload('odd "name"', 'o.csv', 'id,label\n1,one\n2,two\n');
  });
  afterAll(() => service[Symbol.asyncDispose]());

  test.each([1e21, 1.5e19, -1e21, -1e300, 0.5])(
    'a parameter of %p is a number like others',
    async (least) => {
      const sql = 'SELECT count(*) AS n FROM orders WHERE amount > :least';
      const { json } = await service.call('POST', '/api/query', { sql, params: { least } });
      expect(json.rows).toEqual([[least > 1 ? 0 : 3]]);
    },
  );

  test('names datasets as tables and keeps its own order', async () => {
    const sql =
      'SELECT o.id, l.label, o.amount, o.day FROM orders o LEFT JOIN "odd ""name""" l ON l.id = o.id WHERE o.amount > :least ORDER BY o.id DESC';
    const { json } = await service.call('POST', '/api/query', { sql, params: { least: 1 } });
    expect(json.code).toBeUndefined();
    expect(json.rows).toEqual([
      [3, null, '3.00', '2025-01-02'],
      [2, 'two', '2.25', '2025-01-02'],
      [1, 'one', '1.50', '2025-01-01'],
    ]);
    expect(json.columns.map(({ type }: { type: string }) => type)).toEqual([
      'integer',
      'text',
      'decimal',
      'date',
    ]);
    expect(json.meta.engine).toBe('duckdb');
  });

  test.each<[string, string]>([
    ['a file as a table', "SELECT * FROM '/etc/passwd'"],
    ['a function that reads files', "SELECT * FROM read_csv('/etc/passwd')"],
    ['the catalog', 'SELECT * FROM duckdb_settings()'],
    ['a table of the engine', 'SELECT * FROM sqlite_master'],
    ['a write', 'CREATE TABLE x AS SELECT 1'],
    ['the environment', "SELECT getenv('HOME')"],
    ['a setting', "SELECT current_setting('temp_directory')"],
  ])('%s is refused', async (_, sql) => {
    const { json } = await service.call('POST', '/api/query', { sql });
    expect(json.code).toBe('query.refused');
  });
});
