import type { AiMessage } from './provider.ts';

/** What the service says to the model, and `more` of it, apart from the conversation: each maker has a place of its own for it. */
export function partSystem(messages: readonly AiMessage[], more: readonly string[]) {
  const system = messages.filter(({ role }) => role === 'system').map(({ text }) => text);
  return {
    system: [...system, ...more],
    others: messages.filter((message) => message.role !== 'system'),
  };
}
