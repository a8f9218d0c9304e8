import { describe, expect, test } from 'bun:test';
import type { AiAnswer, AiProvider, AiRequest } from '../../../src/ai/provider.ts';
import { PROVIDERS } from '../../../src/ai/providers.ts';
import { AppError } from '../../../src/base/errors.ts';
import { plainPost } from '../../support/ai/post.ts';
import { strictServer } from '../../support/ai/strict-server.ts';
import { json, type Seen, sse, wireServer } from '../../support/ai/wire-server.ts';

type Name = keyof typeof PROVIDERS;

const KEY = 'k-very-secret-0123456789';
const SCHEMA = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
const TOOL = {
  name: 'look',
  description: 'Looks',
  parameters: { type: 'object', properties: { at: { type: 'string' } } },
};
const MESSAGES: AiRequest['messages'] = [
  { role: 'system', text: 'Be brief' },
  { role: 'user', text: 'Wie viele? 😀' },
  {
    role: 'assistant',
    text: 'I look',
    calls: [
      { id: 'call00001', name: 'look', arguments: { at: 'x' }, signature: 'c2lnbmVk' },
      { id: 'call00002', name: 'look', arguments: { at: 'z' } },
    ],
  },
  { role: 'tool', callId: 'call00001', name: 'look', text: 'seven' },
  { role: 'tool', callId: 'call00002', name: 'look', text: 'eight' },
];
const REQUEST: AiRequest = { model: 'm-1', messages: MESSAGES, maxOutputTokens: 64 };
const USAGE = { inputTokens: 11, outputTokens: 5 };

/** What each provider's server says, in its own words. */
interface Wire {
  path: string;
  streamPath: string;
  keyHeader: [name: string, value: string];
  text(text: string): unknown;
  cut: unknown;
  call: unknown;
  refusal: unknown;
  textStream: (object | string)[];
  callStream: (object | string)[];
  errorInStream: (object | string)[];
  errors: [
    what: string,
    status: number,
    body: unknown,
    headers: Record<string, string>,
    code: string,
    retryAfterS?: number,
  ][];
}

const CHAT_USAGE = { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 };
const chatChoice = (message: object, finish_reason = 'stop') => ({
  id: 'x',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason }],
  usage: CHAT_USAGE,
});
const chatDelta = (delta: object, finish_reason: string | null = null) => ({
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason }],
});
const openAiError = (message: string, type: string, code: string | null) => ({
  error: { message, type, param: null, code },
});

