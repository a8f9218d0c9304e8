import { foldName } from '../../base/fold-name.ts';
import type { Engine } from '../dialect.ts';
import {
  endOfComment,
  type Fail,
  type Quoted,
  readBackslashed,
  readDollarQuoted,
  readDoubled,
  readEscapeString,
} from './lex-quoted.ts';
import { LEXICAL_RULES, type LexicalRules } from './lexical-rules.ts';
import { badSyntax, placeOf, refused } from './refusal.ts';
import { isMark, type Token, type TokenKind } from './token.ts';

type Found = Omit<Token, 'start' | 'spaced'> & { readonly end: number };

interface Lexer {
  readonly text: string;
  readonly rules: LexicalRules;
  readonly fail: Fail;
}

const SPACE = /[ \t\r\n\f\v]+/y;
const NUMBER = /0x[0-9a-f]+|0b[01]+|(?:\d+(?:_\d+)*(?:\.\d*(?:_\d+)*)?|\.\d+)(?:e[+-]?\d+)?/iy;
const PARAM = /:([A-Za-z_][A-Za-z0-9_]*)/y;
const OPERATOR_RUN = /[-+*/<>=~!@#%^&|`?]+/y;
const REFUSED_IN_STRINGS = /[\0\ufffe\uffff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: names must not hold them
const REFUSED_IN_NAMES = /[\0-\x1f\x7f-\x9f\ufffe\uffff]/;

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

const found = (kind: TokenKind, text: string, value: string, end: number): Found => ({
  kind,
  text,
  value,
  end,
});

function stringToken(lexer: Lexer, { value, end }: Quoted, start: number, prefix = ''): Found {
  if (REFUSED_IN_STRINGS.test(value) || !value.isWellFormed()) return lexer.fail('character', start);
  if (lexer.rules.continuesLines && /\\\r?\n/.test(value)) return lexer.fail('ambiguous', start);
  return found('string', prefix + lexer.rules.quoteString(value), value, end);
}

function readString(lexer: Lexer, at: number): Found | null {
  const { text, rules, fail } = lexer;
  const quote = text[at]!;
  if (rules.stringQuotes.includes(quote)) {
    const read = rules.backslash ? readBackslashed : readDoubled;
    return stringToken(lexer, read(text, at + 1, quote, fail), at);
  }
  if (rules.dollarQuotes && quote === '$') {
    const dollar = readDollarQuoted(text, at, fail);
    return dollar && stringToken(lexer, dollar, at);
  }
  return null;
}

/** A string behind E, N, X or B; a longer word before a string is a word by itself. */
function readPrefixed(lexer: Lexer, word: string, at: number): Found | null {
  const { text, rules, fail } = lexer;
  if (text[at + word.length] !== "'" || word.length > 1) return null;
  const prefix = word.toUpperCase();
  const alphabet = rules.prefixes[prefix];
  if (alphabet === undefined) return fail('ambiguous', at);
  const inside = at + word.length + 1;
  if (prefix === 'E') return stringToken(lexer, readEscapeString(text, inside, fail), at);
  const read = rules.backslash ? readBackslashed : readDoubled;
  const quoted = read(text, inside, "'", fail);
  if (alphabet && !alphabet.test(quoted.value)) return fail('ambiguous', at);
  if (quoted.value.includes('\\') && rules.quoteString('\\').startsWith('E')) return fail('ambiguous', at);
  return stringToken(lexer, quoted, at, prefix);
}

function readWord(lexer: Lexer, at: number): Found | null {
  const { text, rules, fail } = lexer;
  const word = match(rules.word, text, at);
  if (word === undefined) return null;
  const prefixed = readPrefixed(lexer, word, at);
  if (prefixed) return prefixed;
  const next = text.slice(at + word.length, at + word.length + 2);
  if (/^u$/i.test(word) && /^&['"]/.test(next)) return fail('ambiguous', at);
  // Full-width and other look-alike letters may be a keyword to one reader and a name to another.
  if (word.normalize('NFKC') !== word.normalize('NFC') || !word.isWellFormed()) return fail('character', at);
  return found('word', word, foldName(word), at + word.length);
}

function readName(lexer: Lexer, at: number): Found | null {
  const { text, rules, fail } = lexer;
  const close = rules.nameQuotes[text[at]!];
  if (close === undefined) return null;
  const { value, end } = readDoubled(text, at + 1, close, fail);
  if (value === '' || REFUSED_IN_NAMES.test(value) || !value.isWellFormed()) return fail('character', at);
  return found('name', rules.quoteName(value), foldName(value), end);
}

/** `a.5` and `1.5.6` are cut differently by different servers. */
function mayStartWithPoint(previous: Token | undefined, spaced: boolean): boolean {
  if (previous === undefined || previous.kind === 'operator') return true;
  if (previous.kind === 'mark') return '(,['.includes(previous.value);
  return previous.kind === 'word' && spaced;
}

function readNumber(lexer: Lexer, at: number, previous: Token | undefined, spaced: boolean): Found | null {
  const { text, rules, fail } = lexer;
  const number = match(NUMBER, text, at);
  if (number === undefined) return null;
  const end = at + number.length;
  const runsOn = match(rules.word, text, end) !== undefined || /[\d.'"`$@#]/.test(text[end] ?? '');
  const isTorn = number.startsWith('.') && !mayStartWithPoint(previous, spaced);
  if (runsOn || isTorn || isMark(previous, '.')) return fail('ambiguous', at);
  return found('number', number, number, end);
}

/** PostgreSQL: an operator of several characters ends in + or - only when it also has one of ~ ! @ # % ^ & | ` ? in it. */
function greedy(run: string): string {
  let operator = run;
  for (const comment of ['--', '/*']) {
    const cut = operator.indexOf(comment);
    if (cut > 0) operator = operator.slice(0, cut);
  }
  while (operator.length > 1 && /[-+]$/.test(operator) && !/[~!@#%^&|`?]/.test(operator))
    operator = operator.slice(0, -1);
  return operator;
}

function readOperator(lexer: Lexer, at: number): Found | null {
  const { text, rules, fail } = lexer;
  const run = match(OPERATOR_RUN, text, at);
  if (run === undefined) return null;
  if (rules.greedyOperators) {
    const operator = greedy(run);
    if (!rules.operators.has(operator)) return fail('character', at);
    return found('operator', operator, operator, at + operator.length);
  }
  for (let length = Math.min(3, run.length); length > 0; length -= 1) {
    const operator = run.slice(0, length);
    if (rules.operators.has(operator)) return found('operator', operator, operator, at + length);
  }
  return fail(/^[@?]/.test(run) ? 'variable' : 'character', at);
}

/** Inside `[ ]` and `{ }` a colon right after an operand cuts a slice or parts a key from its value. */
function isSeparator(
  bracket: string | undefined,
  previous: Token | undefined,
  tokens: readonly Token[],
): boolean {
  if (previous === undefined) return false;
  if (tokens.at(-2)?.kind === 'word' && tokens.at(-2)?.value === 'lambda') return true;
  if (bracket !== '[' && bracket !== '{') return false;
  return previous.kind === 'mark' ? ')]}'.includes(previous.value) : previous.kind !== 'operator';
}

function readMark(
  lexer: Lexer,
  at: number,
  tokens: readonly Token[],
  bracket: string | undefined,
): Found | null {
  const { text, rules, fail } = lexer;
  const mark = text[at]!;
  if (!rules.marks.includes(mark)) return null;
  if (mark !== ':') return found('mark', mark, mark, at + 1);
  const next = text[at + 1];
  if (next === ':') {
    if (!rules.doubleColon || text[at + 2] === ':') return fail('ambiguous', at);
    return found('mark', '::', '::', at + 2);
  }
  if (next === '=') return rules.doubleColon ? found('operator', ':=', ':=', at + 2) : fail('variable', at);
  const separates = isSeparator(bracket, tokens.at(-1), tokens);
  const parameter = separates ? undefined : match(PARAM, text, at);
  if (parameter) return found('param', parameter, parameter.slice(1), at + parameter.length);
  if (!rules.doubleColon) return fail('character', at);
  return found('mark', ':', ':', at + 1);
}

const VARIABLES = /[@?$#\\]/;

/** The statement's tokens without comments. Refuses what servers or their settings could read in two ways. */
export function lex(text: string, engine: Engine, maxTokens: number): Token[] {
  const fail: Fail = (reason, offset) => {
    const place = placeOf(text, offset);
    throw reason === null ? badSyntax(place) : refused(reason, { place });
  };
  const lexer: Lexer = { text, rules: LEXICAL_RULES[engine], fail };
  const tokens: Token[] = [];
  const brackets: string[] = [];
  let spaced = false;
  for (let at = 0; at < text.length; ) {
    const skipped = match(SPACE, text, at)?.length;
    const comment = skipped === undefined ? endOfComment(text, at, lexer.rules, fail) : at + skipped;
    if (comment !== null) {
      at = comment;
      spaced = true;
      continue;
    }
    const next =
      readString(lexer, at) ??
      readName(lexer, at) ??
      readWord(lexer, at) ??
      readNumber(lexer, at, tokens.at(-1), spaced) ??
      readMark(lexer, at, tokens, brackets.at(-1)) ??
      readOperator(lexer, at) ??
      fail(VARIABLES.test(text[at]!) ? 'variable' : 'character', at);
    const { end, ...token } = next;
    tokens.push({ ...token, start: at, spaced });
    if (tokens.length > maxTokens) fail('tooComplex', at);
    if (token.kind === 'mark') {
      if ('([{'.includes(token.value)) brackets.push(token.value);
      else if (')]}'.includes(token.value)) brackets.pop();
    }
    spaced = false;
    at = end;
  }
  return tokens;
}
