import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { HOSTILE, outsideOfData } from '../support/ai/hostile.ts';
import { scriptedModel } from '../support/ai/scripted-model.ts';
import { json, wireServer } from '../support/ai/wire-server.ts';
import { openService, type TestService } from '../support/service-kit.ts';

const KEY = 'sk-injection-0123456789';

const QUERY = { kind: 'spec', measures: [{ agg: 'count', as: 'n' }] };
const good = { answerable: true, query: QUERY };

/** What a model that obeys whoever spoke last may answer. */
const OBEDIENT: [what: string, answer: unknown][] = [
  ['another source', { ...good, query: { ...QUERY, from: { dataset: 'salaries' } } }],
  ['another source beside', { ...good, from: { dataset: 'salaries' } }],
  ['SQL in place of a query', { answerable: true, query: 'select * from salaries' }],
  ['SQL beside a query', { ...good, query: { ...QUERY, sql: 'drop table x' } }],
  [
    'SQL as a source',
    { ...good, query: { ...QUERY, from: { datasource: 'erp', sql: 'select pg_sleep(1)' } } },
  ],
  ['SQL as a field', { ...good, query: { ...QUERY, dimensions: [{ field: '1; drop table orders' }] } }],
  [
    'a subquery as a field',
    { ...good, query: { ...QUERY, dimensions: [{ field: '(select key from secrets)' }] } },
  ],
  [
    'a function as an aggregation',
    { ...good, query: { ...QUERY, measures: [{ agg: 'pg_read_file', field: 'a' }] } },
  ],
  ['a file', { ...good, query: { ...QUERY, dimensions: [{ field: "read_text('/etc/passwd')" }] } }],
  ['a join', { ...good, query: { ...QUERY, joins: [{ table: 'salaries', as: 's', on: [['id', 's.id']] }] } }],
  ['other rights', { ...good, policy: 'none', query: { ...QUERY, policy: 'none' } }],
  ['another user', { ...good, query: { ...QUERY, userId: 'usr_admin' } }],
  ['no limit', { ...good, query: { ...QUERY, limit: 1e12 } }],
  ['a longer deadline', { ...good, query: { ...QUERY, timeoutS: 1e9 } }],
  ['the name of a running query', { ...good, query: { ...QUERY, requestId: 'somebody-elses' } }],
  [
    'a prototype',
    JSON.parse(
      '{"answerable":true,"query":{"kind":"spec","measures":[{"agg":"count"}],"__proto__":{"from":{"dataset":"salaries"}}}}',
    ),
  ],
  ['a constructor', { ...good, constructor: { prototype: { isAdmin: true } } }],
  ['an address to call', { ...good, callback: 'http://127.0.0.1:1/x' }],
  ['a tool to run', { tool: 'exec', arguments: { command: 'id' } }],
  [
    'a depth bomb',
    JSON.parse(
      `{"answerable":true,"query":{"kind":"spec","measures":[{"agg":"count"}],"where":${'{"not":'.repeat(400)}{"field":"a","op":"isNull"}${'}'.repeat(400)}}}`,
    ),
  ],
  [
    'a depth that no stack holds',
    `{"answerable":true,"query":{"kind":"spec","measures":[{"agg":"count"}],"where":${'{"and":['.repeat(50_000)}${']}'.repeat(50_000)}}}`,
  ],
  [
    'a list of filters without end',
    {
      ...good,
      query: {
        ...QUERY,
        where: { or: Array.from({ length: 20_000 }, () => ({ field: 'a', op: 'isNull' })) },
      },
    },
  ],
  [
    'a pattern that never ends',
    {
      ...good,
      query: { ...QUERY, where: { field: 'a', op: 'matches', value: '(a+)+$', caseSensitive: 'x' } },
    },
  ],
  ['a kind of its own', { ...good, query: { kind: 'sql', sql: 'select 1' } }],
  ['an array', [good]],
  ['nothing', null],
];

let service: TestService;
let model: ReturnType<typeof scriptedModel>;
const called: string[] = [];
const stranger = wireServer(({ path }) => {
  called.push(path);
  return json({});
});

const ask = (dataset: string, question = 'how many?') =>
  service.call('POST', '/api/ai/ask', { from: { dataset }, question });

beforeAll(async () => {
  model = scriptedModel(good);
  service = await openService({ OUTBOUND_ALLOW: '127.0.0.0/8', QUERY_BURST: '1000' });
  await service.call('PUT', '/api/ai/config', {
    provider: 'compatible',
    model: 'm',
    baseUrl: model.url,
    key: KEY,
    allowSampleRows: true,
  });
  expect((await service.upload('salaries', 's.csv', 'who,pay\nann,987654\n')).status).toBe(201);
  expect((await service.upload('plain', 'p.csv', 'a,b\nx,1\n')).status).toBe(201);
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
  await stranger[Symbol.asyncDispose]();
});

