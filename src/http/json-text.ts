import { AppError } from '../base/errors.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);

/** The deepest nesting of arrays and objects in a JSON text; wrong where the text is no JSON. */
export function nestingOf(bytes: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (inString) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (OPEN.has(byte)) deepest = Math.max(deepest, ++depth);
    else if (CLOSE.has(byte)) depth--;
  }
  return deepest;
}

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"/uy;
const LITERAL = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

class Broken extends Error {
  constructor(readonly at: number) {
    super();
  }
}

function past(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  if (!pattern.test(text)) throw new Broken(at);
  return pattern.lastIndex;
}

function pastMembers(text: string, start: number, close: string, pastMember: (at: number) => number): number {
  let at = past(SPACE, text, start);
  if (text[at] === close) return at + 1;
  for (;;) {
    at = past(SPACE, text, pastMember(past(SPACE, text, at)));
    if (text[at] === close) return at + 1;
    if (text[at] !== ',') throw new Broken(at);
    at++;
  }
}

function pastValue(text: string, at: number): number {
  if (text[at] === '"') return past(STRING, text, at);
  if (text[at] === '[') return pastMembers(text, at + 1, ']', (item) => pastValue(text, item));
  if (text[at] !== '{') return past(LITERAL, text, at);
  return pastMembers(text, at + 1, '}', (member) => {
    const colon = past(SPACE, text, past(STRING, text, member));
    if (text[colon] !== ':') throw new Broken(colon);
    return pastValue(text, past(SPACE, text, colon + 1));
  });
}

/** Where a text stops being JSON (offset in UTF-16 units); undefined when it is JSON. The nesting must be bounded before. */
export function brokenAt(text: string): number | undefined {
  try {
    const end = past(SPACE, text, pastValue(text, past(SPACE, text, 0)));
    return end === text.length ? undefined : end;
  } catch (error) {
    if (error instanceof Broken) return error.at;
    throw error;
  }
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** A body's bytes as JSON, or AppError `request.parse` that says where it is broken. */
export function parseJson(bytes: Uint8Array, maxDepth: number): unknown {
  const depth = nestingOf(bytes);
  if (depth > maxDepth)
    throw new AppError(
      'request.parse',
      `The body nests ${depth} levels deep; at most ${maxDepth} are allowed`,
    );
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError('request.parse', 'The body is not valid UTF-8', { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const place = placeOf(text, brokenAt(text) ?? text.length);
    throw new AppError(
      'request.parse',
      `The body is not valid JSON at line ${place.line}, column ${place.column}`,
      { params: place, cause },
    );
  }
}
