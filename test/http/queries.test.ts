import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { openService, type TestService, until } from '../support/service-kit.ts';

const CSV = `region,channel,amount,units,ordered_on
EU,web,10.10,1,2025-01-05
EU,shop,20.20,2,2025-02-05
US,web,30.30,,2025-04-05
US,web,0.01,4,2025-04-06
,shop,5.00,5,2025-07-01
`;

const pivot = (more: object = {}) => ({
  from: { dataset: 'orders' },
  rows: ['region'],
  columns: ['channel'],
  measures: [{ agg: 'sum', field: 'amount', as: 'revenue' }],
  totals: { rows: 'all', columns: 'all' },
  ...more,
});

describe('query endpoints', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await openService();
    expect((await service.upload('orders', 'orders.csv', CSV)).status).toBe(201);
  });
  afterAll(() => service[Symbol.asyncDispose]());

  test('the first session of the API document', async () => {
    const { json, status, headers } = await service.call('POST', '/api/query/pivot', pivot());
    expect(json).toMatchObject({
      rows: { levels: ['region'], members: [['EU'], ['US'], [null], []], level: [1, 1, 1, 0] },
      columns: { levels: ['channel'], members: [['shop'], ['web'], []], level: [1, 1, 0] },
      measures: [{ name: 'revenue', type: 'decimal' }],
      cells: [
        ['20.20', '10.10', '30.30'],
        [null, '30.31', '30.31'],
        ['5.00', null, '5.00'],
        ['25.20', '40.41', '65.61'],
      ],
      detail: {
        rows: { returned: 3, total: 3, truncated: false },
        columns: { returned: 2, total: 2, truncated: false },
      },
      totals: 'complete',
      meta: {
        rowCount: 4,
        truncated: false,
        cache: { hit: false },
        timezone: 'UTC',
        engine: 'duckdb',
        exact: true,
        policy: 'all',
        warnings: [],
      },
    });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect(json.meta.dataVersion).toMatch(/^dst_\w+@1$/);
    expect(json.meta.requestId).toBe(headers.get('x-request-id'));
  });

  test('one result on every surface: the same cells under the same hash', async () => {
    const grid = await service.call('POST', '/api/query/pivot', pivot());
    const long = await service.call('POST', '/api/query/pivot?shape=long', pivot());
    const csv = await service.call('POST', '/api/query/pivot?format=csv', pivot());
    expect(long.json.rows).toContainEqual(['EU', 'web', 1, 1, '10.10']);
    expect(long.json.rows).toContainEqual([null, null, 0, 0, '65.61']);
    expect(csv.text.split('\r\n')).toEqual([
      'region,channel,rowLevel,columnLevel,revenue',
      'EU,shop,1,1,20.20',
      'EU,web,1,1,10.10',
      'EU,,1,0,30.30',
      'US,web,1,1,30.31',
      'US,,1,0,30.31',
      ',shop,1,1,5.00',
      ',,1,0,5.00',
      ',shop,0,1,25.20',
      ',web,0,1,40.41',
      ',,0,0,65.61',
      '',
    ]);
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(csv.headers.get('content-disposition')).toContain('orders.csv');
    const hashes = [grid.json.meta.resultHash, long.json.meta.resultHash, csv.headers.get('x-result-hash')];
    expect(new Set(hashes).size).toBe(1);
  });

  test('a spec in its shapes', async () => {
    const spec = {
      from: { dataset: 'orders' },
      dimensions: ['region'],
      measures: [{ agg: 'sum', field: 'amount', as: 'revenue' }, { agg: 'count' }],
      totalRows: true,
    };
    const { json } = await service.call('POST', '/api/query/spec', { ...spec, limit: 2 });
    expect(json.rows).toEqual([
      ['EU', '30.30', 2],
      ['US', '30.31', 2],
    ]);
    expect(json.columns).toEqual([
      { name: 'region', type: 'text', label: 'region' },
      { name: 'revenue', type: 'decimal', label: 'revenue' },
      { name: 'count', type: 'integer', label: 'count' },
    ]);
    expect(json.meta).toMatchObject({ rowCount: 2, totalRows: 3, truncated: false });
    const objects = await service.call('POST', '/api/query/spec?shape=objects', {
      ...spec,
      numbers: 'float',
    });
    expect(objects.json.rows[0]).toEqual({ region: 'EU', revenue: 30.3, count: 2 });
    const columns = await service.call('POST', '/api/query/spec?shape=columns', spec);
    expect(columns.json.data).toEqual([
      ['EU', 'US', null],
      ['30.30', '30.31', '5.00'],
      [2, 2, 1],
    ]);
    const csv = await service.call('POST', '/api/query/spec', spec, { headers: { accept: 'text/csv' } });
    expect(csv.text).toBe('region,revenue,count\r\nEU,30.30,2\r\nUS,30.31,2\r\n,5.00,1\r\n');
  });

  test('a file does not become a formula, and its numbers stay numbers', async () => {
    await service.upload('cells', 'cells.csv', 'note,n\n=1+1,-5\n"@cmd, quoted",6\nplain,-7\n');
    const { text } = await service.call('POST', '/api/query/spec?format=csv', {
      from: { dataset: 'cells' },
      dimensions: ['note', 'n'],
    });
    expect(text).toBe('note,n\r\n"\'=1+1",-5\r\n"\'@cmd, quoted",6\r\nplain,-7\r\n');
  });

  test('distinct values, searched', async () => {
    const { json } = await service.call('POST', '/api/query/distinct', {
      from: { dataset: 'orders' },
      field: 'region',
    });
    expect(json.rows).toEqual([
      ['EU', 2],
      ['US', 2],
      [null, 1],
    ]);
    const found = await service.call('POST', '/api/query/distinct', {
      from: { dataset: 'orders' },
      field: 'region',
      search: 'u',
      orderBy: 'count',
      limit: 1,
    });
    expect(found.json.rows).toEqual([['EU', 2]]);
  });

  test('what would run is shown without the places of files', async () => {
    const { json, text } = await service.call(
      'POST',
      '/api/query/pivot/sql',
      pivot({ where: { field: 'region', op: 'eq', value: 'EU' } }),
    );
    expect(json.statements[0].text).toContain('"amount"');
    expect(json.statements[0].params).toEqual(['EU']);
    expect(text).not.toContain(service.folder);
    const spec = await service.call('POST', '/api/query/sql', {
      from: { dataset: 'orders' },
      dimensions: ['region'],
    });
    expect(spec.json.statements).toHaveLength(1);
    expect(spec.text).not.toContain(service.folder);
  });

  test('the rows of a pivot are read once, however many levels it has', async () => {
    const { json } = await service.call('POST', '/api/query/pivot/sql', {
      from: { dataset: 'orders' },
      rows: ['region', 'channel', 'units', 'amount'],
      columns: [{ expr: 'units * 2', as: 'twice' }],
      measures: ['sum', 'avg', 'min', 'max'].map((agg) => ({ agg, field: 'amount', as: agg })),
      totals: { rows: 'all', columns: 'all' },
    });
    const reads = json.statements.filter(({ text }: { text: string }) => text.includes('read_parquet'));
    expect(reads).toHaveLength(1);
    expect(json.statements.length).toBeGreaterThan(10);
  });

  test.each<[string, string, object | string, number, string, string | undefined]>([
    ['an unknown field', '/api/query/pivot', pivot({ rows: ['regio'] }), 400, 'query.field', '/rows/0'],
    [
      'an unknown dataset',
      '/api/query/pivot',
      pivot({ from: { dataset: 'order' } }),
      404,
      'resource.notFound',
      '/from/dataset',
    ],
    ['no dataset', '/api/query/pivot', pivot({ from: {} }), 400, 'request.invalid', '/from'],
    ['an unknown key', '/api/query/pivot', pivot({ rowz: [] }), 400, 'request.invalid', '/rowz'],
    ['a wrong type', '/api/query/pivot', pivot({ rows: 'region' }), 400, 'request.invalid', '/rows'],
    [
      'a wrong operator',
      '/api/query/pivot',
      pivot({ where: { and: [{ field: 'region', op: 'equals', value: 1 }] } }),
      400,
      'request.invalid',
      '/where/and/0/op',
    ],
    [
      'a sum of text',
      '/api/query/pivot',
      pivot({ measures: [{ agg: 'sum', field: 'region' }] }),
      400,
      'query.type',
      '/measures/0/field',
    ],
    [
      'one name twice',
      '/api/query/pivot',
      pivot({ columns: ['region'] }),
      400,
      'query.ambiguous',
      '/columns/0',
    ],
    [
      'a sort by nothing',
      '/api/query/pivot',
      pivot({ sort: [{ axis: 'rows', level: 'region', by: 'profit' }] }),
      400,
      'query.field',
      '/sort/0/by',
    ],
    [
      'a total of no level',
      '/api/query/pivot',
      pivot({ totals: { rows: ['product'] } }),
      400,
      'query.field',
      '/totals/rows/0',
    ],
    [
      'a time zone of nowhere',
      '/api/query/pivot',
      pivot({ timezone: 'Mars/Base' }),
      400,
      'request.invalid',
      '/timezone',
    ],
    [
      'what is not built',
      '/api/query/pivot',
      pivot({ top: [{ axis: 'rows', level: 'region', n: 1 }] }),
      501,
      'query.not_built',
      '/top',
    ],
    [
      'a formula',
      '/api/query/pivot',
      pivot({ measures: [{ formula: 'a / b', as: 'x' }] }),
      501,
      'query.not_built',
      '/measures/0/formula',
    ],
    [
      'an unknown datasource',
      '/api/query/spec',
      { from: { datasource: 'erp', table: 't' }, dimensions: ['a'] },
      404,
      'resource.notFound',
      '/from/datasource',
    ],
    [
      'a broken pattern',
      '/api/query/spec',
      {
        from: { dataset: 'orders' },
        dimensions: ['region'],
        where: { field: 'region', op: 'matches', value: '(' },
      },
      400,
      'query.type',
      '/where/value',
    ],
    ['broken JSON', '/api/query/spec', '{"from":', 400, 'request.parse', undefined],
    ['a format of later', '/api/query/pivot?format=xlsx', pivot(), 501, 'query.not_built', '/format'],
    ['an unknown format', '/api/query/pivot?format=pdf', pivot(), 400, 'request.invalid', '/format'],
  ])('%s is a problem that names the place', async (_, path, body, status, code, pointer) => {
    const answer = await service.call('POST', path, body, {
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.json.code).toBe(code);
    expect(answer.json.pointer).toBe(pointer);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.text).not.toContain(service.folder);
    expect(answer.text).not.toContain('SELECT');
  });

  test('answers are cached by content, told by their tag, and run anew when asked', async () => {
    const spec = pivot({ where: { field: 'units', op: 'isNotNull' } });
    const first = await service.call('POST', '/api/query/pivot', spec);
    const second = await service.call('POST', '/api/query/pivot', spec);
    expect([first.json.meta.cache.hit, second.json.meta.cache.hit]).toEqual([false, true]);
    expect(second.json.cells).toEqual(first.json.cells);
    const tag = second.headers.get('etag')!;
    expect(tag).toContain(second.json.meta.resultHash);
    const unchanged = await service.call('POST', '/api/query/pivot', spec, {
      headers: { 'if-none-match': tag },
    });
    expect([unchanged.status, unchanged.text]).toEqual([304, '']);
    const anew = await service.call('POST', '/api/query/pivot', spec, {
      headers: { 'cache-control': 'no-cache' },
    });
    expect(anew.json.meta.cache.hit).toBe(false);
    expect(anew.json.meta.resultHash).toBe(first.json.meta.resultHash);
  });

  test('a new generation is seen at once, a rollback too', async () => {
    await service.upload('changing', 'a.csv', 'x\n1\n2\n');
    const total = async () =>
      (
        await service.call('POST', '/api/query/spec', {
          from: { dataset: 'changing' },
          measures: [{ agg: 'sum', field: 'x', as: 's' }],
        })
      ).json.rows[0][0];
    expect(await total()).toBe(3);
    await service.upload('changing', 'a.csv', 'x\n10\n', { replace: 'true' });
    expect(await total()).toBe(10);
    await service.call('POST', '/api/datasets/changing/rollback', { generation: 1 });
    expect(await total()).toBe(3);
    await service.call('DELETE', '/api/datasets/changing');
    expect(
      (await service.call('POST', '/api/query/spec', { from: { dataset: 'changing' }, dimensions: ['x'] }))
        .json.code,
    ).toBe('resource.notFound');
  });

  test.each([
    ['SELECT no_such FROM orders', 'query.field', 'no_such'],
    ['SELECT x.region FROM orders o', 'query.field', 'x'],
    ['SELECT sum(region) FROM orders', 'query.type', 'sum'],
  ])('%s is the fault of who wrote it', async (sql, code, named) => {
    const { status, json } = await service.call('POST', '/api/query', { sql });
    expect(json).toMatchObject({ code, pointer: '/sql' });
    expect(json.detail).toContain(named);
    expect(status).toBe(400);
  });

  test('nothing is answered without signing in', async () => {
    for (const path of [
      '/api/query/pivot',
      '/api/query/spec',
      '/api/query/distinct',
      '/api/query/pivot/sql',
      '/api/query/sql',
    ]) {
      const response = await fetch(service.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(pivot()),
      });
      expect([path, response.status, ((await response.json()) as { code: string }).code]).toEqual([
        path,
        401,
        'auth.required',
      ]);
    }
  });
});

