import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { scriptedModel, streamed } from '../support/ai/scripted-model.ts';
import { wireServer } from '../support/ai/wire-server.ts';
import { openService, type TestService, until } from '../support/service-kit.ts';

const FROM = { dataset: 'orders' };
const QUERY = {
  kind: 'spec',
  dimensions: [{ field: 'region' }],
  measures: [{ agg: 'sum', field: 'amount', as: 'revenue' }],
};
const READING = { answerable: true, query: QUERY, chart: 'bar', assumptions: [] };
const TEXT = 'US leads with 30.31 — "clearly".\nEU: 30.30 😀';
const EVENTS = { accept: 'text/event-stream' };

let service: TestService;
let model: ReturnType<typeof scriptedModel>;

interface Event {
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: events of every shape
  data: any;
}

const eventsIn = (text: string): Event[] =>
  text
    .split('\n\n')
    .filter((block) => block.startsWith('event: '))
    .map((block) => {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(block)!;
      return { name: name!, data: JSON.parse(data!) };
    });

const follow = async (path: string, body: unknown) => {
  const answer = await service.call('POST', `/api/ai/${path}`, body, { headers: EVENTS });
  return { ...answer, events: eventsIn(answer.text) };
};
const named = (events: readonly Event[], name: string) =>
  events.filter((event) => event.name === name).map(({ data }) => data);
const textOf = (events: readonly Event[]) =>
  named(events, 'text')
    .map(({ text }) => text)
    .join('');
const stepsOf = (events: readonly Event[]) => named(events, 'progress').map(({ step }) => step);
/** Without what each request has of its own. */
const common = ({ meta, result, ...answer }: Event['data']) => {
  const { requestId: _, ...how } = meta;
  return { ...answer, meta: how, rows: result?.rows, cells: result?.cells };
};

const configure = (more: object = {}) =>
  service.call('PUT', '/api/ai/config', {
    provider: 'compatible',
    model: 'm',
    baseUrl: model.url,
    key: null,
    ...more,
  });

beforeAll(async () => {
  model = scriptedModel('{}');
  service = await openService({
    OUTBOUND_ALLOW: '127.0.0.0/8',
    QUERY_BURST: '1000',
    AI_CONCURRENCY: '1',
    AI_QUEUE: '1',
    AI_HEARTBEAT_SECONDS: '1',
  });
  await service.upload('orders', 'o.csv', 'region,amount\nEU,30.30\nUS,30.31\n');
});
beforeEach(async () => {
  expect((await configure({ allowSampleRows: true })).status).toBe(200);
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
});

