import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { TestService } from '../support/service-kit.ts';
import { type ModelService, openModels, SALES } from './models-kit.ts';

let models: ModelService;
let service: TestService;
let post: ModelService['post'];

beforeAll(async () => {
  models = await openModels();
  ({ service, post } = models);
}, 60_000);
afterAll(() => models[Symbol.asyncDispose]());

const from = { model: 'sales' };

describe('queries over a model', () => {
  test('name its dimensions and measures, and bear their labels and formats', async () => {
    const given = await post('/query/spec', {
      from,
      dimensions: ['country'],
      measures: ['revenue', { measure: 'orders', as: 'n' }, 'big', { agg: 'max', field: 'quad' }],
      order: [{ by: 'revenue', dir: 'desc' }],
    });
    expect(given.columns).toEqual([
      { name: 'country', type: 'text', label: 'Country' },
      { name: 'revenue', type: 'decimal', label: 'Revenue', format: '#,##0.00' },
      { name: 'n', type: 'integer', label: 'n' },
      { name: 'big', type: 'decimal', label: 'big' },
      { name: 'max_quad', type: 'decimal', label: 'max_quad' },
    ]);
    expect(given.rows).toEqual([
      ['DE', '30.50', 2, '30.50', '80.00'],
      [null, '8.00', 2, null, '28.00'],
      ['FR', '5.25', 1, null, '21.00'],
    ]);
    expect(given.meta.dataVersion).toMatch(/^mdl_\w+@1\+dst_\w+@1\+dst_\w+@1$/);
    expect(given.meta.warnings).toEqual([]);
  });

  test('a pivot has totals over rows, and the labels of its axes', async () => {
    const given = await post('/query/pivot', {
      from,
      rows: ['country'],
      columns: ['month'],
      measures: ['revenue'],
      totals: { rows: 'all', columns: 'all' },
    });
    expect(given.rows).toMatchObject({ levels: ['country'], labels: ['Country'], formats: [null] });
    expect(given.columns).toMatchObject({ levels: ['month'], labels: ['Month'], formats: ['yyyy-mm'] });
    expect(given.cells).toEqual([
      ['10.50', '20.00', null, '30.50'],
      [null, '5.25', null, '5.25'],
      [null, null, '8.00', '8.00'],
      ['10.50', '25.25', '8.00', '43.75'],
    ]);
  });

  test('distinct values, conditions and expressions take its fields', async () => {
    expect(await post('/query/distinct', { from, field: 'country' })).toMatchObject({
      columns: [{ name: 'value', label: 'Country' }, { name: 'count' }],
      rows: [
        ['DE', 2],
        ['FR', 1],
        [null, 2],
      ],
    });
    const where = {
      and: [
        { field: 'month', op: 'eq', value: '2025-02-01' },
        { field: 'country', op: 'eq', value: 'DE' },
      ],
    };
    expect((await post('/query/spec', { from, measures: ['revenue'], where })).rows).toEqual([['20.00']]);
  });

  test('expressions stand in dimensions and measures, of the model and of the query', async () => {
    const { name: _, ...definition } = SALES;
    const model = {
      ...definition,
      name: 'of expressions',
      dimensions: [
        { name: 'size', expr: "case when double > 20 then 'big' else 'small' end", label: 'Size' },
        { name: 'half', expr: 'cast("ordered on" as timestamp)', grain: 'quarter' },
      ],
      measures: [{ name: 'left', agg: 'sum', expr: 'coalesce(c.credit, 0) - double', format: '0' }],
    };
    expect((await service.call('POST', '/api/models', model)).status).toBe(201);
    const given = await post('/query/spec', {
      from: { model: 'of expressions' },
      dimensions: ['size', 'half', { expr: "size || '!'", as: 'loud' }],
      measures: ['left', { agg: 'max', expr: 'amount + double', as: 'three' }],
      where: { field: 'size', op: 'ne', value: 'tiny' },
    });
    expect(given.columns[0]).toEqual({ name: 'size', type: 'text', label: 'Size' });
    expect(given.columns[3]).toEqual({ name: 'left', type: 'decimal', label: 'left', format: '0' });
    expect(given.rows).toEqual([
      ['big', '2025-01-01', 'big!', '139.00', '60.00'],
      ['small', '2025-01-01', 'small!', '173.50', '21.00'],
    ]);
  });

  test('what would run is shown, without joins that it does not need', async () => {
    const shown = async (dimensions: string[]) =>
      (await post('/query/sql', { from, dimensions, measures: ['revenue'] })).statements[0].text;
    expect(await shown(['country'])).toMatch(/LEFT JOIN/);
    expect(await shown(['month'])).not.toMatch(/JOIN/);
    expect((await post('/query/pivot/sql', { from, rows: ['month'], measures: ['revenue'] })).source).toBe(
      'sales',
    );
  });

  test('a column of a joined table that is summed is said to come often', async () => {
    const given = await post('/query/spec', {
      from,
      measures: ['credit', { agg: 'max', field: 'c.credit' }],
    });
    expect(given.rows).toEqual([[400, 200]]);
    expect(given.meta.warnings).toEqual([expect.stringMatching(/"credit".*"c"/)]);
  });

  test('of a one-to-many join each side is counted once, or refused', async () => {
    const many = { model: 'with lines' };
    const rows = async (body: object) => {
      const given = await post('/query/spec', { from: many, ...body });
      return given.rows ?? { code: given.code, pointer: given.pointer, joins: given.joins };
    };
    expect(await rows({ measures: ['revenue', 'orders'] })).toEqual([['43.75', 5]]);
    expect(await rows({ dimensions: ['l.product'], measures: ['pieces'] })).toEqual([
      ['A', 4],
      ['B', 2],
      [null, null],
    ]);
    expect(await rows({ dimensions: ['country'], measures: ['pieces'] })).toEqual([
      ['DE', 6],
      ['FR', null],
      [null, null],
    ]);
    const refused = (pointer: string) => ({ code: 'query.unsupported', pointer, joins: ['l'] });
    expect(await rows({ dimensions: ['l.product'], measures: ['pieces', 'revenue'] })).toEqual(
      refused('/measures/1'),
    );
    expect(await rows({ measures: ['orders'], where: { field: 'l.qty', op: 'gt', value: 1 } })).toEqual(
      refused('/measures/0'),
    );
    expect(await rows({ measures: ['credit', 'pieces'] })).toEqual(refused('/measures/0'));
    expect(
      await rows({
        dimensions: ['l.product'],
        measures: [
          { agg: 'max', field: 'amount' },
          { agg: 'countDistinct', field: 'id' },
        ],
      }),
    ).toEqual([
      ['A', '20.00', 2],
      ['B', '10.50', 1],
      [null, '7.00', 3],
    ]);
    const distinct = { from: many, field: 'country', where: { field: 'l.qty', op: 'gt', value: 0 } };
    expect(await post('/query/distinct', distinct)).toMatchObject({
      code: 'query.unsupported',
      pointer: '/field',
    });
    expect((await post('/query/distinct', { from: many, field: 'l.product' })).rows).toEqual([
      ['A', 2],
      ['B', 1],
      [null, 3],
    ]);
  });

  test.each<[string, object, string, string]>([
    ['no such model', { from: { model: 'nothing' }, dimensions: ['x'] }, 'resource.notFound', '/from/model'],
    [
      'a table beside it',
      { from: { model: 'sales', table: 't' }, dimensions: ['country'] },
      'request.invalid',
      '/from/table',
    ],
    ['no such field', { from, dimensions: ['contry'] }, 'query.field', '/dimensions/0'],
    ['no such measure', { from, measures: ['revenu'] }, 'query.field', '/measures/0'],
    [
      'no such measure in an object',
      { from, measures: [{ measure: 'x', as: 'y' }] },
      'query.field',
      '/measures/0/measure',
    ],
    [
      'a measure and more',
      { from, measures: [{ measure: 'revenue', agg: 'sum' }] },
      'request.invalid',
      '/measures/0/agg',
    ],
    [
      'a grain on a grain',
      { from, dimensions: [{ field: 'month', grain: 'year' }] },
      'request.invalid',
      '/dimensions/0/grain',
    ],
    ['one name twice', { from, dimensions: ['country', 'country'] }, 'query.ambiguous', '/dimensions/1'],
    ['a measure as a field', { from, dimensions: ['revenue'] }, 'query.field', '/dimensions/0'],
    [
      'a measure by name without a model',
      { from: { dataset: 'orders' }, measures: ['revenue'] },
      'query.field',
      '/measures/0',
    ],
    [
      'a computed column in having',
      { from, dimensions: ['country'], having: { field: 'double', op: 'gt', value: 1 } },
      'query.field',
      '/having/field',
    ],
  ])('%s is refused', async (_, body, code, pointer) => {
    expect(await post('/query/spec', body)).toMatchObject({ code, pointer });
  });
});