const CHAT: Wire = {
  path: '/chat/completions',
  streamPath: '/chat/completions',
  keyHeader: ['authorization', `Bearer ${KEY}`],
  text: (content) => chatChoice({ content, refusal: null }),
  cut: chatChoice({ content: 'sev' }, 'length'),
  call: chatChoice(
    {
      content: null,
      tool_calls: [{ id: 'call_9', type: 'function', function: { name: 'look', arguments: '{"at":"y"}' } }],
    },
    'tool_calls',
  ),
  refusal: chatChoice({ content: null, refusal: 'I cannot' }),
  textStream: [
    chatDelta({ role: 'assistant', content: '' }),
    chatDelta({ content: 'Sieben ' }),
    chatDelta({ content: '😀' }),
    chatDelta({}, 'stop'),
    { object: 'chat.completion.chunk', choices: [], usage: CHAT_USAGE },
    '[DONE]',
  ],
  callStream: [
    chatDelta({
      tool_calls: [{ index: 0, id: 'call_9', type: 'function', function: { name: 'look', arguments: '' } }],
    }),
    chatDelta({ tool_calls: [{ index: 0, function: { arguments: '{"at"' } }] }),
    chatDelta({ tool_calls: [{ index: 0, function: { arguments: ':"y"}' } }] }),
    { ...chatDelta({}, 'tool_calls'), usage: CHAT_USAGE },
    '[DONE]',
  ],
  errorInStream: [chatDelta({ content: 'Si' }), openAiError('The server had an error', 'server_error', null)],
  errors: [
    [
      'wrong key',
      401,
      openAiError(`Incorrect API key provided: ${KEY}`, 'invalid_request_error', 'invalid_api_key'),
      {},
      'ai.auth',
    ],
    [
      'no credit',
      429,
      openAiError('You exceeded your current quota', 'insufficient_quota', 'insufficient_quota'),
      {},
      'ai.quota',
    ],
    [
      'too fast',
      429,
      openAiError('Rate limit reached', 'requests', 'rate_limit_exceeded'),
      { 'retry-after': '17' },
      'ai.rate',
      17,
    ],
    [
      'too fast, no time told',
      429,
      openAiError('Rate limit reached', 'tokens', 'rate_limit_exceeded'),
      {},
      'ai.rate',
      10,
    ],
    [
      'too long',
      400,
      openAiError(
        "This model's maximum context length is 8192 tokens",
        'invalid_request_error',
        'context_length_exceeded',
      ),
      {},
      'ai.context',
    ],
    [
      'no such model',
      404,
      openAiError('The model does not exist', 'invalid_request_error', 'model_not_found'),
      {},
      'ai.model',
    ],
    [
      'too fast, in milliseconds',
      429,
      openAiError('Rate limit reached', 'requests', 'rate_limit_exceeded'),
      { 'retry-after': '1', 'retry-after-ms': '2400' },
      'ai.rate',
      3,
    ],
    [
      'more than a minute takes',
      429,
      openAiError('Request too large for m-1 on tokens per min (TPM)', 'tokens', 'rate_limit_exceeded'),
      {},
      'ai.context',
    ],
    [
      'no right to the model',
      403,
      openAiError('Project does not have access to model', 'invalid_request_error', 'model_not_found'),
      {},
      'ai.model',
    ],
    ['filtered', 400, openAiError('Filtered', 'invalid_request_error', 'content_filter'), {}, 'ai.refused'],
    ['broken', 503, 'upstream connect error', {}, 'ai.unavailable', 5],
  ],
};

const MISTRAL: Wire = {
  ...CHAT,
  textStream: [
    chatDelta({ role: 'assistant', content: '' }),
    chatDelta({ content: [{ type: 'text', text: 'Sieben ' }] }),
    { ...chatDelta({ content: '😀' }, 'stop'), usage: CHAT_USAGE },
    '[DONE]',
  ],
  callStream: [
    {
      ...chatDelta(
        { tool_calls: [{ id: 'call_9', function: { name: 'look', arguments: '{"at":"y"}' }, index: 0 }] },
        'tool_calls',
      ),
      usage: CHAT_USAGE,
    },
    '[DONE]',
  ],
  errors: [
    ['wrong key', 401, { detail: 'Unauthorized' }, {}, 'ai.auth'],
    [
      'not paid',
      402,
      { object: 'error', message: 'Payment required', type: 'payment_required', code: null },
      {},
      'ai.quota',
    ],
    [
      'too fast',
      429,
      { object: 'error', message: 'Rate limit exceeded', type: 'rate_limited', param: null, code: '1300' },
      { 'retry-after': '3' },
      'ai.rate',
      3,
    ],
    [
      'too long',
      400,
      {
        object: 'error',
        message: 'Prompt contains 40000 tokens, too large for model with 32768 maximum context length',
        type: 'invalid_request_prompt',
      },
      {},
      'ai.context',
    ],
    ['invalid', 422, { detail: [{ loc: ['body', 'messages'], msg: 'field required' }] }, {}, 'ai.model'],
    [
      'down',
      500,
      { object: 'error', message: 'Service unavailable', type: 'internal_server_error' },
      {},
      'ai.unavailable',
      5,
    ],
  ],
};

