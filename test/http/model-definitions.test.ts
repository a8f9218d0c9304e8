import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { TestService } from '../support/service-kit.ts';
import { type ModelService, ORDERS, openModels } from './models-kit.ts';

let models: ModelService;
let service: TestService;
let post: ModelService['post'];

beforeAll(async () => {
  models = await openModels();
  ({ service, post } = models);
}, 60_000);
afterAll(() => models[Symbol.asyncDispose]());

const tried = (part: object) => post('/models/preview', { from: { dataset: 'orders' }, ...part });

describe('a definition', () => {
  const join = (more: object) => ({
    joins: [{ dataset: 'customers', as: 'c', on: [['customer', 'c.id']], ...more }],
  });

  test.each<[string, object, string, string]>([
    ['no source', { from: {} }, 'request.invalid', '/from'],
    ['two sources', { from: { dataset: 'orders', datasource: 'x' } }, 'request.invalid', '/from/dataset'],
    ['a table without a datasource', { from: { table: 'orders' } }, 'request.invalid', '/from'],
    [
      'a table beside a dataset',
      { from: { dataset: 'orders', table: 'x' } },
      'request.invalid',
      '/from/table',
    ],
    ['no such dataset', { from: { dataset: 'x' } }, 'resource.notFound', '/from/dataset'],
    [
      'no such datasource',
      { from: { datasource: 'x', table: 't' } },
      'resource.notFound',
      '/from/datasource',
    ],
    ['a model of a model', { from: { model: 'sales' } }, 'request.invalid', '/from/model'],
    ['an unknown part', { policies: [] }, 'request.invalid', '/policies'],
    ['no such joined dataset', join({ dataset: 'x' }), 'resource.notFound', '/joins/0/dataset'],
    [
      'a join of another source',
      join({ dataset: undefined, datasource: 'erp', table: 't' }),
      'query.unsupported',
      '/joins/0/datasource',
    ],
    [
      'a join by SQL over datasets',
      join({ dataset: undefined, sql: 'select 1' }),
      'query.unsupported',
      '/joins/0/sql',
    ],
    ['a join of nothing', join({ dataset: undefined }), 'request.invalid', '/joins/0'],
    ['a join without a key', join({ on: [] }), 'request.invalid', '/joins/0/on'],
    ['a key of no field', join({ on: [['custmer', 'c.id']] }), 'query.field', '/joins/0/on/0/0'],
    [
      'a key of the joined table on both sides',
      join({ on: [['c.id', 'c.id']] }),
      'query.field',
      '/joins/0/on/0/0',
    ],
    [
      'a key that is not of the joined table',
      join({ on: [['customer', 'id']] }),
      'query.field',
      '/joins/0/on/0/1',
    ],
    ['keys of two types', join({ on: [['customer', 'c.name']] }), 'query.type', '/joins/0/on/0'],
    ['an alias twice', { joins: [...join({}).joins, ...join({}).joins] }, 'query.ambiguous', '/joins/1/as'],
    [
      'a join that multiplies',
      { joins: [{ dataset: 'lines', as: 'l', on: [['id', 'l.order']] }] },
      'model.multiplies',
      '/joins/0',
    ],
    [
      'one to one that is not',
      { joins: [{ dataset: 'customers', as: 'c', on: [['customer', 'c.id']], relationship: 'oneToOne' }] },
      'model.multiplies',
      '/joins/0',
    ],
    [
      'one to many that is not',
      { joins: [{ dataset: 'lines', as: 'l', on: [['customer', 'l.order']], relationship: 'oneToMany' }] },
      'model.multiplies',
      '/joins/0',
    ],
    [
      'columns in a circle',
      {
        columns: [
          { name: 'a', expr: 'b + 1' },
          { name: 'b', expr: 'a + 1' },
        ],
      },
      'request.invalid',
      '/columns/0/expr',
    ],
    ['a column of itself', { columns: [{ name: 'a', expr: 'a + 1' }] }, 'request.invalid', '/columns/0/expr'],
    [
      'a column that is there',
      { columns: [{ name: 'amount', expr: 'jan + 1' }] },
      'query.ambiguous',
      '/columns/0/name',
    ],
    [
      'a column of no field',
      { columns: [{ name: 'a', expr: 'amunt + 1' }] },
      'query.field',
      '/columns/0/expr',
    ],
    [
      'a column that cannot be read',
      { columns: [{ name: 'a', expr: 'amount +' }] },
      'query.syntax',
      '/columns/0/expr',
    ],
    [
      'a column of a function that is not there',
      { columns: [{ name: 'a', expr: "read_csv('/etc/passwd')" }] },
      'query.syntax',
      '/columns/0/expr',
    ],
    ['a dimension of nothing', { dimensions: [{ name: 'x' }] }, 'request.invalid', '/dimensions/0'],
    [
      'a dimension of no field',
      { dimensions: [{ name: 'x', field: 'y' }] },
      'query.field',
      '/dimensions/0/field',
    ],
    [
      'a dimension with a grain of a number',
      { dimensions: [{ name: 'x', field: 'amount', grain: 'day' }] },
      'query.type',
      '/dimensions/0/grain',
    ],
    [
      'a dimension that hides a column',
      { dimensions: [{ name: 'amount', field: 'jan' }] },
      'query.ambiguous',
      '/dimensions/0/name',
    ],
    [
      'a measure without aggregation',
      { measures: [{ name: 'x', field: 'amount' }] },
      'request.invalid',
      '/measures/0',
    ],
    [
      'a measure that is not built',
      { measures: [{ name: 'x', agg: 'concat', field: 'amount' }] },
      'query.not_built',
      '/measures/0/agg',
    ],
    [
      'a sum of dates',
      { measures: [{ name: 'x', agg: 'sum', field: 'ordered on' }] },
      'query.type',
      '/measures/0/field',
    ],
    [
      'a measure of no field',
      { measures: [{ name: 'x', agg: 'sum', field: 'y' }] },
      'query.field',
      '/measures/0/field',
    ],
    [
      'a measure with a filter of no field',
      { measures: [{ name: 'x', agg: 'count', where: { field: 'y', op: 'isNull' } }] },
      'query.field',
      '/measures/0/where/field',
    ],
    [
      'a measure twice',
      {
        measures: [
          { name: 'x', agg: 'count' },
          { name: 'x', agg: 'count' },
        ],
      },
      'query.ambiguous',
      '/measures/1/name',
    ],
    [
      'a measure named as a dimension',
      { dimensions: [{ name: 'x', field: 'jan' }], measures: [{ name: 'x', agg: 'count' }] },
      'query.ambiguous',
      '/measures/0/name',
    ],
    [
      'a filter of no field',
      { where: { and: [{ field: 'y', op: 'isNull' }] } },
      'query.field',
      '/where/and/0/field',
    ],
    [
      'an unpivot of no field',
      { unpivot: { columns: ['jan', 'x'], name: 'n', value: 'v' } },
      'query.field',
      '/unpivot/columns/1',
    ],
    [
      'an unpivot of two types',
      { unpivot: { columns: ['jan', 'ordered on'], name: 'n', value: 'v' } },
      'query.type',
      '/unpivot/columns/1',
    ],
    [
      'an unpivot of one column twice',
      { unpivot: { columns: ['jan', 'jan'], name: 'n', value: 'v' } },
      'query.ambiguous',
      '/unpivot/columns',
    ],
    [
      'an unpivot into a column that is there',
      { unpivot: { columns: ['jan', 'feb'], name: 'id', value: 'v' } },
      'query.ambiguous',
      '/unpivot',
    ],
    [
      'a name with a NUL',
      { columns: [{ name: 'a\u0000', expr: '1' }] },
      'request.invalid',
      '/columns/0/name',
    ],
  ])('with %s is refused', async (_, part, code, pointer) => {
    expect(await tried(part)).toMatchObject({ code, pointer });
  });

  test('has a primary key that is looked at, and believed where a join needs it', async () => {
    const asked = () => service.metric('queries_total{engine="duckdb",kind="keys",outcome="ok"}');
    const lines = [{ dataset: 'lines', as: 'l', on: [['id', 'l.order']], relationship: 'oneToMany' }];
    const unpivot = { columns: ['jan', 'feb'], name: 'month', value: 'pieces', keepNulls: true };
    expect(await tried({ primaryKey: ['customer'] })).toMatchObject({
      code: 'model.multiplies',
      pointer: '/primaryKey',
      rows: 2,
    });
    expect(await tried({ primaryKey: ['id', 'x'] })).toMatchObject({
      code: 'query.field',
      pointer: '/primaryKey/1',
    });
    expect(await tried({ unpivot, primaryKey: ['id'] })).toMatchObject({
      code: 'model.multiplies',
      pointer: '/primaryKey',
      rows: 2,
    });
    const whole = await tried({ unpivot, primaryKey: ['id', 'month'] });
    expect(whole.fields.primaryKey).toEqual(['id', 'month']);
    const before = await asked();
    expect((await tried({ primaryKey: ['amount', 'id'], joins: lines })).code).toBeUndefined();
    expect(await asked()).toBe(before + 1);
    await service.upload('orders once more', 'o.csv', ORDERS);
    const anew = { from: { dataset: 'orders once more' }, primaryKey: ['id'], joins: lines };
    expect((await tried(anew)).code).toBeUndefined();
    expect(await asked()).toBe(before + 2);
  });

  test('all its faults are told', async () => {
    const given = await tried({
      columns: [{ name: 'a', expr: 'nothing' }],
      measures: [
        { name: 'm', agg: 'count' },
        { name: 'x', agg: 'sum', field: 'nothing' },
      ],
    });
    expect(given.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/columns/0/expr',
      '/measures/1/field',
    ]);
  });

  test('how many rows a key has is said, and nothing else', async () => {
    const given = await service.call('POST', '/api/models/preview', {
      from: { dataset: 'customers' },
      joins: [{ dataset: 'customers', as: 'same', on: [['country', 'same.country']] }],
    });
    expect(given.json).toMatchObject({ status: 422, code: 'model.multiplies', join: 'same', rows: 2 });
    expect(given.text).not.toContain('FR');
  });

  test('columns that grow without end are refused', async () => {
    const columns = Array.from({ length: 40 }, (_, i) => ({
      name: `x${i}`,
      expr: i === 0 ? 'jan + 1' : `x${i - 1} + x${i - 1}`,
    }));
    expect(await tried({ columns })).toMatchObject({
      code: 'request.invalid',
      pointer: expect.stringMatching(/^\/columns\/\d+\/expr$/),
    });
  });

  test.each([false, true])('columns over many levels are refused, the last first: %p', async (reversed) => {
    const columns = Array.from({ length: 1000 }, (_, i) => ({
      name: `x${i}`,
      expr: i === 0 ? 'jan + 1' : `x${i - 1} + 1`,
    }));
    const tooMany = reversed ? columns.toReversed() : columns;
    expect(await tried({ columns: tooMany })).toMatchObject({
      ...{ code: 'request.invalid', pointer: `/columns/${reversed ? 949 : 50}/expr` },
    });
    const { rows } = await tried({
      columns: columns.slice(0, 50),
      limit: 1,
      where: { field: 'id', op: 'eq', value: 1 },
    });
    expect(rows[0].at(-1)).toBe(51);
  });

  test('names of any kind are names', async () => {
    const names = [`"; drop table x; --`, `it's`, '`b`', '[c]', 'عمر', '😀', 'a.b.c', '$1', '?', ':p', '\\'];
    const given = await tried({
      joins: names.map((as) => ({ dataset: 'customers', as, on: [['customer', `${as}.id`]] })),
      columns: names.map((name) => ({ name, expr: `"${`${name}.credit`.replaceAll('"', '""')}" + 1` })),
    });
    expect(given.rows.find(([id]: [number]) => id === 1).slice(-names.length)).toEqual(names.map(() => 101));
  });
});
