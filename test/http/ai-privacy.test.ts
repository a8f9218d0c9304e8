import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { scriptedModel } from '../support/ai/scripted-model.ts';
import { openService, type TestService } from '../support/service-kit.ts';

/** Every value is one that stands nowhere else, so that it is found in whatever leaves. */
const REGIONS = ['Norderney', 'Xanadu'];
const CONTACTS = ['zoe@quux.example', 'abe@quux.example'];
const AMOUNTS = ['731.19', '842.53'];
const NOTES = ['pelican', 'flamingo'];
const CSV = `region,contact,amount,note,ordered_on
${REGIONS[0]},${CONTACTS[0]},${AMOUNTS[0]},${NOTES[0]},2019-02-03
${REGIONS[1]},${CONTACTS[1]},${AMOUNTS[1]},${NOTES[1]},2020-07-09
`;
const VALUES = [
  ...REGIONS,
  ...CONTACTS,
  ...AMOUNTS,
  ...NOTES,
  '2019-02-03',
  '2020-07-09',
  '1573.72',
  '111.34',
];

const FROM = { dataset: 'orders' };
const MODEL = { model: 'sales' };
const spec = (dimensions: object[], ...measures: object[]) => ({ kind: 'spec', dimensions, measures });
const SUM = { agg: 'sum', field: 'amount', as: 'revenue' };
const READING = { answerable: true, query: spec([{ field: 'region' }], SUM) };
const CHANGE = {
  measure: { agg: 'sum', field: 'amount' },
  time: 'ordered_on',
  before: { from: '2019-01-01', to: '2020-01-01' },
  after: { from: '2020-01-01', to: '2021-01-01' },
  dimensions: ['region', 'note'],
};
const WIDGET = { title: 'T', chart: 'bar', query: READING.query };
/** An error as a database words it, with a value of a row. */
const ERROR = `Could not convert string '${NOTES[0]}' to DECIMAL; Key (contact)=(${CONTACTS[0]}) near ${AMOUNTS[1]}`;

let service: TestService;
let model: ReturnType<typeof scriptedModel>;

const call = (path: string, body: unknown) => service.call('POST', `/api/ai/${path}`, body);
const configure = (more: object) =>
  service.call('PUT', '/api/ai/config', { provider: 'compatible', model: 'm', baseUrl: model.url, ...more });
/** All bytes that the provider was sent, headers too. */
const left = () => JSON.stringify(model.seen);
const valuesThatLeft = () => VALUES.filter((value) => left().includes(value));

beforeAll(async () => {
  model = scriptedModel('{}');
  service = await openService({ OUTBOUND_ALLOW: '127.0.0.0/8', QUERY_BURST: '1000' });
  expect((await service.upload('orders', 'orders.csv', CSV)).status).toBe(201);
  const made = await service.call('POST', '/api/models', {
    name: 'sales',
    from: FROM,
    columns: [{ name: 'shout', expr: 'upper(note)' }],
    dimensions: [
      { name: 'who', field: 'contact' },
      {
        name: 'loud',
        field: 'shout',
        label: `Shout of ${CONTACTS[0]}`,
        synonyms: [`cry of ${CONTACTS[1]}`],
        description: `Ask ${CONTACTS[0]}`,
      },
      { name: 'secret', field: 'note', hidden: true },
    ],
    measures: [
      { name: 'first_note', agg: 'min', field: 'note' },
      { name: 'revenue', agg: 'sum', field: 'amount' },
    ],
  });
  expect(made.status).toBe(201);
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
});

describe('by default no value leaves', () => {
  beforeEach(async () => {
    await configure({ key: 'k' });
  });

  const wrong = { answerable: true, query: spec([{ field: 'regoin' }], SUM) };
  const uses: [path: string, body: object, ...said: unknown[]][] = [
    ['ask', { from: FROM, question: 'how?' }, wrong, READING],
    ['ask', { from: MODEL, question: 'how?' }, { answerable: true, query: spec([{ field: 'who' }]) }],
    ['suggest', { from: FROM, count: 1 }, { widgets: [WIDGET] }],
    ['suggest', { from: MODEL, count: 1 }, { widgets: [WIDGET] }],
    ['describe', { from: FROM }, { text: 'T', columns: [] }],
    ['describe', { from: MODEL }, { text: 'T', columns: [] }],
    ['enhance', { from: FROM, prompt: 'x' }, { prompt: 'y' }],
    ['plan', { from: MODEL, prompt: 'x' }, { steps: [{ kind: 'note', title: 't', detail: '' }] }],
    ['explain', { from: FROM, ...CHANGE }],
    [
      'fix',
      { from: FROM, spec: { dimensions: ['regoin'] }, error: ERROR },
      { query: READING.query, changes: 'c' },
    ],
    [
      'fix',
      {
        from: FROM,
        spec: { dimensions: ['region'], result: { rows: [REGIONS, AMOUNTS] }, note: NOTES },
        error: ERROR,
      },
      { query: READING.query, changes: 'c' },
    ],
    [
      'fix',
      { from: MODEL, pivot: { rows: ['who'], measures: [SUM] }, error: ERROR },
      { query: READING.query, changes: 'c' },
    ],
    [
      'fix',
      { sql: { sql: 'select cast(note as decimal) from orders' }, error: ERROR },
      { sql: 'select no_such from orders', changes: 'c' },
      { sql: 'select note from orders', changes: 'c' },
    ],
  ];
  test.each(uses)('%s %j', async (path, body, ...said) => {
    model.say(...(said as object[]));
    const { status, json: answer } = await call(path, body);
    expect(answer.meta).toBeDefined();
    expect(status).toBe(200);
    expect(model.seen.length).toBe(said.length);
    if (said.length > 0 && !('sql' in body)) expect(left()).toContain('amount');
    expect(valuesThatLeft()).toEqual([]);
  });

  test('nor through the history of a conversation', async () => {
    model.say(READING);
    const { json: first } = await call('ask', { from: FROM, question: 'how?' });
    expect(JSON.stringify(first.result)).toContain(REGIONS[0]!);
    const { status, json: answer } = await call('ask', {
      from: FROM,
      question: 'and now?',
      history: [{ question: 'how?', query: { ...first.query, result: first.result } }],
    });
    expect(answer).toMatchObject({ kind: 'answer', query: first.query });
    expect(status).toBe(200);
    expect(left()).toContain('Questions before');
    expect(valuesThatLeft()).toEqual([]);
    const stuffed = { kind: 'spec', dimensions: [{ field: 'region', rows: first.result.rows }] };
    const history = [{ question: 'how?' }, { question: 'how?', query: stuffed }];
    expect((await call('ask', { from: FROM, question: 'x', history })).json).toMatchObject({
      code: 'request.invalid',
      pointer: '/history/1/query',
    });
  });

  test('what a model hides from people is not told either', async () => {
    model.say({ text: 'T', columns: [] });
    await call('describe', { from: MODEL });
    expect(left()).toContain('who');
    expect(left()).not.toContain('secret');
  });

  test('a statement is no way around the names', async () => {
    await configure({ key: 'k', allowColumnNames: false });
    model.say({ sql: 'select 1', changes: 'c' });
    for (const body of [{ sql: { sql: 'selec note from orders' } }, { from: FROM, spec: {} }])
      expect((await call('fix', body)).json).toMatchObject({
        code: 'auth.forbidden',
        setting: 'allowColumnNames',
      });
    expect((await call('explain', { from: FROM, ...CHANGE })).json).toMatchObject({ wordedBy: 'service' });
    await configure({ key: 'k', allowColumnNames: false, allowSampleRows: true });
    expect((await call('explain', { from: FROM, ...CHANGE })).json).toMatchObject({ wordedBy: 'service' });
    expect(model.seen).toEqual([]);
  });
});

