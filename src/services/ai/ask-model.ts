import type { TSchema } from 'typebox';
import { JsonTextField } from '../../ai/json-text-field.ts';
import type { AiMessage } from '../../ai/provider.ts';
import { askStructured } from '../../ai/structured.ts';
import type { Issue } from '../../domain/schema.ts';
import { type AiTaskContext, MAX_REPAIRS } from './tasks.ts';

/** What a model is asked for, and which field of it is a text that can be read while it is written. */
const OUTPUTS = {
  reading: undefined,
  widgets: undefined,
  plan: undefined,
  mended: undefined,
  wording: 'text',
  description: 'text',
  enhanced: 'prompt',
} as const;

/** Asks the model of a session for JSON of a schema; what it sends back counts as repairs. */
export async function askModel<T>(
  context: AiTaskContext,
  name: keyof typeof OUTPUTS,
  schema: TSchema,
  messages: readonly AiMessage[],
  check?: (value: T) => Promise<readonly Issue[]> | readonly Issue[],
): Promise<T> {
  const { session, progress } = context;
  const field = OUTPUTS[name];
  let tries = 0;
  const { value, repairs } = await askStructured<T>({
    call: (request) => {
      progress?.step(tries++ > 0 ? 'repairing' : field === undefined ? 'planning' : 'wording');
      if (!progress || field === undefined) return session.call(request);
      const text = new JsonTextField(field);
      return session.call(request, (piece) => {
        const more = text.push(piece);
        if (more !== '') progress.text(more);
      });
    },
    messages,
    output: { name, schema },
    maxRepairs: MAX_REPAIRS,
    ...(check ? { check } : {}),
  });
  context.repairs += repairs;
  return value;
}
