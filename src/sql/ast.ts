import { AppError } from '../base/errors.ts';
import type { Param, Statement } from '../domain/statement.ts';

export type { Param, Statement } from '../domain/statement.ts';

export type SqlPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'param'; readonly value: Param }
  | { readonly kind: 'ident'; readonly name: string };

/** A piece of SQL whose placeholders and quoting are decided by a dialect when it is rendered. Immutable; may be used many times. */
export interface Sql {
  readonly parts: readonly SqlPart[];
}

/** What `render` needs of a dialect. */
export interface Spelling {
  quote(name: string): string;
  /** The placeholder of the n-th parameter, counted from 1. */
  placeholder(index: number): string;
  /** True where a fragment that is used twice may name the same parameter twice. */
  readonly repeatsParameters?: boolean;
}

/** Text that our own code wrote; never anything of a caller. */
export const raw = (text: string): Sql => ({ parts: text === '' ? [] : [{ kind: 'text', text }] });

export const param = (value: Param): Sql => ({ parts: [{ kind: 'param', value }] });

/** A name, quoted by the dialect. Refuses names that hold a NUL character, which no engine can hold. */
export function ident(name: string): Sql {
  if (name.includes('\u0000')) throw new AppError('request.invalid', 'A name must not hold a NUL character');
  return { parts: [{ kind: 'ident', name }] };
}

export function sql(texts: TemplateStringsArray, ...fragments: readonly Sql[]): Sql {
  const parts: SqlPart[] = [];
  for (const [index, text] of texts.entries()) {
    if (text !== '') parts.push({ kind: 'text', text });
    const fragment = fragments[index];
    // Not spread into one call: a fragment may have more parts than a call takes arguments.
    for (const part of fragment?.parts ?? []) parts.push(part);
  }
  return { parts };
}

export function join(fragments: readonly Sql[], separator: string): Sql {
  const parts: SqlPart[] = [];
  for (const [index, fragment] of fragments.entries()) {
    if (index > 0) parts.push({ kind: 'text', text: separator });
    for (const part of fragment.parts) parts.push(part);
  }
  return { parts };
}

/** The text with its placeholders, and the parameters in their order. */
export function render(fragment: Sql, spelling: Spelling): Statement {
  const params: Param[] = [];
  const given = new Map<SqlPart, string>();
  const texts = fragment.parts.map((part) => {
    if (part.kind === 'text') return part.text;
    if (part.kind === 'ident') return spelling.quote(part.name);
    const known = given.get(part);
    if (known !== undefined) return known;
    params.push(part.value);
    const placeholder = spelling.placeholder(params.length);
    if (spelling.repeatsParameters) given.set(part, placeholder);
    return placeholder;
  });
  return { text: texts.join(''), params };
}