describe('where values may leave, hidden columns do not', () => {
  beforeEach(async () => {
    await configure({ key: 'k', allowSampleRows: true, masking: { columns: ['note', 'contact'] } });
  });
  const kept = [...NOTES, ...NOTES.map((note) => note.toUpperCase()), ...CONTACTS];
  const pivot = {
    kind: 'pivot',
    rows: [{ field: 'region' }],
    columns: [{ field: 'note', as: 'n' }],
    measures: [SUM],
  };
  const asked: [what: string, from: object, query: object][] = [
    ['under another name', FROM, spec([{ field: 'note', as: 'n' }, { field: 'region' }], SUM)],
    ['as a measure', FROM, spec([{ field: 'region' }], { agg: 'max', field: 'note', as: 'm' })],
    ['as an expression', FROM, spec([{ field: 'region' }], { agg: 'min', expr: "note || 'x'", as: 'm' })],
    ['in the headers of a pivot', FROM, pivot],
    [
      'as a dimension of a model',
      MODEL,
      spec([{ field: 'who' }, { field: 'region' }], { measure: 'revenue' }),
    ],
    ['as a computed column of a model', MODEL, spec([{ field: 'loud' }, { field: 'region' }])],
    ['as a measure of a model', MODEL, spec([{ field: 'region' }], { measure: 'first_note', as: 'm' })],
  ];
  test.each(asked)('%s', async (_, from, query) => {
    model.say({ answerable: true, query }, { text: 'One.' });
    const { json: answer } = await call('ask', { from, question: 'how?' });
    expect(answer).toMatchObject({ kind: 'answer', wordedBy: 'model' });
    expect(JSON.stringify(answer.result)).toMatch(new RegExp([...kept].join('|')));
    expect(left()).toContain(REGIONS[0]!);
    expect(left()).toContain('[hidden]');
    expect(kept.filter((value) => left().includes(value))).toEqual([]);
  });

  test('of the widest tables a sample has a hundred columns', async () => {
    const names = Array.from({ length: 150 }, (_, i) => `column_${i}`);
    await service.upload('wide', 'w.csv', `${names}\n${names.map((_, i) => `value_${i}`)}\n`);
    model.say({ text: 'T', columns: [] });
    expect((await call('describe', { from: { dataset: 'wide' } })).json.meta).toBeDefined();
    for (const [told, isThere] of [
      ['column_149', true],
      ['value_99', true],
      ['value_100', false],
    ] as const)
      expect([told, left().includes(told)]).toEqual([told, isThere]);
  });

  test('as a member that made a change', async () => {
    model.say({ text: 'More.' });
    const { json: answer } = await call('explain', { from: FROM, ...CHANGE });
    expect(answer).toMatchObject({
      wordedBy: 'model',
      change: { before: '731.19', after: '842.53', delta: '111.34' },
    });
    expect(left()).toContain(REGIONS[0]!);
    expect(left()).toContain('731.19');
    expect(kept.filter((value) => left().includes(value))).toEqual([]);
  });

  test('an error leaves masked, and not where a column is hidden', async () => {
    const failing = { from: FROM, spec: { dimensions: ['region'] }, error: ERROR };
    model.say({ query: READING.query, changes: 'c' });
    await call('fix', failing);
    expect(model.seen).toHaveLength(1);
    expect(left()).not.toContain('Could not convert');
    await configure({ key: 'k', allowSampleRows: true });
    model.say({ query: READING.query, changes: 'c' });
    await call('fix', failing);
    expect(left()).toContain('Could not convert');
    expect(left()).toContain('[email]');
    expect(left()).not.toContain(CONTACTS[0]!);
  });
});
