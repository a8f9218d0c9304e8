import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { openService, type TestService } from '../support/service-kit.ts';

const CSV = `region,channel,amount
EU,web,10.10
EU,shop,20.20
US,web,30.30
`;

describe('SQL over datasets', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await openService();
    for (const name of ['orders', 'answered', 'Orders', 'gone']) {
      const { status } = await service.upload(name, `${name}.csv`, CSV);
      expect(status).toBe(201);
    }
    await service.call('DELETE', '/api/datasets/gone');
  });
  afterAll(() => service[Symbol.asyncDispose]());

  const ask = (sql: string, more: object = {}) => service.call('POST', '/api/query', { sql, ...more });

  test.each<[string, unknown[][]]>([
    [
      'select * from (pivot orders on channel using sum(amount) group by region) p order by region',
      [
        ['EU', '20.20', '10.10'],
        ['US', null, '30.30'],
      ],
    ],
    [
      "from orders pivot (sum(amount) for channel in ('web', 'shop') group by region) order by region",
      [
        ['EU', '10.10', '20.20'],
        ['US', '30.30', null],
      ],
    ],
    [
      "with p as (pivot orders on channel in ('web') using sum(amount) group by region) from p order by region",
      [
        ['EU', '10.10'],
        ['US', '30.30'],
      ],
    ],
    [
      "select * from (pivot (from orders where region = :r) on channel in ('web') using sum(amount) group by region)",
      [['EU', '10.10']],
    ],
    [
      'select name, value from (unpivot (select region, channel from orders limit 1) on region, channel into name name value value) order by name',
      [
        ['channel', 'web'],
        ['region', 'EU'],
      ],
    ],
    ['select count(*) as n from answered', [[3]]],
    ['select count(*) as n from answered a join orders o using (region)', [[5]]],
  ])('%s', async (sql, rows) => {
    const { status, json } = await ask(sql, sql.includes(':r') ? { params: { r: 'EU' } } : {});
    expect(json.rows).toEqual(rows);
    expect(status).toBe(200);
  });

  test('the statement form of PIVOT answers', async () => {
    const { json } = await ask('pivot orders on channel using sum(amount) group by region');
    expect(json.columns.map(({ name }: { name: string }) => name)).toEqual(['region', 'shop', 'web']);
    expect(json.rows.toSorted()).toEqual([
      ['EU', '20.20', '10.10'],
      ['US', null, '30.30'],
    ]);
  });

  test.each<[sql: string, code: string, params: Record<string, unknown>]>([
    ['select row(1, 2), (1, 2)', 'query.type', {}],
    ["select {'a': (1, 2)}", 'query.type', {}],
    [
      `select 1 from orders group by cube (${Array.from({ length: 20 }, (_, i) => `amount + ${i}`).join(', ')})`,
      'query.refused',
      { limit: 'SQL_MAX_GROUPING_SETS' },
    ],
    [`select regexp_matches('a', '${'('.repeat(499)}a${')'.repeat(499)}')`, '', {}],
    [
      `select regexp_matches('a', '${'(a{1,100}'.repeat(3)}${'){1,100}'.repeat(3)}')`,
      'query.refused',
      { limit: 'SQL_MAX_PATTERN_BYTES' },
    ],
    ["select regexp_matches('a', '(a{1,30}){1,100}')", 'query.type', {}],
    ["select regexp_matches('a', '(')", 'query.type', {}],
    [`select '{}'::json${"->'a'".repeat(40)}`, 'query.refused', { limit: 'SQL_MAX_ARROWS' }],
    ["select repeat('a', 300000000)", 'query.refused', { limit: 'EXPRESSION_MAX_VALUE_BYTES' }],
    ["select cast('x' as integer)", 'query.failed', {}],
    ["select '[1'::json", 'query.failed', {}],
    ["select strptime('x', '%Y')", 'query.failed', {}],
    ['select * from gone', 'resource.notFound', { dataset: 'gone' }],
    ["select * from (unpivot '/data/*/*.parquet' on region)", 'query.refused', { reason: 'table' }],
    ['select 1 from orders a, "Orders" b', 'query.ambiguous', { names: ['Orders', 'orders'] }],
    ['pivot (from orders where region = :r) on channel', 'query.refused', { reason: 'syntax' }],
    ['select make_date(2024, 13, 1)', 'query.failed', {}],
    ["select list_sort([1], 'x')", 'query.unsupported', {}],
    ["select date_trunc('x', date '2020-01-01')", 'query.failed', {}],
    ['select 1 limit -1', 'query.type', {}],
  ])('is refused or answered, never an internal error: %s', async (sql, code, params) => {
    const { status, json } = await ask(sql, sql.includes(':r') ? { params: { r: 'EU' } } : {});
    if (code === '') {
      expect(status).toBeLessThan(500);
      return;
    }
    expect(json).toMatchObject({ code, ...params });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  test('a limit that is hit is counted', async () => {
    expect(await service.metric('limits_hit_total{limit="SQL_MAX_ARROWS"}')).toBeGreaterThan(0);
    expect(await service.metric('limits_hit_total{limit="EXPRESSION_MAX_VALUE_BYTES"}')).toBeGreaterThan(0);
  });

  test('an expression of eight replacements is refused before anything runs', async () => {
    const expr = Array.from({ length: 8 }).reduce<string>(
      (text) => `replace(${text}, 'a', '${'a'.repeat(24)}')`,
      'region',
    );
    const { status, json } = await service.call('POST', '/api/query/spec', {
      from: { dataset: 'orders' },
      dimensions: [{ expr, as: 'long' }],
      measures: [{ agg: 'count', as: 'n' }],
    });
    expect(json).toMatchObject({ code: 'request.invalid', limit: 'EXPRESSION_MAX_VALUE_BYTES' });
    expect(status).toBe(400);
  });
});
