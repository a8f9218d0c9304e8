import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { TestService } from '../support/service-kit.ts';
import { type ModelService, openModels, SALES } from './models-kit.ts';

let models: ModelService;
let service: TestService;
let post: ModelService['post'];
const users: Record<string, TestService['call']> = {};

beforeAll(async () => {
  models = await openModels();
  ({ service, post } = models);
  for (const role of ['viewer', 'editor']) {
    const email = `${role}@example.com`;
    const password = 'correct horse battery';
    await service.call('POST', '/api/users', { email, name: role, role, password });
    users[role] = await service.as(email, password);
  }
}, 60_000);
afterAll(() => models[Symbol.asyncDispose]());

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
    const query = { from: { model: 'sales' }, dimensions: ['country'], measures: ['revenue'] };
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
