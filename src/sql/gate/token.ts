export type TokenKind = 'word' | 'name' | 'string' | 'number' | 'operator' | 'mark' | 'param';

export interface Token {
  /** `name` is a quoted identifier, `mark` one of `( ) [ ] { } , . ; : ::`, `param` a `:name`. */
  readonly kind: TokenKind;
  /** As it is sent to the server: read by every setting of the server in one way. */
  readonly text: string;
  /** Words and names folded (see foldName); strings decoded; parameters by their name; others as they are. */
  readonly value: string;
  /** Where it began in the caller's text. */
  readonly start: number;
  /** Whether white space or a comment stood before it. */
  readonly spaced: boolean;
}

/** A word or a quoted name as it was written, without its quotes. */
export function written({ kind, text }: Token): string {
  if (kind !== 'name') return text;
  const close = text.at(-1)!;
  return text.slice(1, -1).replaceAll(close + close, close);
}

export const isWord = (token: Token | undefined, ...words: string[]): boolean =>
  token?.kind === 'word' && words.includes(token.value);

export const isMark = (token: Token | undefined, ...marks: string[]): boolean =>
  token?.kind === 'mark' && marks.includes(token.value);

export const isIdentifier = (token: Token | undefined): token is Token =>
  token?.kind === 'word' || token?.kind === 'name';
