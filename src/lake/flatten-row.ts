import { badJson } from './json-scan.ts';

const MAX_DEPTH = 64;
const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const isSpace = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
const [COMMA, CLOSE_OBJECT, CLOSE_ARRAY] = [0x2c, 0x7d, 0x5d];
const isEndOfPlain = (code: number) =>
  code === COMMA || code === CLOSE_OBJECT || code === CLOSE_ARRAY || isSpace(code);

/** Reads text that is known to be one JSON object. */
class Flattener {
  #at = 0;
  readonly #names = new Set<string>();
  readonly #members: string[] = [];

  constructor(readonly text: string) {}

  run(): string {
    this.#object('', 0);
    return `{${this.#members.join(',')}}`;
  }

  #space(): void {
    while (isSpace(this.text.charCodeAt(this.#at))) this.#at++;
  }

  #object(prefix: string, depth: number): void {
    if (depth > MAX_DEPTH) throw badJson(`A row is nested deeper than ${MAX_DEPTH} levels`);
    this.#at++; // {
    this.#space();
    while (this.text[this.#at] !== '}') {
      const name = prefix + this.#string().slice(1, -1);
      this.#space();
      this.#at++; // :
      this.#space();
      if (this.text[this.#at] === '{') this.#object(`${name}.`, depth + 1);
      else this.#member(name);
      this.#space();
      if (this.text[this.#at] === ',') this.#at++;
      this.#space();
    }
    this.#at++; // }
  }

  #member(name: string): void {
    if (this.#names.has(name))
      throw badJson(`A row has two values named ${JSON.stringify(name)} when its objects are flattened`);
    this.#names.add(name);
    const start = this.#at;
    this.#value();
    this.#members.push(`"${name}":${this.text.slice(start, this.#at)}`);
  }

  /** A string with its quotes. */
  #string(): string {
    const { text } = this;
    const start = this.#at;
    let at = start + 1;
    for (let code = text.charCodeAt(at); code !== QUOTE; code = text.charCodeAt(at))
      at += code === BACKSLASH ? 2 : 1;
    this.#at = at + 1;
    return text.slice(start, at + 1);
  }

  #value(): void {
    const first = this.text[this.#at];
    if (first === '"') this.#string();
    else if (first === '[') this.#array();
    else {
      let at = this.#at;
      for (let code = this.text.charCodeAt(at); !isEndOfPlain(code); code = this.text.charCodeAt(at)) at++;
      this.#at = at;
    }
  }

  #array(): void {
    let nesting = 0;
    do {
      const char = this.text[this.#at];
      if (char === '"') {
        this.#string();
        continue;
      }
      if (char === '[' || char === '{') nesting++;
      if (char === ']' || char === '}') nesting--;
      this.#at++;
    } while (nesting > 0);
  }
}

/**
 * The members of nested objects as members of the row, named `outer.inner`; lists stay as they are, and every value as it is spelled, so that
 * no digit is lost. The text must be one JSON object. Throws AppError `source.format` where two members would have one name.
 */
export function flattenRow(text: string): string {
  return text.indexOf('{', 1) === -1 ? text : new Flattener(text).run();
}