/** Rows enough for a pivot that takes seconds. */
const MANY = `SELECT (hash(i) % 1000)::BIGINT AS a, (hash(i * 3) % 1000)::BIGINT AS b, (hash(i * 7) % 100000)::BIGINT AS c, (hash(i * 11) % 1000000)::DOUBLE AS v FROM range(2000000) t (i)`;
const SLOW = {
  from: { dataset: 'many' },
  rows: ['a', 'b'],
  measures: [
    { agg: 'median', field: 'v', as: 'm' },
    { agg: 'countDistinct', field: 'c', as: 'd' },
  ],
  totals: { rows: 'all' },
};
/** Never in the cache. */
const slow = (n: number, more: object = {}) => ({
  ...SLOW,
  where: { field: 'a', op: 'ne', value: -n },
  ...more,
});

describe('limits, cancelling and waiting', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await openService({
      HEAVY_QUERY_CONCURRENCY: '2',
      HEAVY_QUERY_QUEUE: '1',
      USER_QUERY_CONCURRENCY: '4',
      QUERY_RATE_PER_SEC: '1000',
      QUERY_BURST: '1000',
      QUERY_MAX_ROWS: '100',
      EXPORT_MAX_ROWS: '5000',
      PIVOT_MAX_CELLS: '5000',
    });
    expect((await service.uploadQuery('many', MANY)).status).toBe(201);
    for (const name of ['bob', 'eve']) {
      const user = { email: `${name}@example.com`, name, role: 'viewer', password: `password of ${name}` };
      expect((await service.call('POST', '/api/users', user)).status).toBe(201);
    }
  });
  afterAll(() => service[Symbol.asyncDispose]());

  const running = async () =>
    (await service.call('GET', '/api/queries')).json.items as { requestId: string }[];
  const untilRunning = (count: number) => until(async () => (await running()).length === count);
  const untilIdle = () =>
    until(
      async () =>
        (await running()).length === 0 && (await service.metric('workers{pool="query",state="busy"}')) === 0,
    );

  test('DELETE of its requestId ends a query, its statement and its turn', async () => {
    const asked = service.call('POST', '/api/query/pivot', slow(1, { requestId: 'mine' }));
    await untilRunning(1);
    const [query] = await running();
    expect(query).toMatchObject({ requestId: 'mine', kind: 'pivot', dataset: 'many' });
    expect((await service.call('DELETE', '/api/queries/mine')).status).toBe(204);
    expect((await asked).json.code).toBe('query.cancelled');
    await untilIdle();
    expect((await service.call('DELETE', '/api/queries/mine')).json.code).toBe('resource.notFound');
    expect(await service.metric('queries_total{engine="duckdb",kind="pivot",outcome="cancelled"}')).toBe(1);
  });

  test('nobody ends the query of another, but an admin', async () => {
    const bob = await service.as('bob@example.com', 'password of bob');
    const eve = await service.as('eve@example.com', 'password of eve');
    const asked = bob('POST', '/api/query/pivot', slow(2, { requestId: 'bobs' }));
    await untilRunning(1);
    expect((await eve('GET', '/api/queries')).json.items).toEqual([]);
    expect((await eve('DELETE', '/api/queries/bobs')).status).toBe(404);
    expect((await running()).length).toBe(1);
    expect((await service.call('DELETE', '/api/queries/bobs')).status).toBe(204);
    expect((await asked).json.code).toBe('query.cancelled');
    await untilIdle();
  });

  test('a client that hangs up ends its query', async () => {
    const hangUp = new AbortController();
    const asked = service
      .call('POST', '/api/query/pivot', slow(3), { signal: hangUp.signal })
      .catch((error: Error) => error.name);
    await untilRunning(1);
    hangUp.abort();
    expect(await asked).toBe('AbortError');
    await untilIdle();
  });

  test('the deadline of a request ends it', async () => {
    const answer = await service.call('POST', '/api/query/pivot', slow(4, { timeoutS: 0.05 }));
    expect(answer.json).toMatchObject({ code: 'query.timeout', limit: 'QUERY_TIMEOUT_SECONDS' });
    expect(answer.status).toBe(504);
    await untilIdle();
    expect(await service.metric('limits_hit_total{limit="QUERY_TIMEOUT_SECONDS"}')).toBe(1);
  });

  test('equal queries in flight run once, and one that leaves does not end the other', async () => {
    const before = await service.metric('queries_shared_total');
    const small = { ...slow(5), rows: ['b'] };
    const leaving = new AbortController();
    const left = service
      .call('POST', '/api/query/pivot', small, { signal: leaving.signal })
      .catch((error: Error) => error.name);
    await untilRunning(1);
    const stayed = service.call('POST', '/api/query/pivot', small);
    await untilRunning(2);
    leaving.abort();
    expect(await left).toBe('AbortError');
    expect((await stayed).json.detail.rows.total).toBe(1000);
    expect(await service.metric('queries_shared_total')).toBe(before + 1);
  });

  test('past the slots and the queue, queries are refused with Retry-After; health and what is known go on', async () => {
    const groups = (dimension: object | string) => ({
      from: { dataset: 'many' },
      dimensions: [dimension],
      measures: [{ agg: 'count', as: 'n' }],
    });
    // The second one is planned anew each time.
    const known = [groups('a'), groups({ expr: "extract('year' from current_date) + 0 * a", as: 'year' })];
    for (const spec of known)
      expect((await service.call('POST', '/api/query/spec', spec)).json.meta.cache.hit).toBe(false);
    const others = [10, 11, 12].map((n) =>
      service.call('POST', '/api/query/pivot', slow(n, { requestId: `load-${n}` })),
    );
    await until(async () => (await service.metric('queries_waiting')) === 1);
    const refused = await service.call('POST', '/api/query/pivot', slow(13));
    expect(refused.json).toMatchObject({ code: 'overloaded', limit: 'HEAVY_QUERY_QUEUE' });
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await service.call('POST', '/api/query/spec', groups('b'))).status).toBe(503);
    expect((await service.call('GET', '/api/healthz')).status).toBe(200);
    for (const spec of known) {
      const again = await service.call('POST', '/api/query/spec', { ...spec, requestId: 'again' });
      expect(again.json.meta.cache.hit).toBe(true);
    }
    expect(await service.metric('queries_total{engine="duckdb",kind="spec",outcome="refused"}')).toBe(1);
    expect(await service.metric('limits_hit_total{limit="HEAVY_QUERY_QUEUE"}')).toBe(2);
    for (const n of [10, 11, 12]) await service.call('DELETE', `/api/queries/load-${n}`);
    for (const answer of await Promise.all(others)) expect(answer.json.code).toBe('query.cancelled');
    await untilIdle();
  });

  test('a requestId in use is refused', async () => {
    const asked = service.call('POST', '/api/query/pivot', slow(30, { requestId: 'twice' }));
    await untilRunning(1);
    const again = await service.call('POST', '/api/query/pivot', slow(31, { requestId: 'twice' }));
    expect(again.json).toMatchObject({ code: 'resource.conflict', pointer: '/requestId' });
    await service.call('DELETE', '/api/queries/twice');
    expect((await asked).json.code).toBe('query.cancelled');
    await untilIdle();
  });

  test('a cut answer says so; a file that would be cut is refused', async () => {
    const spec = { from: { dataset: 'many' }, dimensions: ['a', 'b'], measures: [{ agg: 'count', as: 'n' }] };
    const { json } = await service.call('POST', '/api/query/spec', spec);
    expect(json.rows).toHaveLength(100);
    expect(json.meta).toMatchObject({ truncated: true, rowCount: 100 });
    expect(json.meta.warnings[0]).toContain('QUERY_MAX_ROWS');
    const exact = await service.call('POST', '/api/query/spec', { ...spec, limit: 100 });
    expect(exact.json.meta).toMatchObject({ truncated: false, rowCount: 100, warnings: [] });
    const file = await service.call('POST', '/api/query/spec?format=csv', spec);
    expect([file.status, file.json.code]).toEqual([422, 'limit.rows']);
    const paged = await service.call('POST', '/api/query/spec?format=csv', { ...spec, limit: 5000 });
    expect(paged.text.split('\r\n')).toHaveLength(5002);
  });

  test('cells past the limit are cut and declared, totals never', async () => {
    const wide = {
      from: { dataset: 'many' },
      rows: ['a'],
      columns: ['b'],
      measures: [{ agg: 'count', as: 'n' }],
      totals: { rows: 'all', columns: 'all' },
    };
    const { json } = await service.call('POST', '/api/query/pivot', wide);
    expect(json.meta.truncated).toBe(true);
    expect(json.meta.warnings[0]).toContain('PIVOT_MAX_CELLS');
    expect(json.detail.rows).toMatchObject({ total: 1000, truncated: true });
    expect(json.cells.flat().length).toBeLessThanOrEqual(5000);
    expect(json.cells.at(-1).at(-1)).toBe(2_000_000);
    expect(json.totals).toBe('complete');
    const tooMany = await service.call('POST', '/api/query/pivot', {
      ...wide,
      rows: ['a', 'b', 'c'],
      columns: [],
    });
    expect([tooMany.status, tooMany.json.code]).toEqual([422, 'limit.cells']);
  });
});