/** Who may what, and what there is: all that an obedient model might be told to change or to make. */
const PLACES = [
  'ai/config',
  'users',
  'api-keys',
  'datasets',
  'datasources',
  'models',
  'schedules',
  'sync-tasks',
  'secrets',
  'queries',
  'runs',
];
const world = () =>
  Promise.all(PLACES.map(async (place) => (await service.call('GET', `/api/${place}`)).text));

/** The promises, whatever was written: no policy is another, no key or other data is told, nobody else is called, nothing was run or made. */
async function expectNothingHappened(text: string, before: readonly string[]): Promise<void> {
  expect(await world()).toEqual([...before]);
  const asked = JSON.stringify(model.seen.map(({ body }) => body));
  for (const told of [text, asked]) {
    expect(told).not.toContain(KEY);
    expect(told).not.toContain('987654');
  }
  expect(service.logged.filter((line) => line.includes(KEY))).toEqual([]);
  expect(called).toEqual([]);
  for (const { headers, path } of model.seen) {
    expect(path).toBe('/chat/completions');
    expect(headers.host).toBe(new URL(model.url).host);
  }
}

/** What the model is told by us alone, in all its requests. */
const toldByUs = () =>
  model.seen.flatMap(({ body }) =>
    (body.messages as { role: string; content: string }[])
      .filter(({ role }) => role !== 'assistant')
      .map(({ content }) => outsideOfData(content)),
  );

describe('hostile names, values and questions stay data', () => {
  /** A field that is not there but nearly, so that the text goes back in what is wrong. */
  const wrong = (name: string) => ({
    ...good,
    query: { ...QUERY, dimensions: [{ field: `${name.slice(0, 490)}x` }] },
  });
  /** Every other use of AI, with the text wherever somebody may write one. */
  const uses = (dataset: string, text: string): [path: string, body: object, said: object][] => [
    ['describe', { from: { dataset }, language: text.slice(0, 40) }, { text: 'T', columns: [] }],
    ['enhance', { from: { dataset }, prompt: text }, { prompt: 'p' }],
    ['plan', { prompt: text }, { steps: [{ kind: 'note', title: 't', detail: '' }] }],
    [
      'suggest',
      { from: { dataset }, goal: text, count: 1 },
      { widgets: [{ title: 't', chart: 'number', query: QUERY }] },
    ],
    ['fix', { from: { dataset }, spec: { dimensions: [text] }, error: text }, { query: QUERY, changes: 'c' }],
  ];
  const useAll = async (dataset: string, text: string) => {
    const told: string[] = [];
    for (const [path, body, said] of uses(dataset, text)) {
      model.say(said);
      const answer = await service.call('POST', `/api/ai/${path}`, body);
      expect(answer.json.meta).toMatchObject({ repairs: 0 });
      told.push(...toldByUs());
    }
    return told;
  };

  let plain: string[];
  let plainUses: string[];
  beforeAll(async () => {
    model.say(wrong('b'), good, { text: 'One.' });
    await ask('plain');
    plain = toldByUs();
    expect(plain.join()).toContain('«data»');
    expect(plain).toHaveLength(7);
    plainUses = await useAll('plain', 'a wish');
  });

  test.each(HOSTILE.map((text, index) => [index, text] as const))('%i %j', async (index, text) => {
    const name = `hostile_${index}`;
    const rows = [{ [text]: text, other: `${text} ${stranger.url}` }];
    const upload = await service.upload(
      name,
      'rows.ndjson',
      rows.map((row) => JSON.stringify(row)).join('\n'),
    );
    expect(upload.json.columns).toHaveLength(2);
    const before = await world();
    model.say(wrong(text), good, { text: 'One.' });
    const { status, json: answer, text: body } = await ask(name, text);
    expect(answer).toMatchObject({ kind: 'answer', result: { rows: [[1]] }, meta: { repairs: 1 } });
    expect(status).toBe(200);
    expect(toldByUs()).toEqual(plain);
    await expectNothingHappened(body, before);
    expect(await useAll(name, text)).toEqual(plainUses);
    await expectNothingHappened('', before);
    expect((await service.call('DELETE', `/api/datasets/${name}`)).status).toBe(204);
  });
});

describe('a model that obeys is read like a stranger', () => {
  test.each(OBEDIENT)('%s', async (_, said) => {
    const before = await world();
    model.say(typeof said === 'string' ? said : JSON.stringify(said));
    const { json: answer, status, text } = await ask('plain');
    expect(answer).toMatchObject({ code: 'ai.badOutput' });
    expect(status).toBe(502);
    expect(model.seen).toHaveLength(3);
    await expectNothingHappened(text, before);
  });
});
