import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { openService, type TestService } from '../support/service-kit.ts';

const ORDERS = `id,customer,amount,jan,feb,ordered on
1,1,10.50,1,2,2025-01-05
2,1,20.00,3,,2025-02-05
3,2,5.25,5,6,2025-02-06
4,,7.00,7,8,2025-03-01
5,9,1.00,9,10,2025-03-02
`;
const CUSTOMERS = `id,name,country,credit
1,Ann,DE,100
2,Bob,FR,200
3,Cyd,FR,300
`;
const LINES = `order,product,qty
1,A,1
1,B,2
2,A,3
7,C,4
`;

const SALES = {
  name: 'sales',
  from: { dataset: 'orders' },
  joins: [{ dataset: 'customers', as: 'c', on: [['customer', 'c.id']] }],
  columns: [
    { name: 'double', expr: 'amount * 2', label: 'Double', format: '0.0' },
    { name: 'quad', expr: 'double * 2' },
  ],
  dimensions: [
    { name: 'country', field: 'c.country', label: 'Country', synonyms: ['land'] },
    { name: 'month', field: 'ordered on', grain: 'month', label: 'Month', format: 'yyyy-mm' },
  ],
  measures: [
    { name: 'revenue', agg: 'sum', field: 'amount', label: 'Revenue', format: '#,##0.00' },
    { name: 'orders', agg: 'count' },
    { name: 'big', agg: 'sum', field: 'amount', where: { field: 'double', op: 'gt', value: 20 } },
    { name: 'credit', agg: 'sum', field: 'c.credit' },
  ],
};
const WITH_LINES = {
  ...SALES,
  name: 'with lines',
  joins: [...SALES.joins, { dataset: 'lines', as: 'l', on: [['id', 'l.order']], relationship: 'oneToMany' }],
  measures: [...SALES.measures, { name: 'pieces', agg: 'sum', field: 'l.qty' }],
};

let service: TestService;
const users: Record<string, TestService['call']> = {};

beforeAll(async () => {
  service = await openService({ QUERY_RATE_PER_SEC: '1000', QUERY_BURST: '5000' });
  await service.upload('orders', 'o.csv', ORDERS);
  await service.upload('customers', 'c.csv', CUSTOMERS);
  await service.upload('lines', 'l.csv', LINES);
  for (const role of ['viewer', 'editor']) {
    const email = `${role}@example.com`;
    const password = 'correct horse battery';
    await service.call('POST', '/api/users', { email, name: role, role, password });
    users[role] = await service.as(email, password);
  }
  for (const model of [SALES, WITH_LINES])
    expect((await service.call('POST', '/api/models', model)).status).toBe(201);
}, 60_000);
afterAll(() => service[Symbol.asyncDispose]());

const post = async (path: string, body: unknown) => (await service.call('POST', `/api${path}`, body)).json;
const from = { model: 'sales' };
const tried = (part: object) => post('/models/preview', { from: { dataset: 'orders' }, ...part });

