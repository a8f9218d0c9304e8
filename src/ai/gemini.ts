import { aiFault } from './fault.ts';
import { type AiErrorBody, type FaultRule, faultOfResponse, faultOfWords, faultWordsIn } from './faults.ts';
import type {
  AiAccess,
  AiAnswer,
  AiEvent,
  AiMessage,
  AiPost,
  AiProvider,
  AiRequest,
  AiToolCall,
  AiUsage,
} from './provider.ts';
import { eventsOf, jsonOf } from './read-body.ts';

const has = ({ words }: AiErrorBody, ...texts: string[]) => words.some((word) => texts.includes(word));

const RULES: readonly FaultRule[] = [
  // A wrong key is a 400 there.
  { code: 'ai.auth', when: (body) => has(body, 'API_KEY_INVALID', 'UNAUTHENTICATED', 'PERMISSION_DENIED') },
  {
    code: 'ai.context',
    when: ({ message }) => /token count .* exceeds|exceeds the maximum number of tokens/i.test(message),
  },
  { code: 'ai.quota', when: (body) => body.status === 429 && /per ?day|billing/i.test(body.message) },
];

interface RawPart {
  text?: string;
  thought?: boolean;
  functionCall?: { id?: string; name?: string; args?: unknown };
}

interface RawAnswer {
  error?: unknown;
  candidates?: { content?: { parts?: RawPart[] }; finishReason?: string }[];
  promptFeedback?: { blockReason?: string };
  usageMetadata?: { promptTokenCount?: number; candidatesTokenCount?: number; thoughtsTokenCount?: number };
}

const REFUSALS = new Set(['SAFETY', 'RECITATION', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'LANGUAGE']);
const BROKEN = new Set(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'OTHER']);

function contentOf(message: Exclude<AiMessage, { role: 'system' }>): object {
  switch (message.role) {
    case 'user':
      return { role: 'user', parts: [{ text: message.text }] };
    case 'tool':
      return {
        role: 'user',
        parts: [{ functionResponse: { name: message.name, response: { result: message.text } } }],
      };
    case 'assistant': {
      const calls = (message.calls ?? []).map(({ name, arguments: args }) => ({
        functionCall: { name, args },
      }));
      const said = message.text === '' ? [] : [{ text: message.text }];
      return { role: 'model', parts: [...said, ...calls] };
    }
  }
}

function bodyOf({ messages, output, tools, maxOutputTokens, temperature }: AiRequest): string {
  const system = messages.filter(({ role }) => role === 'system').map(({ text }) => ({ text }));
  const others = messages.filter((message) => message.role !== 'system');
  return JSON.stringify({
    ...(system.length > 0 ? { systemInstruction: { parts: system } } : {}),
    contents: others.map(contentOf),
    ...(tools
      ? {
          tools: [
            {
              functionDeclarations: tools.map(({ name, description, parameters }) => ({
                name,
                description,
                parametersJsonSchema: parameters,
              })),
            },
          ],
        }
      : {}),
    generationConfig: {
      maxOutputTokens,
      temperature,
      ...(output ? { responseMimeType: 'application/json', responseJsonSchema: output.schema } : {}),
    },
  });
}

/** Puts one answer, or the pieces of a stream, together. */
class Assembly {
  text = '';
  usage: AiUsage = { inputTokens: 0, outputTokens: 0 };
  #finish: string | undefined;
  readonly #calls: AiToolCall[] = [];

  /** Gives the text that this piece adds. */
  add({ error, candidates, promptFeedback, usageMetadata }: RawAnswer): string {
    if (error) throw faultOfWords({ status: 500, ...faultWordsIn(error) }, RULES);
    if (promptFeedback?.blockReason) throw aiFault('ai.refused');
    if (usageMetadata) {
      const { promptTokenCount = 0, candidatesTokenCount = 0, thoughtsTokenCount = 0 } = usageMetadata;
      this.usage = { inputTokens: promptTokenCount, outputTokens: candidatesTokenCount + thoughtsTokenCount };
    }
    const [candidate] = candidates ?? [];
    this.#finish = candidate?.finishReason ?? this.#finish;
    let added = '';
    for (const { text, thought, functionCall } of candidate?.content?.parts ?? []) {
      if (text !== undefined && !thought) added += text;
      if (functionCall) {
        const { id = `call_${this.#calls.length}`, name = '', args = {} } = functionCall;
        this.#calls.push({ id, name, arguments: args });
      }
    }
    this.text += added;
    return added;
  }

  answer(): AiAnswer {
    const finish = this.#finish;
    if (finish === undefined) throw aiFault('ai.unavailable'); // the stream broke off
    if (REFUSALS.has(finish)) throw aiFault('ai.refused');
    if (BROKEN.has(finish)) throw aiFault('ai.badOutput');
    const calls = this.#calls;
    return {
      text: this.text,
      calls,
      usage: this.usage,
      finish: finish === 'MAX_TOKENS' ? 'length' : calls.length > 0 ? 'tools' : 'stop',
    };
  }
}

/** Google's Generative Language API (https://ai.google.dev/api/generate-content). */
export function gemini(access: AiAccess, post: AiPost, now: () => number): AiProvider {
  async function send(request: AiRequest, method: string, signal: AbortSignal) {
    const model = encodeURIComponent(request.model.replace(/^models\//, ''));
    const response = await post(`${access.baseUrl}/models/${model}:${method}`, {
      headers: {
        'content-type': 'application/json',
        ...(access.key === undefined ? {} : { 'x-goog-api-key': access.key }),
      },
      body: bodyOf(request),
      signal,
    });
    if (response.status !== 200) throw await faultOfResponse(response, RULES, now());
    return response.body;
  }

  return {
    async complete(request, signal) {
      const assembly = new Assembly();
      assembly.add((await jsonOf(await send(request, 'generateContent', signal))) as RawAnswer);
      return assembly.answer();
    },

    async *stream(request, signal): AsyncGenerator<AiEvent, void> {
      const assembly = new Assembly();
      for await (const event of eventsOf(await send(request, 'streamGenerateContent?alt=sse', signal))) {
        const text = assembly.add(event as RawAnswer);
        if (text !== '') yield { kind: 'text', text };
      }
      yield { kind: 'done', answer: assembly.answer() };
    },
  };
}