describe('an answer as events', () => {
  const CHANGE = {
    from: FROM,
    measure: { agg: 'count' },
    time: 'on',
    before: { from: '2019-01-01', to: '2020-01-01' },
    after: { from: '2020-01-01', to: '2021-01-01' },
    dimensions: ['a'],
  };
  const steps = [{ kind: 'note', title: 't', detail: '' }];
  test.each([
    [
      'ask',
      { from: FROM, question: 'who?' },
      [READING, { text: TEXT }],
      ['planning', 'running', 'wording'],
      TEXT,
    ],
    ['ask', { from: FROM, question: 'x' }, [{ answerable: false, reason: 'no' }], ['planning'], ''],
    ['plan', { prompt: 'x' }, [{ steps }], ['planning'], ''],
    ['plan', { prompt: 'x' }, ['poem', { steps }], ['planning', 'repairing'], ''],
    ['enhance', { prompt: 'x' }, [{ prompt: TEXT, notes: ['n'] }], ['wording'], TEXT],
    ['describe', { from: FROM }, [{ text: TEXT, columns: [] }], ['wording'], TEXT],
    [
      'suggest',
      { from: FROM, count: 1 },
      [{ widgets: [{ title: 'T', chart: 'bar', query: QUERY }] }],
      ['planning'],
      '',
    ],
    ['fix', { from: FROM, spec: {} }, [{ query: QUERY, changes: 'c' }], ['planning'], ''],
    [
      'explain',
      { ...CHANGE, from: { dataset: 'dated' } },
      [{ text: 'More.' }],
      ['running', 'wording'],
      'More.',
    ],
  ] as const)('%s %j', async (path, body, said, wantedSteps, text) => {
    if (path === 'explain') await service.upload('dated', 'd.csv', 'a,on\nx,2019-05-05\ny,2020-05-05\n');
    model.say(...said);
    const { json: plain } = await service.call('POST', `/api/ai/${path}`, body);
    expect(plain.meta).toBeDefined();
    model.say(...said);
    const { status, headers, events } = await follow(path, body);
    expect(stepsOf(events)).toEqual([...wantedSteps]);
    expect(textOf(events)).toBe(text);
    expect(events.at(-1)!.name).toBe('result');
    expect(common(events.at(-1)!.data)).toEqual(common(plain));
    expect(events.at(-1)!.data.meta.requestId).toBe(headers.get('x-request-id'));
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/event-stream');
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(headers.get('content-encoding')).toBeNull();
    expect(named(events, 'error')).toEqual([]);
  });

  test('where no value may leave, the service’s own words are told too', async () => {
    await configure({ allowSampleRows: false });
    model.say(READING);
    const { events } = await follow('ask', { from: FROM, question: 'who?' });
    const { text, wordedBy } = events.at(-1)!.data;
    expect(wordedBy).toBe('service');
    expect(textOf(events)).toBe(text);
  });

  test('text of a try that is repaired is told to be void', async () => {
    model.say(
      { text: 'Half', columns: [{ name: 'nope', description: 'x' }] },
      { text: 'Whole', columns: [] },
    );
    const { events } = await follow('describe', { from: FROM });
    const at = events.findIndex(({ data }) => data.step === 'repairing');
    expect([textOf(events.slice(0, at)), textOf(events.slice(at))]).toEqual(['Half', 'Whole']);
    expect(events.at(-1)!.data.text).toBe('Whole');
  });

  test('text comes while the model still writes', async () => {
    const rest = Promise.withResolvers<void>();
    await using slow = wireServer(async () => {
      const [first, ...others] = (await streamed(JSON.stringify({ prompt: 'early and late' })).text()).split(
        'late',
      );
      const encoder = new TextEncoder();
      return new Response(
        new ReadableStream({
          async start(controller) {
            controller.enqueue(encoder.encode(first));
            await rest.promise;
            controller.enqueue(encoder.encode(['', ...others].join('late')));
            controller.close();
          },
        }),
        { headers: { 'content-type': 'text/event-stream' } },
      );
    });
    await configure({ baseUrl: slow.url });
    const response = await open('enhance', { prompt: 'x' });
    let got = '';
    const decoder = new TextDecoder();
    for await (const bytes of response.body!) {
      got += decoder.decode(bytes, { stream: true });
      if (textOf(eventsIn(`${got}\n\n`)).startsWith('early')) rest.resolve();
    }
    expect(eventsIn(got).at(-1)!.data.prompt).toBe('early and late');
  });
});

