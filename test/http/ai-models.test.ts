import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { scriptedModel, toldTo } from '../support/ai/scripted-model.ts';
import { openService, type TestService } from '../support/service-kit.ts';

const ORDERS = `id,customer,amount,ordered_on,status
1,1,10.50,2025-01-05,paid
2,1,20.00,2025-02-05,paid
3,2,5.25,2025-02-06,paid
4,,7.00,2025-03-01,paid
5,2,1.00,2025-03-02,paid
6,2,900.00,2025-03-03,void
`;
const CUSTOMERS = `id,name,country
1,Ann,DE
2,Bob,FR
`;
const FROM = { model: 'sales' };
const SALES = {
  name: 'sales',
  from: { dataset: 'orders' },
  joins: [{ dataset: 'customers', as: 'c', on: [['customer', 'c.id']] }],
  columns: [{ name: 'double', expr: 'amount * 2' }],
  dimensions: [
    { name: 'country', field: 'c.country', label: 'Country', synonyms: ['land'] },
    { name: 'month', field: 'ordered_on', grain: 'month', description: 'Month of the order, by hand' },
    { name: 'internal', field: 'c.name', hidden: true },
  ],
  measures: [{ name: 'revenue', agg: 'sum', field: 'amount', label: 'Net revenue' }],
  /** Holds for whatever is asked, also by a model. */
  where: { field: 'status', op: 'ne', value: 'void' },
};
const BY_COUNTRY = { kind: 'spec', dimensions: [{ field: 'country' }], measures: [{ measure: 'revenue' }] };

let service: TestService;
let model: ReturnType<typeof scriptedModel>;
const call = (path: string, body: unknown) => service.call('POST', `/api/ai/${path}`, body);
const saved = async () => (await service.call('GET', '/api/models/sales')).json;

beforeAll(async () => {
  model = scriptedModel('{}');
  service = await openService({ OUTBOUND_ALLOW: '127.0.0.0/8', QUERY_BURST: '1000' });
  await service.upload('orders', 'o.csv', ORDERS);
  await service.upload('customers', 'c.csv', CUSTOMERS);
  await service.call('PUT', '/api/ai/config', {
    provider: 'compatible',
    model: 'm',
    baseUrl: model.url,
    key: null,
  });
});
beforeEach(async () => {
  await service.call('DELETE', '/api/models/sales');
  const made = await service.call('POST', '/api/models', SALES);
  expect(made.json).toMatchObject({ name: 'sales', version: 1 });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
});

