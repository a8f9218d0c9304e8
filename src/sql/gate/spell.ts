import type { Token } from './token.ts';

const STANDS_APART = new Set(['(', ')', ',', '.', '[', ']', '{', '}', ';', '::']);
const isOperator = (token: Token) => token.kind === 'operator' || token.value === ':';

/** Whether two tokens written without a space would be read as the same two tokens by every server. */
function mayTouch(left: Token, right: Token): boolean {
  if (left.kind === 'mark' && STANDS_APART.has(left.value)) return true;
  if (right.kind === 'mark' && STANDS_APART.has(right.value)) return true;
  return isOperator(left) !== isOperator(right) && left.value !== ':' && right.value !== ':';
}

const needsSpace = (previous: Token | undefined, token: Token) =>
  previous !== undefined && (token.spaced || !mayTouch(previous, token));

export interface Spelled {
  readonly text: string;
  /** Where each token begins in `text`. */
  readonly offsets: readonly number[];
}

/**
 * The tokens as one line without comments. Spaces are kept where they stood, since MySQL tells `count(` from `count (` and names
 * columns by the text, and put where tokens could run together.
 */
export function spell(tokens: readonly Token[], textOf: (token: Token) => string): Spelled {
  let text = '';
  const offsets: number[] = [];
  for (const [index, token] of tokens.entries()) {
    if (needsSpace(tokens[index - 1], token)) text += ' ';
    offsets.push(text.length);
    text += textOf(token);
  }
  return { text, offsets };
}

/** The same line, cut at its parameters. */
export function spellParts(tokens: readonly Token[]): (string | { readonly param: string })[] {
  const parts: (string | { readonly param: string })[] = [];
  let text = '';
  for (const [index, token] of tokens.entries()) {
    if (needsSpace(tokens[index - 1], token)) text += ' ';
    if (token.kind === 'param') {
      parts.push(text, { param: token.value });
      text = '';
    } else {
      text += token.text;
    }
  }
  return text === '' ? parts : [...parts, text];
}
