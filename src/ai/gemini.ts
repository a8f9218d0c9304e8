import { aiFault } from './fault.ts';
import { type AiErrorBody, errorIn, type FaultRule, faultOfWords, faultWordsIn } from './faults.ts';
import { geminiSchema } from './gemini-schema.ts';
import { toldSchema } from './prompts/schema.ts';
import type {
  AiAccess,
  AiAnswer,
  AiEvent,
  AiMessage,
  AiPost,
  AiProvider,
  AiRequest,
  AiResponse,
  AiToolCall,
  AiUsage,
} from './provider.ts';
import { eventsOf, jsonOf } from './read-body.ts';
import { partSystem } from './system-texts.ts';

const has = ({ words }: AiErrorBody, ...texts: string[]) => words.some((word) => texts.includes(word));

const RULES: readonly FaultRule[] = [
  // A wrong key is a 400 there.
  { code: 'ai.auth', when: (body) => has(body, 'API_KEY_INVALID', 'UNAUTHENTICATED', 'PERMISSION_DENIED') },
  {
    code: 'ai.context',
    when: ({ message }) => /token count .* exceeds|exceeds the maximum number of tokens/i.test(message),
  },
  // The message itself names the plan and billing whichever quota it was, also that of a minute.
  {
    code: 'ai.quota',
    when: (body) =>
      has(body, 'RESOURCE_EXHAUSTED') && /per ?day|limit: 0\b|credits are depleted/i.test(body.message),
  },
  { code: 'ai.rate', when: (body) => has(body, 'RESOURCE_EXHAUSTED') },
];

interface RawPart {
  text?: string;
  thought?: boolean;
  thoughtSignature?: string;
  functionCall?: { id?: string; name?: string; args?: unknown };
}

interface RawAnswer {
  error?: unknown;
  candidates?: { content?: { parts?: RawPart[] }; finishReason?: string }[];
  promptFeedback?: { blockReason?: string };
  usageMetadata?: { promptTokenCount?: number; candidatesTokenCount?: number; thoughtsTokenCount?: number };
}

const REFUSALS = new Set(['SAFETY', 'RECITATION', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'LANGUAGE']);
/** Ends of an answer that can be used; all others are faults of the model's. */
const USABLE = new Set(['STOP', 'MAX_TOKENS']);

function partsOf(message: AiMessage): object[] {
  if (message.role === 'tool')
    return [{ functionResponse: { name: message.name, response: { result: message.text } } }];
  const calls = message.role === 'assistant' ? (message.calls ?? []) : [];
  return [
    ...(message.text === '' ? [] : [{ text: message.text }]),
    ...calls.map(({ name, arguments: args, signature }) => ({
      functionCall: { name, args },
      ...(signature === undefined ? {} : { thoughtSignature: signature }),
    })),
  ];
}

/** What follows one another from one side is one content: the answers to several calls must be. */
function contentsOf(messages: readonly AiMessage[]): { role: string; parts: object[] }[] {
  const contents: { role: string; parts: object[] }[] = [];
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'model' : 'user';
    const last = contents.at(-1);
    if (last?.role === role) last.parts.push(...partsOf(message));
    else contents.push({ role, parts: partsOf(message) });
  }
  return contents;
}

/** What asks for JSON of a schema: the schema, or words where that is too much for the model. */
type Output = 'schema' | 'words';

function bodyOf({ messages, output, tools, maxOutputTokens }: AiRequest, by: Output): string {
  const { system, others } = partSystem(messages, output && by === 'words' ? [toldSchema(output)] : []);
  return JSON.stringify({
    ...(system.length > 0 ? { systemInstruction: { parts: system.map((text) => ({ text })) } } : {}),
    contents: contentsOf(others),
    ...(tools
      ? {
          tools: [
            {
              functionDeclarations: tools.map(({ name, description, parameters }) => ({
                name,
                description,
                parametersJsonSchema: geminiSchema(parameters),
              })),
            },
          ],
        }
      : {}),
    generationConfig: {
      maxOutputTokens,
      ...(output ? { responseMimeType: 'application/json' } : {}),
      ...(output && by === 'schema' ? { responseJsonSchema: geminiSchema(output.schema) } : {}),
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
    for (const { text, thought, thoughtSignature, functionCall } of candidate?.content?.parts ?? []) {
      if (text !== undefined && !thought) added += text;
      if (functionCall) {
        const { id = `call_${this.#calls.length}`, name = '', args = {} } = functionCall;
        const signature = thoughtSignature === undefined ? {} : { signature: thoughtSignature };
        this.#calls.push({ id, name, arguments: args, ...signature });
      }
    }
    this.text += added;
    return added;
  }

  answer(): AiAnswer {
    const finish = this.#finish;
    if (finish === undefined) throw aiFault('ai.unavailable'); // the stream broke off
    if (REFUSALS.has(finish)) throw aiFault('ai.refused');
    if (!USABLE.has(finish)) throw aiFault('ai.badOutput');
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
  async function send(
    request: AiRequest,
    method: string,
    signal: AbortSignal,
    by: Output = 'schema',
  ): Promise<AiResponse['body']> {
    const model = encodeURIComponent(request.model.replace(/^models\//, ''));
    const response = await post(`${access.baseUrl}/models/${model}:${method}`, {
      headers: {
        'content-type': 'application/json',
        ...(access.key === undefined ? {} : { 'x-goog-api-key': access.key }),
      },
      body: bodyOf(request, by),
      signal,
    });
    if (response.status === 200) return response.body;
    const error = await errorIn(response, now());
    const fault = faultOfWords(error, RULES);
    // A schema with too many states is refused as «an invalid argument», no more is said.
    if (request.output && by === 'schema' && error.status === 400 && fault.code === 'ai.model')
      return send(request, method, signal, 'words');
    throw fault;
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