describe('a model as the source', () => {
  test('suggest: widgets go by its dimensions and measures, and run', async () => {
    model.say(
      { widgets: [{ title: 'T', chart: 'bar', query: { ...BY_COUNTRY, dimensions: [{ field: 'c.no' }] } }] },
      { widgets: [{ title: 'T', chart: 'bar', query: BY_COUNTRY }] },
    );
    const { json: answer } = await call('suggest', { from: FROM, count: 1 });
    expect(answer).toMatchObject({ widgets: [{ query: { spec: { from: FROM } } }], meta: { repairs: 1 } });
    expect(toldTo(model)).toContain('Net revenue');
    const { json: ran } = await service.call('POST', '/api/query/spec', answer.widgets[0].query.spec);
    expect(ran.rows).toEqual([
      ['DE', '30.50'],
      ['FR', '6.25'],
      [null, '7.00'],
    ]);
  });

  test('explain: the default filter of the model holds', async () => {
    const change = {
      from: FROM,
      time: 'ordered_on',
      before: { from: '2025-02-01', to: '2025-03-01' },
      after: { from: '2025-03-01', to: '2025-04-01' },
      dimensions: ['country'],
    };
    const { json: answer } = await call('explain', { ...change, measure: { agg: 'sum', field: 'amount' } });
    expect(answer.change).toMatchObject({ before: '25.25', after: '8.00' });
    expect(answer.contributions[0].members).toMatchObject([
      { member: 'DE', before: '20.00', after: null, delta: '-20.00' },
      { member: null, before: null, after: '7.00' },
      { member: 'FR', before: '5.25', after: '1.00', delta: '-4.25' },
    ]);
    const { json: named } = await call('explain', { ...change, measure: { measure: 'revenue' } });
    expect(named.change).toEqual(answer.change);
    expect(named.contributions).toEqual(answer.contributions);
  });

  test('explain: a measure of the model whose parts do not add up is refused', async () => {
    const measures = [...SALES.measures, { name: 'mean', agg: 'avg', field: 'amount' }];
    await service.call('PATCH', '/api/models/sales', { measures });
    const body = {
      from: FROM,
      measure: { measure: 'mean' },
      time: 'ordered_on',
      before: { preset: 'lastYear' },
      after: { preset: 'thisYear' },
      dimensions: ['country'],
    };
    expect((await call('explain', body)).json).toMatchObject({
      code: 'request.invalid',
      pointer: '/measure/measure',
    });
    expect((await call('explain', { ...body, measure: { measure: 'nope' } })).json).toMatchObject({
      code: 'query.field',
      pointer: '/measure/measure',
    });
  });

  test('plan and enhance are told its names', async () => {
    model.say({ steps: [{ kind: 'pivot', title: 'Revenue', detail: 'by country' }] });
    expect((await call('plan', { from: FROM, prompt: 'sales' })).json.steps).toHaveLength(1);
    expect(toldTo(model)).toContain('Net revenue');
    model.say({ prompt: 'Net revenue by country' });
    expect((await call('enhance', { from: FROM, prompt: 'sales' })).json).toMatchObject({
      prompt: 'Net revenue by country',
    });
    expect(toldTo(model)).toContain('land');
  });

  test('fix: what failed is planned over the model', async () => {
    model.say(
      { query: { ...BY_COUNTRY, dimensions: [{ field: 'nation' }] }, changes: 'x' },
      {
        query: BY_COUNTRY,
        changes: 'nation is country',
      },
    );
    const { json: answer } = await call('fix', {
      from: FROM,
      spec: { dimensions: ['nation'], measures: ['revenue'] },
    });
    expect(answer).toMatchObject({ query: { spec: { from: FROM } }, meta: { repairs: 1 } });
    expect(toldTo(model)).toContain('nation');
  });

  test('nothing goes with a model beside its name', async () => {
    const { json: problem } = await call('describe', { from: { ...FROM, dataset: 'orders' } });
    expect(problem).toMatchObject({ code: 'request.invalid', pointer: '/from/dataset' });
  });
});

