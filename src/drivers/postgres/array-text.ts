const OPEN = '{';
const CLOSE = '}';

/**
 * An array in the server's text form (`{1,NULL,"a b",{…}}`, with bounds before it where they do not start at 1) as JSON. `element` makes
 * JSON of an element's text.
 */
export function arrayJson(text: string, delimiter: string, element: (text: string) => string): string {
  let json = '';
  let at = text.startsWith('[') ? text.indexOf('=') + 1 : 0;
  while (at < text.length) {
    const char = text[at]!;
    if (char === OPEN) json += '[';
    else if (char === CLOSE) json += ']';
    else if (char === delimiter) json += ',';
    else if (char === '"') {
      const end = quoteEnd(text, at + 1);
      json += element(text.slice(at + 1, end).replace(/\\([\s\S])/g, '$1'));
      at = end;
    } else {
      const end = bareEnd(text, at, delimiter);
      const bare = text.slice(at, end);
      json += bare === 'NULL' ? 'null' : element(bare);
      at = end - 1;
    }
    at++;
  }
  return json;
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