test('a burst past the rate of a user is refused with Retry-After', async () => {
  await using service = await openService({ QUERY_RATE_PER_SEC: '1', QUERY_BURST: '3' });
  await service.upload('orders', 'orders.csv', CSV);
  const answers = await Promise.all(
    Array.from({ length: 5 }, (_, i) =>
      service.call(
        'POST',
        '/api/query/pivot',
        pivot({ where: { field: 'amount', op: 'ne', value: -i - 1 } }),
      ),
    ),
  );
  const passed = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status === 429);
  expect(passed.length).toBeGreaterThanOrEqual(3);
  expect(refused.map(({ json }) => json.code)).toContain('limit.rate');
  for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await service.metric('limits_hit_total{limit="QUERY_RATE_PER_SEC"}')).toBeGreaterThan(0);
});

test('an answer past QUERY_MAX_BYTES: rows are cut and declared, a pivot is refused', async () => {
  await using service = await openService({ QUERY_MAX_BYTES: '20000' });
  await service.uploadQuery('many', 'SELECT i AS n, i % 3 AS m FROM range(100000) t (i)');
  const rows = await service.call('POST', '/api/query/spec', {
    from: { dataset: 'many' },
    dimensions: ['n'],
  });
  expect(rows.json.meta.truncated).toBe(true);
  expect(rows.json.meta.warnings[0]).toContain('QUERY_MAX_BYTES');
  expect(rows.json.rows).toHaveLength(rows.json.meta.rowCount);
  const refused = await service.call('POST', '/api/query/pivot', {
    from: { dataset: 'many' },
    rows: ['n'],
    measures: [{ agg: 'count' }],
  });
  expect([refused.status, refused.json.code]).toEqual([422, 'limit.bytes']);
});

test('a query past its memory is refused with its reason, and the worker goes on', async () => {
  await using service = await openService({
    DUCKDB_MEMORY_LIMIT: '64MiB',
    DUCKDB_TEMP_MAX_BYTES: '1MiB',
    DUCKDB_THREADS: '1',
  });
  await service.uploadQuery('many', MANY);
  const answer = await service.call('POST', '/api/query/pivot', SLOW);
  expect(answer.json).toMatchObject({ code: 'limit.memory', limit: 'DUCKDB_MEMORY_LIMIT' });
  const small = await service.call('POST', '/api/query/spec', {
    from: { dataset: 'many' },
    measures: [{ agg: 'count', as: 'n' }],
  });
  expect(small.json.rows).toEqual([[2_000_000]]);
  expect(await service.metric('limits_hit_total{limit="DUCKDB_MEMORY_LIMIT"}')).toBe(1);
});
