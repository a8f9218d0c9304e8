import { fault, type Place } from './place.ts';

export type TokenKind = 'word' | 'name' | 'text' | 'number' | 'sign' | 'end';

export interface Token {
  kind: TokenKind;
  /** Words and signs as they are written; names and texts without their quotes. */
  value: string;
  /** Where it begins, in UTF-16 units. */
  at: number;
}

const SPACE = /\s+/y;
const WORD = /[\p{L}_][\p{L}\p{M}\p{N}_$]*/uy;
const NUMBER = /(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const SIGN = /<=|>=|<>|!=|::|\|\||[-+*/%=<>(),.]/y;
const QUOTED: Readonly<Record<string, { pattern: RegExp; kind: TokenKind; what: string }>> = {
  "'": { pattern: /'((?:[^']|'')*)'/y, kind: 'text', what: 'The text' },
  '"': { pattern: /"((?:[^"]|"")*)"/y, kind: 'name', what: 'The name' },
};

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** The tokens of an expression, the last of which is its end. Throws `query.syntax`. */
export function tokens(place: Place): Token[] {
  const { text } = place;
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const space = matchAt(SPACE, text, at);
    if (space) at += space[0].length;
    if (at >= text.length) break;
    const [token, length] = tokenAt(at, place);
    found.push(token);
    at += length;
  }
  found.push({ kind: 'end', value: '', at: text.length });
  return found;
}

function tokenAt(at: number, place: Place): [Token, number] {
  const { text } = place;
  if (text.startsWith('--', at) || text.startsWith('/*', at))
    throw fault('query.syntax', at, 'An expression holds no comments; put a space between two signs', place);
  const quote = QUOTED[text[at]!];
  if (quote) return quotedAt(at, quote, place);
  const word = matchAt(WORD, text, at)?.[0];
  if (word !== undefined) return [{ kind: 'word', value: word, at }, word.length];
  const number = matchAt(NUMBER, text, at)?.[0];
  if (number !== undefined) return [numberToken(number, at, place), number.length];
  const sign = matchAt(SIGN, text, at)?.[0];
  if (sign !== undefined) return [{ kind: 'sign', value: sign, at }, sign.length];
  const char = String.fromCodePoint(text.codePointAt(at)!);
  throw fault('query.syntax', at, `${JSON.stringify(char)} has no meaning here`, place, { found: char });
}

function quotedAt(
  at: number,
  { pattern, kind, what }: (typeof QUOTED)[string],
  place: Place,
): [Token, number] {
  const found = matchAt(pattern, place.text, at);
  const quote = place.text[at]!;
  if (!found) throw fault('query.syntax', at, `${what} that begins here has no closing ${quote}`, place);
  const value = found[1]!.replaceAll(quote + quote, quote);
  if (value.includes('\u0000')) throw fault('query.syntax', at, `${what} holds a NUL character`, place);
  if (kind === 'name' && value === '') throw fault('query.syntax', at, 'A name must not be empty', place);
  return [{ kind, value, at }, found[0].length];
}

function numberToken(value: string, at: number, place: Place): Token {
  if (matchAt(WORD, place.text, at + value.length))
    throw fault('query.syntax', at, 'A number is followed by a letter', place);
  return { kind: 'number', value, at };
}
