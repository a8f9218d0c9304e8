import { AppError } from '../../base/errors.ts';
import { nearNames } from '../../base/near-names.ts';
import type { FunctionRule } from './call.ts';
import { CHOICE_FUNCTIONS } from './choice-functions.ts';
import { NUMBER_FUNCTIONS } from './number-functions.ts';
import { fault } from './place.ts';
import { TEXT_FUNCTIONS } from './text-functions.ts';
import { TIME_FUNCTIONS } from './time-functions.ts';
import type { Context, Value } from './value.ts';

/** Every function of the language: what is not here is not allowed. */
export const FUNCTIONS: Readonly<Record<string, FunctionRule>> = {
  ...CHOICE_FUNCTIONS,
  ...NUMBER_FUNCTIONS,
  ...TEXT_FUNCTIONS,
  ...TIME_FUNCTIONS,
};

/** A call of a function. Throws `query.type` for what it does not take, `query.unsupported` where the engine has no such thing. */
export function callFunction(name: string, args: readonly Value[], at: number, context: Context): Value {
  const { place } = context;
  const rule = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!rule) throw unknownFunction(name, at, context);
  if (args.length < rule.min || args.length > rule.max)
    throw fault('query.syntax', at, `The function is called as ${rule.usage}`, place, { function: name });
  try {
    return rule.build({ name, args, at, context });
  } catch (error) {
    if (error instanceof AppError && error.code === 'query.unsupported' && error.pointer === undefined)
      throw fault('query.unsupported', at, error.message, place, { function: name });
    throw error;
  }
}

function unknownFunction(name: string, at: number, { place }: Context): AppError {
  const near = nearNames(name, Object.keys(FUNCTIONS));
  const hint = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '';
  return fault('query.syntax', at, `There is no function ${name}${hint}`, place, { function: name, near });
}
