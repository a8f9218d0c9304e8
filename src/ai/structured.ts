import type { TSchema } from 'typebox';
import { AppError } from '../base/errors.ts';
import { type Issue, issues } from '../domain/schema.ts';
import { aiFault } from './fault.ts';
import { dataBlock } from './prompts/source.ts';
import type { AiAnswer, AiMessage, AiRequest } from './provider.ts';

/** One call of a model; the caller accounts for it. */
export type AiCall = (request: Pick<AiRequest, 'messages' | 'output'>) => Promise<AiAnswer>;

export interface StructuredRequest<T> {
  call: AiCall;
  messages: readonly AiMessage[];
  output: { name: string; schema: TSchema };
  /** What is wrong with a value that the schema takes; nothing where it can be used. */
  check?: (value: T) => Promise<readonly Issue[]> | readonly Issue[];
  /** How often a wrong answer is sent back. */
  maxRepairs: number;
}

export interface Structured<T> {
  value: T;
  repairs: number;
}

const FENCED = /^```(?:json)?\s*\n([\s\S]*?)\n?```\s*$/;

/** What some local models put before their answer. */
const THOUGHT = /^\s*<think>[\s\S]*?<\/think>/;

/** The JSON of an answer, also where it is fenced, or stands between words. */
function valueIn(text: string): { value: unknown } | undefined {
  const trimmed = text.replace(THOUGHT, '').trim();
  const candidates = [
    FENCED.exec(trimmed)?.[1],
    trimmed,
    trimmed.slice(trimmed.indexOf('{'), trimmed.lastIndexOf('}') + 1),
  ];
  for (const candidate of candidates) {
    if (!candidate) continue;
    try {
      return { value: JSON.parse(candidate) };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}

const MAX_TOLD = 20;

/** Faults may name columns and hold what was written: they are data like these. */
const repairOf = (faults: readonly Issue[]): string =>
  `${dataBlock(
    'That answer cannot be used, for',
    faults.slice(0, MAX_TOLD).map(({ pointer, message }) => `${pointer || 'the whole'}: ${message}`),
  )}\n\nAnswer again with the whole JSON, mended.`;

/** No provider takes an empty message in a conversation. */
const saidOf = ({ text }: AiAnswer): AiMessage => ({
  role: 'assistant',
  text: text.trim() === '' ? '(nothing)' : text,
});

async function faultsOf<T>(
  answer: AiAnswer,
  request: StructuredRequest<T>,
): Promise<{ value: T } | { faults: readonly Issue[] }> {
  const found = valueIn(answer.text);
  if (!found)
    return {
      faults: [
        { pointer: '', message: answer.finish === 'length' ? 'is cut; answer more briefly' : 'is no JSON' },
      ],
    };
  const wrong = issues(request.output.schema, found.value);
  if (wrong.length > 0) return { faults: wrong };
  const value = found.value as T;
  const refused = (await request.check?.(value)) ?? [];
  return refused.length > 0 ? { faults: refused } : { value };
}

/**
 * Asks for JSON of a schema and takes nothing else: what does not fit, or does not pass `check`, goes back with what is wrong with it. Throws
 * `ai.badOutput` with the faults of the last answer in `params.errors`.
 */
export async function askStructured<T>(request: StructuredRequest<T>): Promise<Structured<T>> {
  const { call, output, maxRepairs } = request;
  const messages = [...request.messages];
  for (let repairs = 0; ; repairs++) {
    const answer = await call({ messages, output });
    const judged = await faultsOf(answer, request);
    if ('value' in judged) return { value: judged.value, repairs };
    if (repairs === maxRepairs) {
      const { code, message } = aiFault('ai.badOutput');
      const limit = answer.finish === 'length' ? { limit: 'AI_MAX_OUTPUT_TOKENS' } : {};
      const errors = judged.faults.slice(0, MAX_TOLD);
      throw new AppError(code, message, { params: { errors, repairs, ...limit } });
    }
    messages.push(saidOf(answer), { role: 'user', text: repairOf(judged.faults) });
  }
}