describe('models', () => {
  test('are made, read by id and name, listed, changed and removed', async () => {
    const made = await service.call('POST', '/api/models', {
      ...SALES,
      name: 'short lived',
      description: 'x',
    });
    expect(made.json).toEqual({
      ...SALES,
      id: expect.stringMatching(/^mdl_[0-9a-z]{22}$/),
      name: 'short lived',
      description: 'x',
      version: 1,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    const { id } = made.json;
    expect(made.headers.get('location')).toBe(`/api/models/${id}`);
    expect((await service.call('GET', `/api/models/${id}`)).json).toEqual(made.json);
    expect((await service.call('GET', '/api/models/short%20lived')).json).toEqual(made.json);
    const listed = (await service.call('GET', '/api/models?limit=500')).json;
    expect(listed.items.map(({ name }: { name: string }) => name)).toContain('short lived');

    const patch = (body: unknown) => service.call('PATCH', `/api/models/${id}`, body);
    expect((await patch({ description: 'y' })).json).toMatchObject({ version: 1, description: 'y' });
    expect((await patch({ measures: SALES.measures })).json.version).toBe(1);
    const changed = (
      await patch({ name: 'shorter', measures: [SALES.measures[0]], columns: null, dimensions: null })
    ).json;
    expect(changed).toMatchObject({ name: 'shorter', version: 2, joins: SALES.joins });
    expect(changed.measures).toHaveLength(1);
    expect(changed).not.toHaveProperty('columns');
    expect((await patch({ version: 1, description: 'z' })).json).toMatchObject({
      ...{ status: 409, code: 'resource.conflict', pointer: '/version' },
    });
    expect((await service.call('DELETE', `/api/models/${id}`)).status).toBe(204);
    expect((await service.call('GET', `/api/models/${id}`)).json.code).toBe('resource.notFound');
    expect((await service.call('DELETE', `/api/models/${id}`)).status).toBe(404);
    const { items } = (await service.call('GET', '/api/admin/audit?limit=100')).json;
    const ofIt = items.filter(({ target }: { target: string }) => target === id);
    expect(ofIt.map(({ action }: { action: string }) => action)).toEqual([
      ...['model.delete', 'model.update', 'model.update', 'model.update', 'model.create'],
    ]);
  });

  test('are written by editors and used by all who may read', async () => {
    const query = { from, dimensions: ['country'], measures: ['revenue'] };
    expect((await users.viewer!('POST', '/api/query/spec', query)).status).toBe(200);
    expect((await users.viewer!('GET', '/api/models/sales/fields')).status).toBe(200);
    expect((await users.viewer!('POST', '/api/models/preview', { from: { dataset: 'orders' } })).status).toBe(
      200,
    );
    for (const [method, path, body] of [
      ['POST', '/api/models', { name: 'x', from: { dataset: 'orders' } }],
      ['PATCH', '/api/models/sales', { description: 'x' }],
      ['DELETE', '/api/models/sales', undefined],
    ] as const)
      expect((await users.viewer!(method, path, body)).json).toMatchObject({
        status: 403,
        code: 'auth.forbidden',
      });
    const made = await users.editor!('POST', '/api/models', {
      name: "editor's",
      from: { dataset: 'orders' },
    });
    expect(made.status).toBe(201);
    expect((await users.editor!('DELETE', `/api/models/${made.json.id}`)).status).toBe(204);
    expect((await fetch(`${service.url}/api/models`)).status).toBe(401);
  });

  test('a name is taken once, and none hides a path', async () => {
    const conflict = { status: 409, code: 'resource.conflict', pointer: '/name' };
    expect(await post('/models', SALES)).toMatchObject(conflict);
    expect(await post('/models', { ...SALES, name: 'preview' })).toMatchObject(conflict);
    const patch = { name: 'with lines' };
    expect((await service.call('PATCH', '/api/models/sales', patch)).json).toMatchObject(conflict);
  });

  test('say what a front end can offer', async () => {
    const { json } = await service.call('GET', '/api/models/sales/fields');
    expect(json.dimensions).toEqual([
      { name: 'country', type: 'text', label: 'Country', synonyms: ['land'] },
      { name: 'month', type: 'date', label: 'Month', format: 'yyyy-mm', grain: 'month' },
    ]);
    expect(json.measures).toContainEqual({
      name: 'revenue',
      type: 'decimal',
      agg: 'sum',
      label: 'Revenue',
      format: '#,##0.00',
    });
    expect(json.columns).toContainEqual({ name: 'c.country', type: 'text', label: 'c.country', join: 'c' });
    expect(json.columns).toContainEqual({
      name: 'double',
      type: 'decimal',
      label: 'Double',
      format: '0.0',
      computed: true,
    });
  });

  test('a preview has every column, and nothing is kept', async () => {
    const { name: _, ...definition } = SALES;
    const given = await post('/models/preview', {
      ...definition,
      limit: 2,
      where: { field: 'customer', op: 'eq', value: 1 },
    });
    expect(given.columns.map(({ label }: { label: string }) => label)).toEqual([
      ...['id', 'customer', 'amount', 'jan', 'feb', 'ordered on'],
      ...['c.id', 'c.name', 'c.country', 'c.credit', 'Double', 'quad'],
    ]);
    expect(given.rows.toSorted()).toEqual([
      [1, 1, '10.50', 1, 2, '2025-01-05', 1, 'Ann', 'DE', 100, '21.00', '42.00'],
      [2, 1, '20.00', 3, null, '2025-02-05', 1, 'Ann', 'DE', 100, '40.00', '80.00'],
    ]);
    expect(given.fields.measures).toHaveLength(4);
    const saved = (await service.call('GET', '/api/models/sales/preview?limit=1')).json;
    expect(saved).toMatchObject({ columns: given.columns, meta: { rowCount: 1 } });
  });
});

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

  test('names of any kind are names', async () => {
    const names = [`"; drop table x; --`, `it's`, '`b`', '[c]', 'عمر', '😀', 'a.b.c', '$1', '?', ':p', '\\'];
    const given = await tried({
      joins: names.map((as) => ({ dataset: 'customers', as, on: [['customer', `${as}.id`]] })),
      columns: names.map((name) => ({ name, expr: `"${`${name}.credit`.replaceAll('"', '""')}" + 1` })),
    });
    expect(given.rows.find(([id]: [number]) => id === 1).slice(-names.length)).toEqual(names.map(() => 101));
  });
});

