import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { openService, type TestService } from '../support/service-kit.ts';

const CSV = `region,price,quantity,ordered
EU,19.99,3,2024-01-31
EU,5.01,10,2024-02-29
us ,100.00,1,2024-03-31
,7.50,,2023-12-31
US,0.01,100,2024-01-01
`;
const from = { dataset: 'sales' };

describe('expressions through the service', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await openService({ EXPRESSION_MAX_DEPTH: '20', EXPRESSION_MAX_BYTES: '500' });
    expect((await service.upload('sales', 'sales.csv', CSV)).status).toBe(201);
  });
  afterAll(() => service[Symbol.asyncDispose]());

  test('a dimension and a measure of a query', async () => {
    const { json } = await service.call('POST', '/api/query/spec', {
      from,
      dimensions: [{ expr: "case when price * quantity >= 50 then 'large' else 'small' end", as: 'size' }],
      measures: [{ agg: 'sum', expr: 'price * quantity', as: 'revenue' }, { agg: 'count' }],
    });
    expect(json.rows).toEqual([
      ['large', '210.07', 3],
      ['small', '1.00', 2],
    ]);
    expect(json.columns.map(({ name, type }: { name: string; type: string }) => [name, type])).toEqual([
      ['size', 'text'],
      ['revenue', 'decimal'],
      ['count', 'integer'],
    ]);
  });

  test('the axes of a pivot, with totals from the rows', async () => {
    const { json } = await service.call('POST', '/api/query/pivot', {
      from,
      rows: [{ expr: "upper(trim(coalesce(region, '?')))", as: 'area' }],
      columns: [{ expr: "ordered + interval '1 month'", grain: 'quarter', as: 'due' }],
      measures: [
        { agg: 'sum', expr: 'price * quantity', as: 'revenue' },
        { agg: 'median', expr: 'quantity / 2', as: 'middle' },
      ],
      totals: { rows: 'all', columns: 'all' },
    });
    expect(json.rows.members).toEqual([['?'], ['EU'], ['US'], []]);
    expect(json.columns.members).toEqual([['2024-01-01'], ['2024-04-01'], []]);
    expect(json.cells).toEqual([
      [null, null, null, null, null, null],
      ['110.07', 3.25, null, null, '110.07', 3.25],
      ['1.00', 50, '100.00', 0.5, '101.00', 25.25],
      ['111.07', 5, '100.00', 0.5, '211.07', 3.25],
    ]);
  });

  test('the distinct values of an expression', async () => {
    const { json } = await service.call('POST', '/api/query/distinct', {
      from,
      field: { expr: 'left(region, 1)', as: 'initial' },
      search: 'u',
    });
    expect(json.rows).toEqual([
      ['U', 1],
      ['u', 1],
    ]);
  });

  test.each<[object, string, string, object]>([
    [{ dimensions: [{ expr: 'regio', as: 'x' }] }, 'query.field', '/dimensions/0/expr', { near: ['region'] }],
    [{ dimensions: [{ expr: 'region + 1', as: 'x' }] }, 'query.type', '/dimensions/0/expr', { position: 8 }],
    [
      { dimensions: [{ expr: 'upper(region', as: 'x' }] },
      'query.syntax',
      '/dimensions/0/expr',
      { position: 13 },
    ],
    [
      { dimensions: [{ expr: "read_text('/etc/passwd')", as: 'x' }] },
      'query.syntax',
      '/dimensions/0/expr',
      { function: 'read_text' },
    ],
    [{ dimensions: [{ expr: 'region' }] }, 'request.invalid', '/dimensions/0', {}],
    [
      { dimensions: [{ expr: 'region', field: 'region', as: 'x' }] },
      'request.invalid',
      '/dimensions/0/expr',
      {},
    ],
    [{ dimensions: [{ expr: 'region', grain: 'month', as: 'x' }] }, 'query.type', '/dimensions/0/grain', {}],
    [{ dimensions: [{ expr: '', as: 'x' }] }, 'request.invalid', '/dimensions/0/expr', {}],
    [{ measures: [{ agg: 'sum', expr: 'region', as: 'x' }] }, 'query.type', '/measures/0/expr', {}],
    [{ measures: [{ agg: 'sum', expr: 'price' }] }, 'request.invalid', '/measures/0', {}],
  ])('%j is refused', async (part, code, pointer, more) => {
    const { json, status } = await service.call('POST', '/api/query/spec', { from, ...part });
    expect(json).toMatchObject({ code, pointer, ...more });
    expect(status).toBe(400);
  });

  test.each([
    ['EXPRESSION_MAX_DEPTH', `${'('.repeat(30)}1${')'.repeat(30)}`],
    ['EXPRESSION_MAX_BYTES', `'${'a'.repeat(600)}'`],
  ])('past %s it is refused and counted', async (limit, expr) => {
    const counted = () => service.metric(`limits_hit_total{limit="${limit}"}`);
    const before = await counted();
    const { json } = await service.call('POST', '/api/query/spec', { from, dimensions: [{ expr, as: 'x' }] });
    expect(json).toMatchObject({ code: 'request.invalid', pointer: '/dimensions/0/expr', limit });
    expect(await counted()).toBe(before + 1);
  });

  test('a number past 38 digits fails the query and not the service', async () => {
    const { json } = await service.call('POST', '/api/query/spec', {
      from,
      measures: [{ agg: 'max', expr: `${'9'.repeat(38)} * quantity`, as: 'x' }],
    });
    expect(json.code).toBe('query.failed');
    expect(JSON.stringify(json)).not.toContain('HUGEINT');
  });
});
