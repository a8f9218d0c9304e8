import { aiFault } from './fault.ts';

/** Arguments of a call: JSON text, or the value itself. None is an empty object. Throws `ai.badOutput`. */
export function toolArguments(given: unknown): unknown {
  if (typeof given !== 'string') return given ?? {};
  if (given.trim() === '') return {};
  try {
    return JSON.parse(given);
  } catch {
    throw aiFault('ai.badOutput'); // the parser's error quotes the text
  }
}
