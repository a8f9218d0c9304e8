import { aiFault } from './fault.ts';
import { errorIn, type FaultRule, faultOfWords, faultWordsIn } from './faults.ts';
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
  AiUsage,
} from './provider.ts';
import { eventsOf, jsonOf } from './read-body.ts';
import { partSystem } from './system-texts.ts';
import { toolArguments } from './tool-arguments.ts';

const VERSION = '2023-06-01';

const RULES: readonly FaultRule[] = [
  {
    code: 'ai.quota',
    when: ({ message }) => /credit balance is too low|specified API usage limits/i.test(message),
  },
  { code: 'ai.context', when: ({ message }) => /prompt is too long|exceed context limit/i.test(message) },
  { code: 'ai.unavailable', when: ({ words }) => words.includes('overloaded_error') },
  { code: 'ai.rate', when: ({ words }) => words.includes('rate_limit_error') },
];

interface RawBlock {
  type?: string;
  text?: string;
  id?: string;
  name?: string;
  input?: unknown;
}

interface RawUsage {
  input_tokens?: number;
  output_tokens?: number;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
}

interface RawMessage {
  content?: RawBlock[];
  stop_reason?: string | null;
  usage?: RawUsage;
}

interface RawEvent {
  type?: string;
  index?: number;
  message?: RawMessage;
  content_block?: RawBlock;
  delta?: { type?: string; text?: string; partial_json?: string; stop_reason?: string | null };
  usage?: RawUsage;
  error?: unknown;
}

function blocksOf(message: Exclude<AiMessage, { role: 'system' }>): {
  role: 'user' | 'assistant';
  content: object[];
} {
  if (message.role === 'user') return { role: 'user', content: [{ type: 'text', text: message.text }] };
  if (message.role === 'tool')
    return {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: message.callId, content: message.text }],
    };
  const calls = (message.calls ?? []).map(({ id, name, arguments: input }) => ({
    type: 'tool_use',
    id,
    name,
    input,
  }));
  const said = message.text === '' ? [] : [{ type: 'text', text: message.text }];
  return { role: 'assistant', content: [...said, ...calls] };
}

/** What asks for JSON of a schema: a tool that must be called, or words, for models that always think take no tool that must. */
type Output = 'tool' | 'words';

function toolsOf({ output, tools }: AiRequest, by: Output): object {
  if (output && by === 'words') return {};
  if (output)
    return {
      tools: [{ name: output.name, description: 'Gives the answer', input_schema: output.schema }],
      tool_choice: { type: 'tool', name: output.name },
    };
  if (!tools) return {};
  return {
    tools: tools.map(({ name, description, parameters }) => ({
      name,
      description,
      input_schema: parameters,
    })),
  };
}

function bodyOf(request: AiRequest, stream: boolean, by: Output): string {
  const { model, messages, maxOutputTokens, output } = request;
  const told = output && by === 'words' ? [toldSchema(output)] : [];
  const { system, others } = partSystem(messages, told);
  return JSON.stringify({
    model,
    ...(system.length > 0 ? { system: system.join('\n\n') } : {}),
    messages: others.map(blocksOf),
    max_tokens: maxOutputTokens,
    ...toolsOf(request, by),
    ...(stream ? { stream } : {}),
  });
}

const inputTokens = ({ input_tokens = 0, cache_read_input_tokens, cache_creation_input_tokens }: RawUsage) =>
  input_tokens + (cache_read_input_tokens ?? 0) + (cache_creation_input_tokens ?? 0);

const wasCut = (stop: string | null | undefined) =>
  stop === 'max_tokens' || stop === 'model_context_window_exceeded';

/** Of JSON of a schema the text is that JSON as it was written, perhaps cut; else it is what was said. */
function answerOf(
  { output }: AiRequest,
  text: string,
  blocks: readonly { id: string; name: string; json: string }[],
  usage: AiUsage,
  stop: string | null | undefined,
): AiAnswer {
  if (stop === 'refusal') throw aiFault('ai.refused');
  const isCut = wasCut(stop);
  if (output) {
    const given = blocks.find(({ name }) => name === output.name);
    return { text: given?.json ?? text, calls: [], usage, finish: isCut ? 'length' : 'stop' };
  }
  const calls = blocks.map(({ id, name, json }) => ({ id, name, arguments: toolArguments(json) }));
  return { text, calls, usage, finish: isCut ? 'length' : calls.length > 0 ? 'tools' : 'stop' };
}

