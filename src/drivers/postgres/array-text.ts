const OPEN = '{';
const CLOSE = '}';
const PIECES = 8192;

/** A long text out of many short ones: appended one by one, millions of them would be held as a tree of nodes until the text is read. */
class TextPieces {
  readonly #done: string[] = [];
  #pieces: string[] = [];

  add(piece: string): void {
    if (this.#pieces.push(piece) < PIECES) return;
    this.#done.push(this.#pieces.join(''));
    this.#pieces = [];
  }

  text(): string {
    return this.#done.join('') + this.#pieces.join('');
  }
}

/**
 * An array in the server's text form (`{1,NULL,"a b",{…}}`, with bounds before it where they do not start at 1) as JSON. `element` makes
 * JSON of an element's text.
 */
export function arrayJson(text: string, delimiter: string, element: (text: string) => string): string {
  const json = new TextPieces();
  let at = text.startsWith('[') ? text.indexOf('=') + 1 : 0;
  while (at < text.length) {
    const char = text[at]!;
    if (char === OPEN) json.add('[');
    else if (char === CLOSE) json.add(']');
    else if (char === delimiter) json.add(',');
    else if (char === '"') {
      const end = quoteEnd(text, at + 1);
      json.add(element(text.slice(at + 1, end).replace(/\\([\s\S])/g, '$1')));
      at = end;
    } else {
      const end = bareEnd(text, at, delimiter);
      const bare = text.slice(at, end);
      json.add(bare === 'NULL' ? 'null' : element(bare));
      at = end - 1;
    }
    at++;
  }
  return json.text();
}

function quoteEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function bareEnd(text: string, from: number, delimiter: string): number {
  let at = from;
  while (at < text.length && text[at] !== delimiter && text[at] !== CLOSE) at += text[at] === '\\' ? 2 : 1;
  return at;
}
