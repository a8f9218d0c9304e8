import { aiFault } from './fault.ts';
import { type AiErrorBody, errorIn, type FaultRule, faultOfWords, faultWordsIn } from './faults.ts';
import { toldSchema } from './prompts/schema.ts';
import type {
  AiAccess,
  AiAnswer,
  AiEvent,
  AiFinish,
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
import { toolArguments } from './tool-arguments.ts';

/** Where servers of the Chat Completions protocol differ. */
export interface ChatVariant {
  /** The field that bounds the answer. */
  maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** What asks for JSON: the schema itself; only that it be JSON, with the schema told in words; or the words alone. */
  output: 'schema' | 'object' | 'words';
  /** Asks for the usage of a stream, where it is not sent unasked. */
  streamUsage: boolean;
  /** Whether what a tool gave goes with the name of the tool. */
  namesTools: boolean;
  /** How much a model may think, where its default does not do. */
  effort?: 'none';
}

export const CHAT_VARIANTS = {
  openai: { maxTokensField: 'max_completion_tokens', output: 'schema', streamUsage: true, namesTools: false },
  mistral: { maxTokensField: 'max_tokens', output: 'schema', streamUsage: false, namesTools: true },
  /** Servers that follow the protocol; the least that all of them take. */
  compatible: { maxTokensField: 'max_tokens', output: 'object', streamUsage: true, namesTools: false },
} as const satisfies Record<string, ChatVariant>;

const has = ({ words }: AiErrorBody, ...texts: string[]) => words.some((word) => texts.includes(word));

const RULES: readonly FaultRule[] = [
  { code: 'ai.quota', when: (body) => has(body, 'insufficient_quota', 'billing_hard_limit_reached') },
  {
    code: 'ai.context',
    when: (body) =>
      has(body, 'context_length_exceeded') ||
      /maximum context length|too large for model|^request too large/i.test(body.message),
  },
  { code: 'ai.model', when: (body) => has(body, 'model_not_found') },
  { code: 'ai.refused', when: (body) => has(body, 'content_filter', 'content_policy_violation') },
  { code: 'ai.auth', when: (body) => has(body, 'invalid_api_key') },
];

interface RawCall {
  index?: number;
  id?: string;
  function?: { name?: string; arguments?: unknown };
}

interface RawMessage {
  content?: string | null | { type?: string; text?: string }[];
  refusal?: string | null;
  tool_calls?: RawCall[] | null;
}

interface RawAnswer {
  error?: unknown;
  choices?: { message?: RawMessage; delta?: RawMessage; finish_reason?: string | null }[];
  usage?: { prompt_tokens?: number; completion_tokens?: number } | null;
}

function messageOf(message: AiMessage, { namesTools }: ChatVariant): object {
  if (message.role === 'tool') {
    const name = namesTools ? { name: message.name } : {};
    return { role: 'tool', tool_call_id: message.callId, ...name, content: message.text };
  }
  if (message.role !== 'assistant' || !message.calls?.length)
    return { role: message.role, content: message.text };
  const calls = message.calls.map(({ id, name, arguments: given }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(given) },
  }));
  return { role: 'assistant', content: message.text || null, tool_calls: calls };
}

/** As one message: templates of local models take a single one, the first. */
function withSystem(messages: readonly AiMessage[], more: readonly string[]): AiMessage[] {
  const { system, others } = partSystem(messages, more);
  const text = system.join('\n\n');
  return text === '' ? others : [{ role: 'system', text }, ...others];
}

/** What is tried next: older models know no schema; LM Studio, for one, knows no `json_object`. */
const LESS = { schema: 'object', object: 'words', words: undefined } as const;

/** The same in another way, where a server says that it does not take it so; undefined where there is none. */
function otherWay(
  { status, message }: AiErrorBody,
  { tools, output }: AiRequest,
  by: ChatVariant,
): ChatVariant | undefined {
  if (status !== 400 && status !== 422) return undefined;
  const less = LESS[by.output];
  if (output && less && /response_format|json_schema/i.test(message)) return { ...by, output: less };
  // Models from gpt-5.4 on think by default, and take no tools while they do.
  if (tools && !by.effort && /reasoning_effort/i.test(message)) return { ...by, effort: 'none' };
  return undefined;
}

function bodyOf(request: AiRequest, variant: ChatVariant, stream: boolean): string {
  const { model, messages, output, tools, maxOutputTokens } = request;
  const formats = {
    schema: output && {
      type: 'json_schema',
      json_schema: { name: output.name, schema: output.schema, strict: false },
    },
    object: { type: 'json_object' },
    words: undefined,
  };
  const told = output && variant.output !== 'schema' ? [toldSchema(output)] : [];
  return JSON.stringify({
    model,
    messages: withSystem(messages, told).map((message) => messageOf(message, variant)),
    [variant.maxTokensField]: maxOutputTokens,
    response_format: output && formats[variant.output],
    reasoning_effort: variant.effort,
    tools: tools?.map((tool) => ({ type: 'function', function: tool })),
    ...(stream ? { stream, stream_options: variant.streamUsage ? { include_usage: true } : undefined } : {}),
  });
}