describe('a model whose source changes', () => {
  test('has another version, and says which column is gone', async () => {
    await service.upload('moving', 'm.csv', 'id,kind,amount\n1,a,1.5\n2,b,2.5\n');
    await service.upload('kinds', 'k.csv', 'kind,title\na,A\nb,B\n');
    const definition = {
      ...{ name: 'moving', from: { dataset: 'moving' } },
      joins: [{ table: 'kinds', as: 'k', on: [['kind', 'k.kind']] }],
      columns: [{ name: 'twice', expr: 'amount * 2' }],
      dimensions: [{ name: 'title', field: 'k.title' }],
      measures: [
        { name: 'total', agg: 'sum', field: 'twice' },
        { name: 'rows', agg: 'count' },
      ],
    };
    expect((await service.call('POST', '/api/models', definition)).status).toBe(201);
    const asked = { from: { model: 'moving' }, dimensions: ['title'], measures: ['total'] };
    const first = await post('/query/spec', asked);
    expect(first.rows).toEqual([
      ['A', '3.0'],
      ['B', '5.0'],
    ]);
    expect((await post('/query/spec', asked)).meta.cache.hit).toBe(true);

    await service.upload('kinds', 'k.csv', 'kind,title\na,AA\nb,BB\n', { replace: 'true' });
    const second = await post('/query/spec', asked);
    expect(second.rows).toEqual([
      ['AA', '3.0'],
      ['BB', '5.0'],
    ]);
    expect(second.meta.dataVersion).not.toBe(first.meta.dataVersion);

    await service.call('PATCH', '/api/models/moving', { where: { field: 'kind', op: 'eq', value: 'a' } });
    expect((await post('/query/spec', asked)).rows).toEqual([['AA', '3.0']]);
    await service.call('PATCH', '/api/models/moving', { where: null });

    await service.upload('kinds', 'k.csv', 'kind,title\na,1\na,2\n', { replace: 'true' });
    expect(await post('/query/spec', asked)).toMatchObject({
      ...{
        code: 'model.multiplies',
        pointer: '/from/model',
        model: 'moving',
        join: 'k',
        rows: 2,
        at: '/joins/0',
      },
    });
    await service.upload('kinds', 'k.csv', 'kind,title\na,A\nb,B\n', { replace: 'true' });

    await service.upload('moving', 'm.csv', 'id,kind,price\n1,a,1.5\n', { replace: 'true' });
    expect(await post('/query/spec', asked)).toMatchObject({
      ...{
        code: 'query.field',
        pointer: '/from/model',
        model: 'moving',
        field: 'amount',
        at: '/columns/0/expr',
      },
      detail: expect.stringMatching(/"moving".*"amount"/),
    });
    expect((await post('/query/spec', { ...asked, measures: ['rows'] })).rows).toEqual([['A', 1]]);
    await service.upload('kinds', 'k.csv', 'sort,title\na,A\n', { replace: 'true' });
    expect(await post('/query/spec', { ...asked, measures: ['rows'] })).toMatchObject({
      ...{ code: 'query.field', pointer: '/from/model', model: 'moving' },
    });
    const { id } = (await service.call('GET', '/api/datasets/kinds')).json;
    await service.call('DELETE', `/api/datasets/${id}`);
    expect(await post('/query/spec', asked)).toMatchObject({
      ...{ code: 'resource.notFound', pointer: '/from/model', at: '/joins/0/table', model: 'moving' },
    });
  });
});
