import { strictServer } from './strict-server.ts';
import { json, type Seen, sse, type WireServer } from './wire-server.ts';

/** What the model is to say: a text, JSON, or a whole response; a function sees the request. */
export type Line =
  | string
  | object
  | ((seen: Seen) => Response | string | object | Promise<Response | string | object>);

/** The content in pieces of three characters, as the protocol streams it. */
export function streamed(content: string): Response {
  const pieces = content.match(/[\s\S]{1,3}/g) ?? [];
  return sse([
    ...pieces.map((piece) => ({ choices: [{ index: 0, delta: { content: piece } }] })),
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    { choices: [], usage: { prompt_tokens: 100, completion_tokens: 10 } },
    '[DONE]',
  ]);
}

/** A server of the Chat Completions protocol, strict like those of its kind, that says these lines one after another, and then the last one again. */
export function scriptedModel(...lines: Line[]): WireServer & { say(...next: Line[]): void } {
  let script = lines;
  let at = 0;
  const server = strictServer('compatible', async (seen) => {
    const line = script[Math.min(at++, script.length - 1)]!;
    const said = typeof line === 'function' ? await line(seen) : line;
    if (said instanceof Response) return said;
    const content = typeof said === 'string' ? said : JSON.stringify(said);
    if (seen.body.stream) return streamed(content);
    return json({
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 100, completion_tokens: 10 },
    });
  });
  return {
    ...server,
    seen: server.seen,
    say(...next) {
      script = next;
      at = 0;
      server.seen.length = 0;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** All that was told to the model, as one text. */
export const toldTo = (server: WireServer) => JSON.stringify(server.seen.map(({ body }) => body.messages));