const geminiPart = (parts: object[], finishReason?: string) => ({
  candidates: [{ content: { role: 'model', parts }, ...(finishReason ? { finishReason } : {}), index: 0 }],
  usageMetadata: {
    promptTokenCount: 11,
    candidatesTokenCount: 3,
    thoughtsTokenCount: 2,
    totalTokenCount: 16,
  },
});
const googleError = (code: number, status: string, message: string, details: object[] = []) => ({
  error: { code, message, status, details },
});

/** As it is said word by word, whichever quota it is (google-gemini/gemini-cli, RooCodeInc/Roo-Code#3883). */
const googleQuota = (metric: string, per: string) =>
  googleError(
    429,
    'RESOURCE_EXHAUSTED',
    `You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.\n* Quota exceeded for metric: generativelanguage.googleapis.com/${metric}\nPlease retry in 26.429760048s.`,
    [
      {
        '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
        violations: [{ quotaId: `GenerateRequests${per}PerProjectPerModel-FreeTier`, quotaValue: '20' }],
      },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '26.429760048s' },
    ],
  );

const GEMINI: Wire = {
  path: '/models/m-1:generateContent',
  streamPath: '/models/m-1:streamGenerateContent?alt=sse',
  keyHeader: ['x-goog-api-key', KEY],
  text: (text) => geminiPart([{ text: 'hidden thought', thought: true }, { text }], 'STOP'),
  cut: geminiPart([{ text: 'sev' }], 'MAX_TOKENS'),
  call: geminiPart(
    [{ functionCall: { id: 'call_9', name: 'look', args: { at: 'y' } }, thoughtSignature: 'c2lnbmVk' }],
    'STOP',
  ),
  refusal: { promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 11 } },
  textStream: [geminiPart([{ text: 'Sieben ' }]), geminiPart([{ text: '😀' }], 'STOP')],
  callStream: [geminiPart([{ functionCall: { id: 'call_9', name: 'look', args: { at: 'y' } } }], 'STOP')],
  errorInStream: [geminiPart([{ text: 'Si' }]), googleError(503, 'UNAVAILABLE', 'The model is overloaded')],
  errors: [
    [
      'wrong key',
      400,
      googleError(400, 'INVALID_ARGUMENT', 'API key not valid.', [
        { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' },
      ]),
      {},
      'ai.auth',
    ],
    ['no right', 403, googleError(403, 'PERMISSION_DENIED', 'Denied'), {}, 'ai.auth'],
    [
      'too fast',
      429,
      googleQuota('generate_content_free_tier_input_token_count, limit: 250000', 'PerMinute'),
      {},
      'ai.rate',
      27,
    ],
    [
      'day used up',
      429,
      googleQuota('generate_content_free_tier_requests, limit: 20', 'PerDay'),
      {},
      'ai.quota',
    ],
    [
      'not in the free tier',
      429,
      googleQuota('generate_content_free_tier_requests, limit: 0', 'PerMinute'),
      {},
      'ai.quota',
    ],
    [
      'nothing paid in advance',
      429,
      googleError(429, 'RESOURCE_EXHAUSTED', 'Your prepayment credits are depleted. Please go to AI Studio'),
      {},
      'ai.quota',
    ],
    [
      'too long',
      400,
      googleError(
        400,
        'INVALID_ARGUMENT',
        'The input token count (2000000) exceeds the maximum number of tokens allowed',
      ),
      {},
      'ai.context',
    ],
    ['no such model', 404, googleError(404, 'NOT_FOUND', 'models/m-1 is not found'), {}, 'ai.model'],
    ['overloaded', 503, googleError(503, 'UNAVAILABLE', 'The model is overloaded'), {}, 'ai.unavailable', 5],
  ],
};

const claudeUsage = { input_tokens: 11, output_tokens: 5 };
const claude = (content: object[], stop_reason: string) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  content,
  stop_reason,
  usage: claudeUsage,
});
const claudeError = (type: string, message: string) => ({ type: 'error', error: { type, message } });
const claudeStart = {
  type: 'message_start',
  message: { id: 'msg_1', type: 'message', content: [], usage: { input_tokens: 11, output_tokens: 1 } },
};
const claudeEnd = (stop_reason: string) => [
  { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 5 } },
  { type: 'message_stop' },
];

