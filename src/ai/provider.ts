/** A part of a conversation. A `tool` message answers the call of that id; an `assistant` message may hold calls. */
export type AiMessage =
  | { role: 'system'; text: string }
  | { role: 'user'; text: string }
  | { role: 'assistant'; text: string; calls?: readonly AiToolCall[] }
  | { role: 'tool'; callId: string; name: string; text: string };

/** Something that the model may ask to be done; `parameters` is a JSON schema of an object. */
export interface AiTool {
  name: string;
  description: string;
  parameters: object;
}

/** `arguments` is what the model wrote, parsed; it was checked against nothing. */
export interface AiToolCall {
  id: string;
  name: string;
  arguments: unknown;
  /** What its provider wants back with the call. */
  signature?: string;
}

export interface AiRequest {
  model: string;
  messages: readonly AiMessage[];
  /** Asks for JSON of that schema in place of free text. Providers heed it more or less: check what comes. */
  output?: { name: string; schema: object };
  tools?: readonly AiTool[];
  maxOutputTokens: number;
}

/** Tokens as the provider counted them; 0 where it does not say. */
export interface AiUsage {
  inputTokens: number;
  outputTokens: number;
}

/** Why the model stopped: done, out of room, or waiting for what a tool gives. */
export type AiFinish = 'stop' | 'length' | 'tools';

export interface AiAnswer {
  text: string;
  calls: readonly AiToolCall[];
  usage: AiUsage;
  finish: AiFinish;
}

/** A piece of an answer as it comes; `done` is the last and holds the whole. */
export type AiEvent = { kind: 'text'; text: string } | { kind: 'done'; answer: AiAnswer };

/**
 * A maker of models. Both calls throw AppErrors: `ai.auth`, `ai.quota`, `ai.rate` (with `retryAfterS`), `ai.context`, `ai.refused`, `ai.model`,
 * `ai.unavailable`, `ai.badOutput`, and the signal's reason. No message of the provider's is in a detail: it may hold parts of the prompt or the key.
 */
export interface AiProvider {
  complete(request: AiRequest, signal: AbortSignal): Promise<AiAnswer>;
  stream(request: AiRequest, signal: AbortSignal): AsyncGenerator<AiEvent, void>;
}

/** Where a provider is and with which key. */
export interface AiAccess {
  /** Without a slash at its end. */
  baseUrl: string;
  /** Undefined for a server that wants none. */
  key: string | undefined;
}

/** Sends one POST; the composition gives one that heeds the outbound guard. */
export type AiPost = (
  url: string,
  request: { headers: Readonly<Record<string, string>>; body: string; signal: AbortSignal },
) => Promise<AiResponse>;

export interface AiResponse {
  status: number;
  headers: Headers;
  /** At most as long as the transport allows; throws AppErrors. */
  body: AsyncIterable<Uint8Array>;
}
