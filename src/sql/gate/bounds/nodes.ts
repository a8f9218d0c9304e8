import { foldName } from '../../../base/fold-name.ts';
import { isNode, type Node, nameOf } from '../tree.ts';
import { IGNORED_KEYS } from '../tree-keys.ts';

/** The kind of a node `{ kind: body }`, or null for a body and what is no node. */
export function kindOf(value: unknown): readonly [kind: string, body: Node] | null {
  if (!isNode(value) || Array.isArray(value)) return null;
  const keys = Object.keys(value);
  const held = value[keys[0]!];
  return keys.length === 1 && isNode(held) ? [keys[0]!, held] : null;
}

export const childrenOf = (value: Node): readonly (readonly [key: string, child: unknown])[] =>
  Object.entries(value).filter(([key, held]) => isNode(held) && !IGNORED_KEYS.has(key));

export const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The folded name of a call that the parser kept as it was written. */
export const functionName = (body: Node): string => foldName(nameOf(body) ?? '');

/** The text of a string literal. */
export function textOf(value: unknown): string | null {
  const [kind, body] = kindOf(value) ?? [];
  return kind === 'literal' && body?.literal_type === 'string' && typeof body.value === 'string'
    ? body.value
    : null;
}

/** A number that is written out, with its sign. */
export function numberOf(value: unknown): number | null {
  const [kind, body] = kindOf(value) ?? [];
  if (kind === 'neg') {
    const held = numberOf(body!.this);
    return held === null ? null : -held;
  }
  if (kind === 'paren') return numberOf(body!.this);
  if (kind !== 'literal' || body!.literal_type !== 'number') return null;
  const number = Number(String(body!.value).replaceAll('_', ''));
  return Number.isFinite(number) ? number : null;
}

/** What a SELECT item is called, and the expression under its alias. */
export function itemOf(value: unknown): { name: string | null; expression: unknown } {
  const [kind, body] = kindOf(value) ?? [];
  if (kind === 'alias') return { name: aliasOf(body!), expression: body!.this };
  return { name: kind === 'column' ? aliasOf({ alias: body!.name }) : null, expression: value };
}

export const aliasOf = (body: Node): string | null => {
  const alias = nameOf(body.alias);
  return alias === null ? null : foldName(alias);
};