const textOfContent = (content: RawMessage['content']): string =>
  typeof content === 'string' ? content : (content ?? []).map(({ text = '' }) => text).join('');

function usageOf(usage: RawAnswer['usage']): AiUsage {
  return { inputTokens: usage?.prompt_tokens ?? 0, outputTokens: usage?.completion_tokens ?? 0 };
}

const FINISHES: Readonly<Record<string, AiFinish>> = {
  stop: 'stop',
  length: 'length',
  model_length: 'length',
  tool_calls: 'tools',
};

/** Some servers say `stop` of calls too. */
function finishOf(reason: string | null | undefined, calls: readonly unknown[]): AiFinish {
  if (reason === 'content_filter') throw aiFault('ai.refused');
  if (reason === 'error') throw aiFault('ai.unavailable');
  const finish = FINISHES[reason ?? 'stop'] ?? 'stop';
  return finish === 'stop' && calls.length > 0 ? 'tools' : finish;
}

const callOf = ({ id = '', function: called = {} }: RawCall): AiToolCall => ({
  id,
  name: called.name ?? '',
  arguments: toolArguments(called.arguments),
});

function answerOf({ choices, usage, error }: RawAnswer): AiAnswer {
  if (error) throw faultOfWords({ status: 500, ...faultWordsIn(error) }, RULES);
  const [choice] = choices ?? [];
  if (!choice?.message) throw aiFault('ai.badOutput');
  const { message } = choice;
  if (message.refusal) throw aiFault('ai.refused');
  const calls = (message.tool_calls ?? []).map(callOf);
  const finish = finishOf(choice.finish_reason, calls);
  return { text: textOfContent(message.content), calls, usage: usageOf(usage), finish };
}

/** Puts the pieces of a stream together: text grows, and so do the arguments of calls, by index. */
class Assembly {
  text = '';
  refusal = '';
  usage: AiUsage = { inputTokens: 0, outputTokens: 0 };
  finish: string | undefined;
  readonly #calls = new Map<number, { id: string; name: string; arguments: string }>();

  add({ choices, usage }: RawAnswer): string {
    if (usage) this.usage = usageOf(usage);
    const [choice] = choices ?? [];
    if (choice?.finish_reason) this.finish = choice.finish_reason;
    const delta = choice?.delta ?? {};
    this.refusal += delta.refusal ?? '';
    for (const [position, call] of (delta.tool_calls ?? []).entries())
      this.#addCall(call.index ?? position, call);
    const text = textOfContent(delta.content);
    this.text += text;
    return text;
  }

  #addCall(index: number, { id, function: called = {} }: RawCall): void {
    const known = this.#calls.get(index) ?? { id: '', name: '', arguments: '' };
    const given = called.arguments ?? '';
    this.#calls.set(index, {
      id: known.id || (id ?? ''),
      name: known.name || (called.name ?? ''),
      arguments: known.arguments + (typeof given === 'string' ? given : JSON.stringify(given)),
    });
  }

  answer(): AiAnswer {
    if (this.refusal !== '') throw aiFault('ai.refused');
    if (this.finish === undefined) throw aiFault('ai.unavailable'); // the stream broke off
    const calls = [...this.#calls.values()].map((call) => ({
      ...call,
      arguments: toolArguments(call.arguments),
    }));
    return { text: this.text, calls, usage: this.usage, finish: finishOf(this.finish, calls) };
  }
}

/** OpenAI's Chat Completions, and what follows that protocol (https://platform.openai.com/docs/api-reference/chat). */
export function chatCompletions(
  access: AiAccess,
  variant: ChatVariant,
  post: AiPost,
  now: () => number,
): AiProvider {
  async function send(
    request: AiRequest,
    stream: boolean,
    signal: AbortSignal,
    by: ChatVariant = variant,
  ): Promise<AiResponse['body']> {
    const response = await post(`${access.baseUrl}/chat/completions`, {
      headers: {
        'content-type': 'application/json',
        accept: stream ? 'text/event-stream' : 'application/json',
        ...(access.key === undefined ? {} : { authorization: `Bearer ${access.key}` }),
      },
      body: bodyOf(request, by, stream),
      signal,
    });
    if (response.status === 200) return response.body;
    const error = await errorIn(response, now());
    const other = otherWay(error, request, by);
    if (other) return send(request, stream, signal, other);
    throw faultOfWords(error, RULES);
  }

  return {
    async complete(request, signal) {
      return answerOf((await jsonOf(await send(request, false, signal))) as RawAnswer);
    },

    async *stream(request, signal): AsyncGenerator<AiEvent, void> {
      const assembly = new Assembly();
      for await (const event of eventsOf(await send(request, true, signal))) {
        const piece = event as RawAnswer;
        if (piece.error) throw faultOfWords({ status: 500, ...faultWordsIn(piece.error) }, RULES);
        const text = assembly.add(piece);
        if (text !== '') yield { kind: 'text', text };
      }
      yield { kind: 'done', answer: assembly.answer() };
    },
  };
}
