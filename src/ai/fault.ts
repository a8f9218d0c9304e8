import { AppError, type Code } from '../base/errors.ts';

const TEXTS = {
  'ai.auth': 'The AI provider refused the key',
  'ai.quota': 'The account at the AI provider has no credit or quota left',
  'ai.rate': 'The AI provider wants fewer requests',
  'ai.context': 'The request is longer than the model takes',
  'ai.refused': 'The model or its provider declined to answer',
  'ai.model': 'The AI provider does not know the model, or does not take this request',
  'ai.unavailable': 'The AI provider does not answer as it should',
  'ai.badOutput': 'The model answered in a form that cannot be used',
} as const satisfies Partial<Record<Code, string>>;
export type AiCode = keyof typeof TEXTS;

export const aiFault = (
  code: AiCode,
  options: { retryAfterS?: number | undefined; cause?: unknown; status?: number } = {},
) =>
  new AppError(code, TEXTS[code], {
    ...(options.status === undefined ? {} : { params: { status: options.status } }),
    retryAfterS: options.retryAfterS,
    cause: options.cause,
  });
