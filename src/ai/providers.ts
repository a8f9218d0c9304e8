import { anthropic } from './anthropic.ts';
import { CHAT_VARIANTS, chatCompletions } from './chat-completions.ts';
import { gemini } from './gemini.ts';
import type { AiAccess, AiPost, AiProvider } from './provider.ts';

export interface ProviderKind {
  /** Where it is when nothing else is said; undefined where it must be said. */
  baseUrl: string | undefined;
  /** Whether it answers without a key. */
  keyOptional: boolean;
  open(access: AiAccess, post: AiPost, now: () => number): AiProvider;
}

/** Every provider by its name, which is also its label in metrics. */
export const PROVIDERS = {
  gemini: {
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
    keyOptional: false,
    open: gemini,
  },
  openai: {
    baseUrl: 'https://api.openai.com/v1',
    keyOptional: false,
    open: (access, post, now) => chatCompletions(access, CHAT_VARIANTS.openai, post, now),
  },
  mistral: {
    baseUrl: 'https://api.mistral.ai/v1',
    keyOptional: false,
    open: (access, post, now) => chatCompletions(access, CHAT_VARIANTS.mistral, post, now),
  },
  anthropic: { baseUrl: 'https://api.anthropic.com/v1', keyOptional: false, open: anthropic },
  compatible: {
    baseUrl: undefined,
    keyOptional: true,
    open: (access, post, now) => chatCompletions(access, CHAT_VARIANTS.compatible, post, now),
  },
} as const satisfies Record<string, ProviderKind>;