const ANTHROPIC: Wire = {
  path: '/messages',
  streamPath: '/messages',
  keyHeader: ['x-api-key', KEY],
  text: (text) => claude([{ type: 'text', text }], 'end_turn'),
  cut: claude([{ type: 'text', text: 'sev' }], 'max_tokens'),
  call: claude([{ type: 'tool_use', id: 'call_9', name: 'look', input: { at: 'y' } }], 'tool_use'),
  refusal: claude([], 'refusal'),
  textStream: [
    claudeStart,
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Sieben ' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '😀' } },
    { type: 'content_block_stop', index: 0 },
    ...claudeEnd('end_turn'),
  ],
  callStream: [
    claudeStart,
    {
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'tool_use', id: 'call_9', name: 'look', input: {} },
    },
    { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"at":' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '"y"}' } },
    { type: 'content_block_stop', index: 0 },
    ...claudeEnd('tool_use'),
  ],
  errorInStream: [claudeStart, claudeError('overloaded_error', 'Overloaded')],
  errors: [
    ['wrong key', 401, claudeError('authentication_error', 'invalid x-api-key'), {}, 'ai.auth'],
    [
      'no credit',
      400,
      claudeError('invalid_request_error', 'Your credit balance is too low to access the API'),
      {},
      'ai.quota',
    ],
    [
      'spent what was allowed',
      400,
      claudeError('invalid_request_error', 'You have reached your specified API usage limits.'),
      {},
      'ai.quota',
    ],
    ['unpaid', 402, claudeError('billing_error', 'Payment'), {}, 'ai.quota'],
    ['too fast', 429, claudeError('rate_limit_error', 'Slow down'), { 'retry-after': '9' }, 'ai.rate', 9],
    [
      'too long',
      400,
      claudeError('invalid_request_error', 'prompt is too long: 300000 tokens > 200000 maximum'),
      {},
      'ai.context',
    ],
    ['overloaded', 529, claudeError('overloaded_error', 'Overloaded'), {}, 'ai.unavailable', 5],
    ['no such model', 404, claudeError('not_found_error', 'model: m-1'), {}, 'ai.model'],
  ],
};

/** Ends of an answer that are neither done, cut, nor calls. */
const ENDS: readonly [name: Name, answer: object, code: string][] = [
  ['mistral', chatChoice({ content: 'Sie' }, 'error'), 'ai.unavailable'],
  ['compatible', chatChoice({ content: 'Sie' }, 'error'), 'ai.unavailable'],
  ['openai', chatChoice({ content: 'Sie' }, 'content_filter'), 'ai.refused'],
  ['gemini', geminiPart([{ text: 'Sie' }], 'PROHIBITED_CONTENT'), 'ai.refused'],
  ['gemini', geminiPart([{ text: 'Sie' }], 'MALFORMED_RESPONSE'), 'ai.badOutput'],
  ['gemini', geminiPart([], 'TOO_MANY_TOOL_CALLS'), 'ai.badOutput'],
  ['gemini', geminiPart([], 'MISSING_THOUGHT_SIGNATURE'), 'ai.badOutput'],
];

const WIRES: Record<Name, Wire> = {
  openai: CHAT,
  mistral: MISTRAL,
  compatible: CHAT,
  gemini: GEMINI,
  anthropic: ANTHROPIC,
};

const open = (name: Name, url: string): AiProvider =>
  PROVIDERS[name].open({ baseUrl: url, key: KEY }, plainPost, () => Date.parse('2026-01-01T00:00:00Z'));
const never = () => new AbortController().signal;

