import type { AppError } from '../base/errors.ts';
import { type AiCode, aiFault } from './fault.ts';
import type { AiResponse } from './provider.ts';
import { textOf } from './read-body.ts';

/** What an error body says in the provider's own words; only ever matched, never shown. */
export interface AiErrorBody {
  status: number;
  /** Its machine-readable words: type, code, status. */
  words: readonly string[];
  message: string;
  /** As its headers say. */
  retryAfterS?: number | undefined;
}

/** A fault that is told by words of the body rather than by the status alone. */
export interface FaultRule {
  code: AiCode;
  when(body: AiErrorBody): boolean;
}

function byStatus(status: number): AiCode {
  if (status === 401 || status === 403) return 'ai.auth';
  if (status === 402) return 'ai.quota';
  if (status === 429) return 'ai.rate';
  if (status === 413) return 'ai.context';
  return status >= 500 || status === 408 ? 'ai.unavailable' : 'ai.model';
}

const MAX_RETRY_S = 3600;
const DEFAULT_RETRY_S: Partial<Record<AiCode, number>> = { 'ai.rate': 10, 'ai.unavailable': 5 };

const NUMBER = /^\d+(?:\.\d+)?$/;

/** Seconds from a `Retry-After` of either form, or from the `Retry-After-Ms` that OpenAI and Azure send beside it. */
function retryAfter(headers: Headers, nowMs: number): number | undefined {
  const [text, ms] = [headers.get('retry-after'), headers.get('retry-after-ms')];
  if (ms !== null && NUMBER.test(ms)) return Math.max(1, Math.ceil(Number(ms) / 1000));
  if (text === null) return undefined;
  const seconds = NUMBER.test(text) ? Number(text) : (Date.parse(text) - nowMs) / 1000;
  return Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : undefined;
}

const MAX_ERROR_BYTES = 64 << 10;

/** JSON of a body that may be cut, no JSON, or nothing. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** All texts in a value, flat: providers nest their words differently. */
function wordsIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null || depth > 5) return [];
  return Object.values(value).flatMap((item) => wordsIn(item, depth + 1));
}

/** What an answer with a status other than 200 says. */
export async function errorIn({ status, headers, body }: AiResponse, nowMs: number): Promise<AiErrorBody> {
  const words = wordsIn(parsed(await textOf(body, MAX_ERROR_BYTES)));
  return { status, words, message: words.join(' '), retryAfterS: retryAfter(headers, nowMs) };
}

/** The error that a provider told in words, in an answer or in the middle of a stream. `rules` are looked at before the status. */
export function faultOfWords(body: AiErrorBody, rules: readonly FaultRule[]): AppError {
  const found = rules.find((rule) => rule.when(body))?.code;
  const code = found ?? byStatus(body.status);
  // No quota comes back within seconds, whatever is told with it.
  const told = code === 'ai.quota' ? undefined : (body.retryAfterS ?? retryDelayIn(body));
  const wait = told ?? DEFAULT_RETRY_S[code];
  return aiFault(code, {
    status: body.status,
    retryAfterS: wait === undefined ? undefined : Math.min(wait, MAX_RETRY_S),
  });
}

/** Google says its delay in the body, as `"retryDelay": "30s"`. */
function retryDelayIn({ words }: AiErrorBody): number | undefined {
  const delay = words
    .map((word) => /^(\d+(?:\.\d+)?)s$/.exec(word)?.[1])
    .find((found) => found !== undefined);
  return delay === undefined ? undefined : Math.max(1, Math.ceil(Number(delay)));
}

export const faultWordsIn = (value: unknown): Pick<AiErrorBody, 'words' | 'message'> => {
  const words = wordsIn(value);
  return { words, message: words.join(' ') };
};