/** A streamed request whose body is read by the test. */
async function open(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const { json } = await service.call('POST', '/api/auth/login', {
    email: 'admin@example.com',
    password: 'correct horse battery',
  });
  return fetch(`${service.url}/api/ai/${path}`, {
    method: 'POST',
    headers: { ...EVENTS, authorization: `Bearer ${json.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
}

describe('what goes wrong', () => {
  test.each([
    ['a body', 'ask', { from: FROM }, 400, 'request.invalid'],
    ['a source', 'ask', { from: { dataset: 'nope' }, question: 'x' }, 404, 'resource.notFound'],
    ['a place for texts', 'describe', { from: FROM, store: true }, 400, 'request.invalid'],
  ])('%s that is wrong has its own status', async (_, path, body, wanted, code) => {
    const { status, json: problem, events } = await follow(path, body);
    expect(problem).toMatchObject({ code });
    expect(status).toBe(wanted);
    expect(events).toEqual([]);
  });

  test('what fails later is told as the problem', async () => {
    model.say('poem');
    const { status, events, headers } = await follow('plan', { prompt: 'x' });
    expect(stepsOf(events)).toEqual(['planning', 'repairing', 'repairing']);
    expect(events.at(-1)).toMatchObject({
      name: 'error',
      data: { code: 'ai.badOutput', status: 502, requestId: headers.get('x-request-id') },
    });
    expect(status).toBe(200);
    const failed = service.logged.filter((line) => line.includes('http.streamFailed'));
    expect(failed.at(-1)).toContain('ai.badOutput');
  });

  test('half a stream of the provider', async () => {
    await using half = wireServer(async () => {
      const whole = await streamed(JSON.stringify({ prompt: 'never all of it' })).text();
      return new Response(whole.slice(0, whole.length / 2), {
        headers: { 'content-type': 'text/event-stream' },
      });
    });
    await configure({ baseUrl: half.url });
    const { events } = await follow('enhance', { prompt: 'x' });
    expect(events.at(-1)).toMatchObject({ name: 'error', data: { code: 'ai.unavailable' } });
  });

  test('waiting is told, and silence has signs of life', async () => {
    const gate = Promise.withResolvers<void>();
    model.say(async () => {
      await gate.promise;
      return { steps: [{ kind: 'note', title: 't', detail: '' }] };
    });
    const first = follow('plan', { prompt: 'a' });
    await until(() => model.seen.length === 1);
    const response = await open('plan', { prompt: 'b' });
    let got = '';
    for await (const bytes of response.body!) {
      got += new TextDecoder().decode(bytes);
      if (got.includes(': alive\n\n')) gate.resolve();
    }
    expect(stepsOf(eventsIn(got))).toEqual(['waiting', 'planning']);
    expect(eventsIn(got).at(-1)!.name).toBe('result');
    expect((await first).text).toContain(': alive\n\n');
  });

  test('a client that hangs up ends the call of the provider, and what was sent is counted', async () => {
    let gone = false;
    await using endless = wireServer(
      () =>
        new Response(
          new ReadableStream({
            start: (controller) =>
              controller.enqueue(
                new TextEncoder().encode(
                  `data: ${JSON.stringify({ choices: [{ delta: { content: '{"prompt":"never' } }] })}\n\n`,
                ),
              ),
            cancel: () => {
              gone = true;
            },
          }),
          { headers: { 'content-type': 'text/event-stream' } },
        ),
    );
    await configure({ baseUrl: endless.url });
    const cancelled = 'ai_requests_total{provider="compatible",endpoint="enhance",outcome="cancelled"}';
    const tokens = () => service.metric('ai_tokens_total{provider="compatible",direction="input"}');
    const before = await tokens();
    const controller = new AbortController();
    const response = await open('enhance', { prompt: 'x' }, controller.signal);
    const reader = response.body!.getReader();
    let got = '';
    while (!got.includes('never')) got += new TextDecoder().decode((await reader.read()).value);
    controller.abort();
    await until(() => gone);
    await until(async () => (await service.metric(cancelled)) === 1);
    expect(await tokens()).toBeGreaterThan(before + 50);
    await until(async () => (await service.call('GET', '/api/admin/stats')).json.ai.running === 0);
  });
});

test('it stands in the description of the API', async () => {
  const { json: api } = await service.call('GET', '/api/openapi.json');
  for (const path of ['ask', 'suggest', 'explain', 'describe', 'plan', 'enhance', 'fix']) {
    const { description, responses } = api.paths[`/api/ai/${path}`].post;
    expect(description).toContain('text/event-stream');
    expect(Object.keys(responses['200'].content)).toEqual(['application/json', 'text/event-stream']);
  }
});