async function streamed(
  provider: AiProvider,
  request: AiRequest,
): Promise<{ pieces: string[]; answer: AiAnswer | undefined }> {
  const pieces: string[] = [];
  let answer: AiAnswer | undefined;
  for await (const event of provider.stream(request, never())) {
    if (event.kind === 'text') pieces.push(event.text);
    else answer = event.answer;
  }
  return { pieces, answer };
}

async function fault(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

describe.each(Object.keys(PROVIDERS) as Name[])('%s', (name) => {
  const wire = WIRES[name];

  test('an answer with its usage; the key goes where it belongs', async () => {
    await using server = strictServer(name, () => json(wire.text('Sieben 😀')));
    const answer = await open(name, server.url).complete(REQUEST, never());
    expect(answer).toEqual({ text: 'Sieben 😀', calls: [], usage: USAGE, finish: 'stop' });
    const [seen] = server.seen as [Seen];
    expect(seen.path).toBe(wire.path);
    expect(seen.headers[wire.keyHeader[0]]).toBe(wire.keyHeader[1]);
    expect(JSON.stringify(seen.body)).not.toContain(KEY);
    for (const told of ['Be brief', 'Wie viele? 😀', 'I look', 'seven', 'eight'])
      expect(JSON.stringify(seen.body)).toContain(told);
  });

  test('an answer without room is told', async () => {
    await using server = strictServer(name, () => json(wire.cut));
    expect(await open(name, server.url).complete(REQUEST, never())).toMatchObject({
      text: 'sev',
      finish: 'length',
    });
  });

  test('a call of a tool', async () => {
    await using server = strictServer(name, () => json(wire.call));
    const answer = await open(name, server.url).complete({ ...REQUEST, tools: [TOOL] }, never());
    expect(answer).toMatchObject({
      calls: [{ id: 'call_9', name: 'look', arguments: { at: 'y' } }],
      finish: 'tools',
    });
    expect(JSON.stringify(server.seen[0]!.body)).toContain('"Looks"');
  });

  test('a refusal', async () => {
    await using server = strictServer(name, () => json(wire.refusal));
    expect((await fault(open(name, server.url).complete(REQUEST, never()))).code).toBe('ai.refused');
  });

  test('a stream, cut anywhere, gives the same answer', async () => {
    for (const size of [1, 7, 64, 1 << 20]) {
      await using server = strictServer(name, () =>
        sse(wire.textStream, { size, named: name === 'anthropic' }),
      );
      const { pieces, answer } = await streamed(open(name, server.url), REQUEST);
      expect(pieces.join('')).toBe('Sieben 😀');
      expect(answer).toEqual({ text: 'Sieben 😀', calls: [], usage: USAGE, finish: 'stop' });
      expect(server.seen[0]!.path).toBe(wire.streamPath);
    }
  });

  test('a call of a tool in a stream', async () => {
    await using server = strictServer(name, () => sse(wire.callStream));
    const { answer } = await streamed(open(name, server.url), { ...REQUEST, tools: [TOOL] });
    expect(answer).toEqual({
      text: '',
      calls: [{ id: 'call_9', name: 'look', arguments: { at: 'y' } }],
      usage: USAGE,
      finish: 'tools',
    });
  });

  test('half a stream is no answer', async () => {
    const events = wire.textStream.slice(
      0,
      Math.max(1, wire.textStream.length - (name === 'gemini' ? 1 : 3)),
    );
    await using server = strictServer(name, () => sse(events));
    const error = await fault(streamed(open(name, server.url), REQUEST));
    expect(['ai.unavailable', 'ai.badOutput']).toContain(error.code);
  });

  test('an error in the middle of a stream', async () => {
    await using server = strictServer(name, () => sse(wire.errorInStream));
    expect((await fault(streamed(open(name, server.url), REQUEST))).code).toBe('ai.unavailable');
  });

  test.each(['{"choices":', 'null', '[]', '{}', '<html>', ''])('the body %p is no answer', async (body) => {
    await using server = strictServer(name, () => new Response(body));
    const error = await fault(open(name, server.url).complete(REQUEST, never()));
    expect(['ai.badOutput', 'ai.unavailable']).toContain(error.code);
  });

  test.each(wire.errors.map((each) => [each[0], each] as const))('%s', async (_, told) => {
    const [, status, body, headers, code, retryAfterS] = told;
    await using server = strictServer(name, () =>
      typeof body === 'string' ? new Response(body, { status, headers }) : json(body, status, headers),
    );
    const error = await fault(open(name, server.url).complete(REQUEST, never()));
    expect(error).toMatchObject({ code, params: { status } });
    expect(error.retryAfterS).toBe(retryAfterS);
    expect(`${error.message} ${JSON.stringify(error.params)}`).not.toContain(KEY);
    const inStream = await fault(streamed(open(name, server.url), REQUEST));
    expect(inStream.code as string).toBe(code);
  });

  test('an abort ends the call', async () => {
    const arrived = Promise.withResolvers<void>();
    await using server = strictServer(name, () => {
      arrived.resolve();
      return new Promise<Response>(() => undefined);
    });
    const controller = new AbortController();
    const answer = open(name, server.url).complete(REQUEST, controller.signal);
    await arrived.promise;
    controller.abort(new AppError('ai.timeout', 'over'));
    expect((await fault(answer)).code).toBe('ai.timeout');
  });
});

test.each(ENDS)('%s ends with %j', async (name, answer, code) => {
  await using server = strictServer(name, () => json(answer));
  expect((await fault(open(name, server.url).complete(REQUEST, never()))).code as string).toBe(code);
});

test('a call comes back to gemini with what was signed', async () => {
  await using server = strictServer('gemini', () => json(GEMINI.call));
  const { calls } = await open('gemini', server.url).complete({ ...REQUEST, tools: [TOOL] }, never());
  expect(calls).toEqual([{ id: 'call_9', name: 'look', arguments: { at: 'y' }, signature: 'c2lnbmVk' }]);
});

/** The same events with other ends of lines, cut where that hurts, with comments and data over several lines. */
test.each(['\n', '\r\n', '\r'])('events whose lines end with %j', async (end) => {
  const events = CHAT.textStream.map((event) =>
    typeof event === 'string' ? event : JSON.stringify(event, null, 1),
  );
  const text = events
    .map((event) =>
      event
        .split('\n')
        .map((line) => `data: ${line}`)
        .join(end),
    )
    .map((data) => `: still here${end}${end}id: 7${end}retry: 10${end}${data}${end}${end}`)
    .join('');
  for (const size of [1, 2, 5, 1 << 16]) {
    const bytes = new TextEncoder().encode(text);
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.slice(i * size, (i + 1) * size),
    );
    await using server = strictServer('openai', () => new Response(new Blob(pieces).stream()));
    const { answer } = await streamed(open('openai', server.url), REQUEST);
    expect(answer).toEqual({ text: 'Sieben 😀', calls: [], usage: USAGE, finish: 'stop' });
  }
});

