import type { LexicalRules } from './lexical-rules.ts';
import type { Reason } from './refusal.ts';

/** What was read, and where the text goes on. */
export interface Quoted {
  readonly value: string;
  readonly end: number;
}

/** Stops the lexer at an offset of the caller's text; `null` is a text that ends too early. */
export type Fail = (reason: Reason | null, offset: number) => never;

const ESCAPES: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  Z: '\u001a',
  '0': '\0',
};

/** Text up to `close`, which stands for itself when doubled. */
export function readDoubled(text: string, start: number, close: string, fail: Fail): Quoted {
  let value = '';
  for (let at = start; ; ) {
    const end = text.indexOf(close, at);
    if (end < 0) return fail(null, start);
    value += text.slice(at, end);
    if (text[end + 1] !== close) return { value, end: end + 1 };
    value += close;
    at = end + 2;
  }
}

/** One escape of MySQL's strings; `\%` and `\_` keep their backslash, as on the server. */
const mysqlEscape = (next: string) => (next === '%' || next === '_' ? `\\${next}` : (ESCAPES[next] ?? next));

export function readBackslashed(text: string, start: number, quote: string, fail: Fail): Quoted {
  let value = '';
  for (let at = start; at < text.length; at += 1) {
    const char = text[at]!;
    if (char === '\\') {
      at += 1;
      if (at >= text.length) break;
      value += mysqlEscape(text[at]!);
    } else if (char !== quote) {
      value += char;
    } else if (text[at + 1] === quote) {
      value += quote;
      at += 1;
    } else {
      return { value, end: at + 1 };
    }
  }
  return fail(null, start);
}

const NUMERIC_ESCAPE = /x[0-9a-f]{1,2}|u[0-9a-f]{4}|U[0-9a-f]{8}|[0-7]{1,3}/iy;

function escapedNumber(found: string): string {
  const [digits, base] = /^[xu]/i.test(found) ? [found.slice(1), 16] : [found, 8];
  const code = Number.parseInt(digits, base);
  // Bytes past ASCII mean what the server's encoding says, and halves of a pair mean nothing alone.
  const isPlain = code > 0 && (found[0]!.toLowerCase() === 'u' ? code < 0x110000 : code < 0x80);
  return isPlain && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : '';
}

/** The inside of an E'' string of PostgreSQL. */
export function readEscapeString(text: string, start: number, fail: Fail): Quoted {
  let value = '';
  for (let at = start; at < text.length; at += 1) {
    const char = text[at]!;
    if (char === '\\') {
      NUMERIC_ESCAPE.lastIndex = at + 1;
      const number = NUMERIC_ESCAPE.exec(text)?.[0];
      const next = number ?? text[at + 1] ?? '';
      const decoded =
        number === undefined ? ('ntrbf'.includes(next) ? ESCAPES[next] : next) : escapedNumber(number);
      if (!decoded) return fail('ambiguous', at);
      value += decoded;
      at += next.length;
    } else if (char !== "'") {
      value += char;
    } else if (text[at + 1] === "'") {
      value += "'";
      at += 1;
    } else {
      return { value, end: at + 1 };
    }
  }
  return fail(null, start);
}

const DOLLAR_TAG = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;

/** A dollar-quoted string that begins at `start`, or null when there is none. */
export function readDollarQuoted(text: string, start: number, fail: Fail): Quoted | null {
  DOLLAR_TAG.lastIndex = start;
  const tag = DOLLAR_TAG.exec(text)?.[0];
  if (tag === undefined) return null;
  const end = text.indexOf(tag, start + tag.length);
  if (end < 0) return fail(null, start);
  return { value: text.slice(start + tag.length, end), end: end + tag.length };
}

/** Where a comment that begins at `start` ends, or null when there is none. */
export function endOfComment(text: string, start: number, rules: LexicalRules, fail: Fail): number | null {
  const two = text.slice(start, start + 2);
  if (two === '/*') {
    // Servers run /*! and /*M!, obey /*+, and differ in whether comments nest.
    if (/^\/\*\s*(?:!|\+|M!)/i.test(text.slice(start, start + 64))) return fail('comment', start);
    const end = text.indexOf('*/', start + 2);
    if (end < 0) return fail('comment', start);
    if (text.slice(start + 2, end).includes('/*')) return fail('comment', start);
    return end + 2;
  }
  const isDashed =
    two === '--' && (!rules.dashNeedsSpace || /^(?:\s|$)/.test(text.slice(start + 2, start + 3)));
  if (!isDashed && !(rules.hashComments && text[start] === '#')) return null;
  const end = text.indexOf('\n', start);
  const comment = text.slice(start, end < 0 ? text.length : end);
  // Some servers end the comment at a carriage return, some do not.
  if (/\r(?!$)/.test(comment)) return fail('comment', start);
  return start + comment.length;
}
