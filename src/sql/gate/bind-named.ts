import { AppError } from '../../base/errors.ts';
import { pointer } from '../../base/pointer.ts';
import { type Param, param, type Sql, type Statement } from '../ast.ts';
import type { CheckedSelect } from './check-select.ts';
import { NUMBERED, PLACEHOLDERS } from './placeholders.ts';
import { spellParts } from './spell.ts';
import type { Token } from './token.ts';

export type NamedParams = Readonly<Record<string, Param>>;

function invalid(name: string, detail: string): AppError {
  return new AppError('request.invalid', detail, { pointer: pointer('params', name), params: { name } });
}

/** Every parameter of the statement has a value, and every value its parameter. */
function checkNames(checked: CheckedSelect, params: NamedParams): void {
  for (const name of checked.params) {
    if (!Object.hasOwn(params, name)) throw invalid(name, 'A parameter of the statement has no value');
  }
  for (const [name, value] of Object.entries(params)) {
    if (!checked.params.includes(name)) throw invalid(name, 'The statement has no such parameter');
    const isScalar = value === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
    if (!isScalar || (typeof value === 'number' && !Number.isFinite(value))) {
      throw invalid(name, 'A parameter is a text, a finite number, a boolean or null');
    }
  }
}

/** Some of the statement's tokens with their values, to be rendered by the engine's dialect. */
export const bindTokens = (tokens: readonly Token[], params: NamedParams): Sql => ({
  parts: spellParts(tokens).map((part) =>
    typeof part === 'string' ? { kind: 'text', text: part } : param(params[part.param]!).parts[0]!,
  ),
});

/**
 * The statement with its values, as a fragment. Throws `request.invalid` with pointer `/params/<name>` for a parameter without a value,
 * a value without a parameter, or a value that is no scalar.
 */
export function bindSelect(checked: CheckedSelect, params: NamedParams): Sql {
  checkNames(checked, params);
  return bindTokens(checked.tokens, params);
}

/**
 * The statement as its driver takes it: positional placeholders, and a value for each in order. A parameter that is used twice is one
 * placeholder where the engine numbers them, so that an expression of SELECT and GROUP BY stays the same. Throws as `bindSelect` does.
 */
export function bindNamed(checked: CheckedSelect, params: NamedParams): Statement {
  checkNames(checked, params);
  const order: string[] = [];
  const texts = spellParts(checked.tokens).map((part) => {
    if (typeof part === 'string') return part;
    const known = NUMBERED[checked.engine] ? order.indexOf(part.param) : -1;
    return PLACEHOLDERS[checked.engine](known >= 0 ? known + 1 : order.push(part.param));
  });
  return { text: texts.join(''), params: order.map((name) => params[name]!) };
}
