import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { AI_PROVIDERS } from '../../src/domain/ai.ts';
import { providerModel, USAGE } from '../support/ai/provider-model.ts';
import { openService, type TestService } from '../support/service-kit.ts';

const FROM = { dataset: 'orders' };
const QUERY = {
  kind: 'spec',
  dimensions: [{ field: 'region' }],
  measures: [{ agg: 'sum', field: 'amount', as: 'revenue' }],
  where: {
    or: [
      { field: 'region', op: 'eq', value: 'EU' },
      { field: 'region', op: 'isNull' },
    ],
  },
};
const READING = { answerable: true, query: QUERY, chart: 'bar', assumptions: [] };
const WRONG = { ...READING, query: { ...QUERY, dimensions: [{ field: 'regoin' }] } };

/** Every use of AI with all that a model may say before it is right: nothing, words, a wrong answer, one of a wrong form. */
const USES: [path: string, body: object, ...said: unknown[]][] = [
  ['ask', { from: FROM, question: 'how much?' }, '', WRONG, READING, { text: 'EU: 30.30.' }],
  ['ask', { from: FROM, question: 'weather?' }, 'Hm.', { answerable: false, reason: 'no weather here' }],
  [
    'suggest',
    { from: FROM, count: 1, goal: 'sales' },
    ' \n',
    { widgets: [{ title: 'T', chart: 'bar', query: QUERY }] },
  ],
  [
    'describe',
    { from: FROM },
    { text: 'T', columns: [{ name: 'nope', description: 'x' }] },
    { text: 'Sales.', columns: [{ name: 'region', description: 'Where', synonyms: ['area'] }] },
  ],
  ['enhance', { from: FROM, prompt: 'sales' }, { prompt: 'Sales by region' }],
  ['plan', { prompt: 'sales' }, { steps: [] }, { steps: [{ kind: 'pivot', title: 'T', detail: 'd' }] }],
  [
    'explain',
    {
      from: FROM,
      measure: { agg: 'sum', field: 'amount' },
      time: 'on',
      before: { from: '2025-01-01', to: '2025-04-01' },
      after: { from: '2025-04-01', to: '2025-07-01' },
      dimensions: ['region'],
    },
    { text: 'More.' },
  ],
  ['fix', { from: FROM, spec: { dimensions: ['regoin'] }, error: 'no' }, { query: QUERY, changes: 'c' }],
  ['fix', { sql: { sql: 'selec 1' } }, { sql: 'select region from orders', changes: 'c' }],
];

let service: TestService;

beforeAll(async () => {
  service = await openService({ OUTBOUND_ALLOW: '127.0.0.0/8', QUERY_BURST: '1000' });
  await service.upload('orders', 'o.csv', 'region,amount,on\nEU,30.30,2025-01-05\nUS,30.31,2025-05-05\n');
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

describe.each(AI_PROVIDERS)('%s takes what each use of AI sends', (provider) => {
  test.each(USES)('%s %j', async (path, body, ...said) => {
    await using model = providerModel(provider);
    const configured = await service.call('PUT', '/api/ai/config', {
      provider,
      model: 'm-1',
      baseUrl: model.url,
      key: 'k-0123',
      allowSampleRows: true,
    });
    expect(configured.json).toMatchObject({ provider, hasKey: true });
    for (const accept of ['application/json', 'text/event-stream']) {
      model.say(...said);
      const answer = await service.call('POST', `/api/ai/${path}`, body, { headers: { accept } });
      const { text } = answer;
      const result = answer.json ?? JSON.parse(/event: result\ndata: (.*)/.exec(text)?.[1] ?? `"${text}"`);
      expect(result.meta).toMatchObject({
        provider,
        repairs: said.length - (path === 'ask' && said.length > 2 ? 2 : 1),
        usage: {
          inputTokens: USAGE.inputTokens * said.length,
          outputTokens: USAGE.outputTokens * said.length,
        },
      });
      expect(model.seen).toHaveLength(said.length);
      for (const { path: called } of model.seen) expect(called).not.toContain('k-0123');
    }
  });
});
