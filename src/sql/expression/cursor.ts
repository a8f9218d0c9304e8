import { AppError } from '../../base/errors.ts';
import { fault, type Place } from './place.ts';
import { type Token, tokens } from './token.ts';

export interface ExpressionLimits {
  /** Of the text in UTF-8. */
  readonly maxBytes: number;
  /** Levels of nesting. */
  readonly maxDepth: number;
  /** Of a text that an expression could make. */
  readonly maxValueBytes: number;
}

const MAX_SHOWN = 40;

/** The tokens of an expression as they are read, from the left to the right. */
export class Cursor {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(
    readonly place: Place,
    readonly limits: ExpressionLimits,
  ) {
    const bytes = Buffer.byteLength(place.text);
    if (bytes > limits.maxBytes)
      throw new AppError('request.invalid', `An expression has at most ${limits.maxBytes} bytes`, {
        pointer: place.pointer,
        params: { limit: 'EXPRESSION_MAX_BYTES', bytes },
      });
    this.#tokens = tokens(place);
  }

  get token(): Token {
    return this.#tokens[this.#next]!;
  }

  ahead(count: number): Token | undefined {
    return this.#tokens[this.#next + count];
  }

  take(): Token {
    const { token } = this;
    if (token.kind !== 'end') this.#next += 1;
    return token;
  }

  isSign(...signs: readonly string[]): boolean {
    return this.token.kind === 'sign' && signs.includes(this.token.value);
  }

  isWord(...words: readonly string[]): boolean {
    return isWord(this.token, ...words);
  }

  /** Steps over a sign or word if it is the next token. */
  skip(text: string): boolean {
    const found = this.isSign(text) || this.isWord(text);
    if (found) this.take();
    return found;
  }

  need(text: string): Token {
    if (!this.isSign(text) && !this.isWord(text)) throw this.unexpected(`"${text}"`);
    return this.take();
  }

  /** `query.syntax` that says what could have stood at the next token. */
  unexpected(expected: string): AppError {
    const { kind, value, at } = this.token;
    const short = [...value].slice(0, MAX_SHOWN).join('');
    const found =
      kind === 'end' ? 'the end' : kind === 'text' ? `the text '${short}'` : JSON.stringify(short);
    return fault('query.syntax', at, `Expected ${expected}, found ${found}`, this.place, { expected });
  }

  /** Runs `parse` one level deeper. */
  nested<T>(parse: () => T): T {
    this.#depth += 1;
    this.checkDepth(this.#depth);
    const result = parse();
    this.#depth -= 1;
    return result;
  }

  checkDepth(depth: number): void {
    const { maxDepth } = this.limits;
    if (depth > maxDepth)
      throw new AppError('request.invalid', `An expression has at most ${maxDepth} levels`, {
        pointer: this.place.pointer,
        params: { limit: 'EXPRESSION_MAX_DEPTH' },
      });
  }
}

export const isWord = (token: Token | undefined, ...words: readonly string[]): boolean =>
  token?.kind === 'word' && words.includes(token.value.toLowerCase());