test('what a parser says of a broken answer is kept nowhere: it quotes what may be a key', async () => {
  await using server = wireServer(() => new Response('kverysecret0123456789'));
  const error = await fault(open('openai', server.url).complete(REQUEST, never()));
  expect(error.code).toBe('ai.badOutput');
  expect(Bun.inspect(error)).not.toContain('kverysecret0123456789');
});

describe('JSON of a schema', () => {
  const asked = { ...REQUEST, output: { name: 'answer', schema: SCHEMA } };

  test.each(['openai', 'mistral'] as const)('%s is given the schema', async (name) => {
    await using server = strictServer(name, () => json(CHAT.text('{"n":7}')));
    expect((await open(name, server.url).complete(asked, never())).text).toBe('{"n":7}');
    expect(server.seen[0]!.body.response_format).toEqual({
      type: 'json_schema',
      json_schema: { name: 'answer', schema: SCHEMA, strict: false },
    });
  });

  test('a compatible server is told it in words', async () => {
    await using server = strictServer('compatible', () => json(CHAT.text('{"n":7}')));
    await open('compatible', server.url).complete(asked, never());
    const { response_format, messages } = server.seen[0]!.body as {
      response_format: object;
      messages: { content: string }[];
    };
    expect(response_format).toEqual({ type: 'json_object' });
    expect(messages[0]!.content).toContain(JSON.stringify(SCHEMA));
  });

  test('a compatible server that knows no format of JSON is asked without, once', async () => {
    // As LM Studio says it (lmstudio-ai/lmstudio-bug-tracker, issue 189).
    const refused = { error: "'response_format.type' must be 'json_schema' or 'text'" };
    await using server = strictServer('compatible', ({ body }) =>
      body.response_format ? json(refused, 400) : json(CHAT.text('{"n":7}')),
    );
    expect((await open('compatible', server.url).complete(asked, never())).text).toBe('{"n":7}');
    expect(server.seen.map(({ body }) => body.response_format)).toEqual([{ type: 'json_object' }, undefined]);
    await using stubborn = strictServer('compatible', () => json(refused, 400));
    const error = await fault(open('compatible', stubborn.url).complete(asked, never()));
    expect(error.code).toBe('ai.model');
    expect(stubborn.seen).toHaveLength(2);
  });

  /** What those that always think say of a tool that must be called (deepnoodle-ai/dive, pull 274). */
  const noTool = claudeError(
    'invalid_request_error',
    'Thinking may not be enabled when tool_choice forces tool use.',
  );

  test('a model of anthropic’s that always thinks is told the schema in words', async () => {
    const thought = { type: 'thinking', thinking: 'Hm {', signature: 's' };
    await using server = strictServer('anthropic', ({ body }) =>
      body.tool_choice
        ? json(noTool, 400)
        : json(claude([thought, { type: 'text', text: '{"n":7}' }], 'end_turn')),
    );
    const answer = await open('anthropic', server.url).complete(asked, never());
    expect(answer).toMatchObject({ text: '{"n":7}', calls: [], finish: 'stop' });
    const [first, second] = server.seen.map(({ body }) => body);
    expect(first!.tool_choice).toBeDefined();
    expect(second!.tools).toBeUndefined();
    expect(second!.system).toContain(JSON.stringify(SCHEMA));
  });

  test('… also in a stream', async () => {
    const delta = (index: number, part: object) => ({ type: 'content_block_delta', index, delta: part });
    const events = [
      claudeStart,
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
      delta(0, { type: 'thinking_delta', thinking: 'Hm' }),
      delta(0, { type: 'signature_delta', signature: 's' }),
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
      delta(1, { type: 'text_delta', text: '{"n":' }),
      delta(1, { type: 'text_delta', text: '7}' }),
      ...claudeEnd('end_turn'),
    ];
    await using server = strictServer('anthropic', ({ body }) =>
      body.tool_choice ? json(noTool, 400) : sse(events, { named: true }),
    );
    const { pieces, answer } = await streamed(open('anthropic', server.url), asked);
    expect(pieces).toEqual(['{"n":', '7}']);
    expect(answer).toMatchObject({ text: '{"n":7}', finish: 'stop', usage: USAGE });
  });

  test('JSON that is cut in a stream is told as cut', async () => {
    const block = { type: 'tool_use', id: 't', name: 'answer', input: {} };
    const events = [
      claudeStart,
      { type: 'content_block_start', index: 0, content_block: block },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"n":' } },
      ...claudeEnd('max_tokens'),
    ];
    await using server = strictServer('anthropic', () => sse(events, { named: true }));
    const { answer } = await streamed(open('anthropic', server.url), asked);
    expect(answer).toMatchObject({ text: '{"n":', calls: [], finish: 'length' });
  });

  test('a model of openai’s that thinks by default is asked not to where it has tools', async () => {
    const refused = openAiError(
      "Function tools with reasoning_effort are not supported for gpt-5.6 in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.",
      'invalid_request_error',
      null,
    );
    await using server = strictServer('openai', ({ body }) =>
      body.reasoning_effort === undefined ? json(refused, 400) : json(CHAT.call),
    );
    const provider = open('openai', server.url);
    expect(await provider.complete({ ...REQUEST, tools: [TOOL] }, never())).toMatchObject({
      finish: 'tools',
    });
    expect(server.seen.map(({ body }) => body.reasoning_effort)).toEqual([undefined, 'none']);
    expect((await fault(provider.complete(REQUEST, never()))).code).toBe('ai.model');
  });

  test('a model of openai’s that knows no schema is asked for JSON, one that knows no JSON in words', async () => {
    const types: unknown[] = [];
    await using server = strictServer('openai', ({ body }) => {
      const type = (body.response_format as { type?: string } | undefined)?.type;
      types.push(type);
      const says = `Invalid parameter: 'response_format' of type '${type}' is not supported with this model.`;
      if (type) return json(openAiError(says, 'invalid_request_error', null), 400);
      return json(CHAT.text('{"n":7}'));
    });
    expect((await open('openai', server.url).complete(asked, never())).text).toBe('{"n":7}');
    expect(types).toEqual(['json_schema', 'json_object', undefined]);
    const [system] = server.seen[2]!.body.messages as { content: string }[];
    expect(system!.content).toContain(JSON.stringify(SCHEMA));
  });

  test('gemini is told a schema in words that is too much for it, and no more than once', async () => {
    const invalid = googleError(400, 'INVALID_ARGUMENT', 'Request contains an invalid argument.');
    const schemaOf = ({ body }: Seen) =>
      (body.generationConfig as { responseJsonSchema?: object }).responseJsonSchema;
    await using server = strictServer('gemini', (seen) =>
      schemaOf(seen) ? json(invalid, 400) : json(GEMINI.text('{"n":7}')),
    );
    expect((await open('gemini', server.url).complete(asked, never())).text).toBe('{"n":7}');
    expect(server.seen[1]!.body.generationConfig).toMatchObject({ responseMimeType: 'application/json' });
    expect(JSON.stringify(server.seen[1]!.body.systemInstruction)).toContain('JSON schema');
    await using stubborn = strictServer('gemini', () => json(invalid, 400));
    expect((await fault(open('gemini', stubborn.url).complete(asked, never()))).code).toBe('ai.model');
    expect(stubborn.seen).toHaveLength(2);
  });

  test('calls of a server that says stop are calls', async () => {
    const [choice] = (CHAT.call as { choices: object[] }).choices;
    await using server = strictServer('compatible', () =>
      json({ choices: [{ ...choice, finish_reason: 'stop' }] }),
    );
    const answer = await open('compatible', server.url).complete({ ...REQUEST, tools: [TOOL] }, never());
    expect(answer.finish).toBe('tools');
  });

  test('gemini is given the schema', async () => {
    await using server = strictServer('gemini', () => json(GEMINI.text('{"n":7}')));
    await open('gemini', server.url).complete(asked, never());
    expect(server.seen[0]!.body.generationConfig).toMatchObject({
      responseMimeType: 'application/json',
      responseJsonSchema: SCHEMA,
    });
  });

  test('anthropic must call the tool that takes the answer', async () => {
    const call = claude([{ type: 'tool_use', id: 't', name: 'answer', input: { n: 7 } }], 'tool_use');
    await using server = strictServer('anthropic', () => json(call));
    expect(await open('anthropic', server.url).complete(asked, never())).toMatchObject({
      text: '{"n":7}',
      calls: [],
      finish: 'stop',
    });
    expect(server.seen[0]!.body.tool_choice).toEqual({ type: 'tool', name: 'answer' });
  });
});