describe('descriptions are kept in the model', () => {
  const COLUMNS = [
    { name: 'country', description: 'Where the customer lives', synonyms: ['nation'] },
    { name: 'month', description: 'A month', synonyms: ['period'] },
    { name: 'amount', description: 'What was paid', synonyms: ['total'] },
    { name: 'double', description: 'Twice the amount' },
    { name: 'c.name', description: 'Who bought', synonyms: ['buyer'] },
    { name: 'revenue', description: 'All that was paid', synonyms: ['turnover'] },
  ];
  const said = { text: 'Orders of customers.', columns: COLUMNS };

  test('where people wrote nothing; later prompts are told', async () => {
    model.say(said);
    const { status, json: answer } = await call('describe', { from: FROM, store: true });
    expect(answer).toMatchObject({
      text: 'Orders of customers.',
      stored: {
        version: 2,
        described: ['country', 'month', 'double', 'amount', 'c.name', 'revenue'],
        kept: [],
      },
    });
    expect(status).toBe(200);
    expect(await saved()).toMatchObject({
      description: 'Orders of customers.',
      version: 2,
      dimensions: [
        { name: 'country', description: 'Where the customer lives', synonyms: ['land'] },
        { name: 'month', description: 'Month of the order, by hand', synonyms: ['period'] },
        SALES.dimensions[2]!,
      ],
      columns: [{ name: 'double', description: 'Twice the amount' }],
      measures: [{ name: 'revenue', description: 'All that was paid', synonyms: ['turnover'] }],
      descriptions: [
        { name: 'amount', description: 'What was paid', synonyms: ['total'] },
        { name: 'c.name', description: 'Who bought', synonyms: ['buyer'] },
      ],
    });
    const { json: fields } = await service.call('GET', '/api/models/sales/fields');
    expect(fields.columns.find(({ name }: { name: string }) => name === 'amount')).toMatchObject({
      description: 'What was paid',
      synonyms: ['total'],
    });
    expect(fields.measures[0]).toMatchObject({ synonyms: ['turnover'] });
    const entry = (await service.call('GET', '/api/admin/audit?action=model.update&limit=1')).json.items[0];
    expect(entry.detail).toMatchObject({ version: 2, changed: expect.arrayContaining(['descriptions']) });

    model.say({ answerable: false, reason: 'no' });
    await call('ask', { from: FROM, question: 'x' });
    for (const text of ['Orders of customers.', 'What was paid', 'turnover', 'buyer'])
      expect(toldTo(model)).toContain(text);

    model.say({ ...said, text: 'Other.' });
    const { json: again } = await call('describe', { from: FROM, store: true });
    expect(again.stored).toEqual({
      model: again.stored.model,
      version: 2,
      described: [],
      kept: ['country', 'month', 'double', 'amount', 'c.name', 'revenue'],
    });
    expect(await saved()).toMatchObject({ description: 'Orders of customers.', version: 2 });
  });

  test('in the place of what people wrote, when asked to', async () => {
    model.say(said);
    await call('describe', { from: FROM, store: true, overwrite: true });
    expect((await saved()).dimensions).toMatchObject([
      { description: 'Where the customer lives', synonyms: ['nation'] },
      { description: 'A month', synonyms: ['period'] },
      { name: 'internal' },
    ]);
  });

  test('a model that was changed meanwhile stays as it was changed', async () => {
    model.say(async () => {
      await service.call('PATCH', '/api/models/sales', { where: null });
      return said;
    });
    const { status, json: problem } = await call('describe', { from: FROM, store: true });
    expect(problem).toMatchObject({ code: 'resource.conflict', pointer: '/version' });
    expect(status).toBe(409);
    expect(await saved()).toMatchObject({ description: '', version: 2 });
  });

  test.each([
    [{ from: { dataset: 'orders' }, store: true }, '/store'],
    [{ from: FROM, overwrite: true }, '/overwrite'],
    [{ from: FROM, store: 'yes' }, '/store'],
  ])('%j is refused before the model is asked', async (body, pointer) => {
    model.say(said);
    const { status, json: problem } = await call('describe', body);
    expect(problem).toMatchObject({ code: 'request.invalid', pointer });
    expect(status).toBe(400);
    expect(model.seen).toEqual([]);
  });

  test('who may only read may be told, but keeps nothing', async () => {
    const user = { email: 'vi@example.com', name: 'Vi', role: 'viewer', password: 'long enough pass' };
    await service.call('POST', '/api/users', user);
    const viewer = await service.as(user.email, user.password);
    model.say(said);
    expect((await viewer('POST', '/api/ai/describe', { from: FROM, store: true })).json).toMatchObject({
      code: 'auth.forbidden',
    });
    expect(model.seen).toEqual([]);
    expect((await viewer('POST', '/api/ai/describe', { from: FROM })).json).toMatchObject({
      text: said.text,
    });
    expect((await saved()).version).toBe(1);
  });
});

test('descriptions of columns that the tables do not have are refused, and so are two of one', async () => {
  const patch = (descriptions: object[]) => service.call('PATCH', '/api/models/sales', { descriptions });
  expect((await patch([{ name: 'nope', description: 'x' }])).json).toMatchObject({
    code: 'query.field',
    pointer: '/descriptions/0/name',
  });
  expect((await patch([{ name: 'amount' }, { name: 'amount' }])).json).toMatchObject({
    code: 'query.ambiguous',
    pointer: '/descriptions/1/name',
  });
  expect((await patch([{ name: 'double', description: 'x' }])).json).toMatchObject({ code: 'query.field' });
});
