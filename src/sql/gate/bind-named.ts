import { AppError } from '../../base/errors.ts';
import { pointer } from '../../base/pointer.ts';
import { type Param, param, type Sql, type Statement } from '../ast.ts';
import type { Engine } from '../dialect.ts';
import type { CheckedSelect } from './check-select.ts';
import { spellParts } from './spell.ts';
import type { Token } from './token.ts';

export type NamedParams = Readonly<Record<string, Param>>;

const PLACEHOLDERS: Readonly<Record<Engine, (index: number) => string>> = {
  postgres: (index) => `$${index}`,
  mysql: () => '?',
  mssql: (index) => `@p${index}`,
  duckdb: (index) => `$${index}`,
};

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

/** The statement as its driver takes it: positional placeholders, and a value for each in order. Throws as `bindSelect` does. */
export function bindNamed(checked: CheckedSelect, params: NamedParams): Statement {
  const values: Param[] = [];
  const texts = bindSelect(checked, params).parts.map((part) => {
    if (part.kind === 'text') return part.text;
    if (part.kind === 'param') values.push(part.value);
    return PLACEHOLDERS[checked.engine](values.length);
  });
  return { text: texts.join(''), params: values };
}
