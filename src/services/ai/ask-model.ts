import type { TSchema } from 'typebox';
import type { AiMessage } from '../../ai/provider.ts';
import { askStructured } from '../../ai/structured.ts';
import type { Issue } from '../../domain/schema.ts';
import { type AiTaskContext, MAX_REPAIRS } from './tasks.ts';

/** Asks the model of a session for JSON of a schema; what it sends back counts as repairs. */
export async function askModel<T>(
  context: AiTaskContext,
  name: string,
  schema: TSchema,
  messages: readonly AiMessage[],
  check?: (value: T) => Promise<readonly Issue[]> | readonly Issue[],
): Promise<T> {
  const { value, repairs } = await askStructured<T>({
    call: (request) => context.session.call(request),
    messages,
    output: { name, schema },
    maxRepairs: MAX_REPAIRS,
    ...(check ? { check } : {}),
  });
  context.repairs += repairs;
  return value;
}