function wholeAnswer(request: AiRequest, { content, stop_reason, usage = {} }: RawMessage): AiAnswer {
  if (!Array.isArray(content)) throw aiFault('ai.badOutput');
  const text = content.map((block) => (block.type === 'text' ? (block.text ?? '') : '')).join('');
  const blocks = content
    .filter(({ type }) => type === 'tool_use')
    .map(({ id = '', name = '', input = {} }) => ({ id, name, json: JSON.stringify(input) }));
  const counted = { inputTokens: inputTokens(usage), outputTokens: usage.output_tokens ?? 0 };
  return answerOf(request, text, blocks, counted, stop_reason);
}

/** Puts the events of a stream together: blocks by their index. */
class Assembly {
  readonly usage: AiUsage = { inputTokens: 0, outputTokens: 0 };
  readonly #blocks = new Map<number, { id: string; name: string; json: string }>();
  #text = '';
  #stop: string | null | undefined;
  #ended = false;

  /** Gives the text that the event adds to the answer. */
  add(event: RawEvent, isOutput: boolean): string {
    if (event.type === 'error') throw faultOfWords({ status: 500, ...faultWordsIn(event.error) }, RULES);
    if (event.type === 'message_stop') this.#ended = true;
    if (event.message?.usage) this.usage.inputTokens = inputTokens(event.message.usage);
    if (event.usage?.output_tokens !== undefined) this.usage.outputTokens = event.usage.output_tokens;
    if (event.delta?.stop_reason) this.#stop = event.delta.stop_reason;
    const { content_block: block, index = 0, delta } = event;
    if (block?.type === 'tool_use')
      this.#blocks.set(index, { id: block.id ?? '', name: block.name ?? '', json: '' });
    const json = delta?.partial_json ?? '';
    const tool = this.#blocks.get(index);
    if (tool) tool.json += json;
    const text = delta?.text ?? '';
    this.#text += text;
    return isOutput ? json + text : text;
  }

  answer(request: AiRequest): AiAnswer {
    if (!this.#ended) throw aiFault('ai.unavailable'); // the stream broke off
    return answerOf(request, this.#text, [...this.#blocks.values()], this.usage, this.#stop);
  }
}

/** Anthropic's Messages API (https://docs.claude.com/en/api/messages). */
export function anthropic(access: AiAccess, post: AiPost, now: () => number): AiProvider {
  async function send(
    request: AiRequest,
    stream: boolean,
    signal: AbortSignal,
    by: Output = 'tool',
  ): Promise<AiResponse['body']> {
    const response = await post(`${access.baseUrl}/messages`, {
      headers: {
        'content-type': 'application/json',
        'anthropic-version': VERSION,
        ...(access.key === undefined ? {} : { 'x-api-key': access.key }),
      },
      body: bodyOf(request, stream, by),
      signal,
    });
    if (response.status === 200) return response.body;
    const error = await errorIn(response, now());
    const refusesTool = error.status === 400 && /tool_choice/i.test(error.message);
    if (request.output && by === 'tool' && refusesTool) return send(request, stream, signal, 'words');
    throw faultOfWords(error, RULES);
  }

  return {
    async complete(request, signal) {
      return wholeAnswer(request, (await jsonOf(await send(request, false, signal))) as RawMessage);
    },

    async *stream(request, signal): AsyncGenerator<AiEvent, void> {
      const assembly = new Assembly();
      for await (const event of eventsOf(await send(request, true, signal))) {
        const text = assembly.add(event as RawEvent, request.output !== undefined);
        if (text !== '') yield { kind: 'text', text };
      }
      yield { kind: 'done', answer: assembly.answer(request) };
    },
  };
}
