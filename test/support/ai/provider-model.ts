import type { AiProviderName } from '../../../src/domain/ai.ts';
import { strictServer } from './strict-server.ts';
import { json, type Seen, sse, type WireServer } from './wire-server.ts';

/** Each call of the model, however it is asked. */
export const USAGE = { inputTokens: 100, outputTokens: 10 };

const chatUsage = { prompt_tokens: 100, completion_tokens: 10 };
const chat = {
  whole: (content: string) => ({
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: chatUsage,
  }),
  pieces: (pieces: string[]) => [
    ...pieces.map((content) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })),
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    { choices: [], usage: chatUsage },
    '[DONE]',
  ],
};

const candidate = (text: string, finishReason?: string) => ({
  candidates: [{ index: 0, content: { role: 'model', parts: text === '' ? [] : [{ text }] }, finishReason }],
  usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 6, thoughtsTokenCount: 4 },
});
const gemini = {
  whole: (text: string) => candidate(text, 'STOP'),
  pieces: (pieces: string[]) => [...pieces.map((piece) => candidate(piece)), candidate('', 'STOP')],
};

const toolOf = ({ body }: Seen) => (body.tools as { name: string }[])[0]!.name;
/** JSON comes as the call of the tool; what is none, as text. */
const blockOf = (text: string, seen: Seen): object[] => {
  if (text.trim() === '') return [];
  if (!text.startsWith('{')) return [{ type: 'text', text }];
  return [{ type: 'tool_use', id: 'toolu_1', name: toolOf(seen), input: JSON.parse(text) }];
};
const anthropic = {
  whole: (text: string, seen: Seen) => ({
    type: 'message',
    role: 'assistant',
    content: blockOf(text, seen),
    stop_reason: text.startsWith('{') ? 'tool_use' : 'end_turn',
    usage: { input_tokens: 60, cache_read_input_tokens: 40, output_tokens: 10 },
  }),
  pieces: (pieces: string[], seen: Seen) => [
    { type: 'message_start', message: { usage: { input_tokens: 60, cache_read_input_tokens: 40 } } },
    {
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'tool_use', id: 'toolu_1', name: toolOf(seen), input: {} },
    },
    ...pieces.map((partial_json) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'input_json_delta', partial_json },
    })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 10 } },
    { type: 'message_stop' },
  ],
};

const WIRES: Record<
  AiProviderName,
  { whole(text: string, seen: Seen): object; pieces(pieces: string[], seen: Seen): (object | string)[] }
> = { openai: chat, mistral: chat, compatible: chat, gemini, anthropic };

/** A model behind the wire of a provider, which refuses what that would. It says these lines one after another. */
export function providerModel(provider: AiProviderName): WireServer & { say(...lines: unknown[]): void } {
  const { whole, pieces } = WIRES[provider];
  let script: string[] = [];
  const server = strictServer(provider, (seen) => {
    const text = script.shift() ?? '';
    if (seen.body.stream !== true && !seen.path.includes('stream')) return json(whole(text, seen));
    return sse(pieces(text.match(/[\s\S]{1,5}/g) ?? [], seen), { named: provider === 'anthropic' });
  });
  return {
    ...server,
    say(...lines) {
      script = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
      server.seen.length = 0;
    },
  };
}
