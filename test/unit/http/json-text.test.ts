import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { brokenAt, nestingOf, parseJson } from '../../../src/http/json-text.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const accepts = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
};

describe('JSON bodies', () => {
  test.each([
    ['', 0],
    ['{"a":1,}', 7],
    ["{'a':1}", 1],
    ['[1,2', 4],
    ['[1 2]', 3],
    ['{"a" 1}', 5],
    ['nul', 0],
    ['01', 1],
    ['"a\nb"', 0],
    ['{"a":"\\x"}', 5],
    ['[1,]', 3],
    [' {} {}', 4],
  ])('%p breaks at %p', (text, at) => {
    expect(brokenAt(text)).toBe(at);
  });

  test('every text that JSON.parse takes is found whole, and no other', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.json(), fc.string(), fc.stringMatching(/^[[\]{}":,\\ 0-9eE.+a-f-]{0,20}$/)),
        (text) => {
          expect(brokenAt(text) === undefined).toBe(accepts(text));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('brackets in strings are no nesting', () => {
    expect(nestingOf(bytes('{"a":"[[[[\\"[[","b":[[1],{}]}'))).toBe(3);
  });

  test('a byte order mark is no fault', () => {
    expect(parseJson(bytes('\ufeff{"a":1}'), 10)).toEqual({ a: 1 });
  });

  test('of equal keys the last counts, and __proto__ is a plain key', () => {
    const parsed = parseJson(bytes('{"a":1,"a":2,"__proto__":{"x":1}}'), 10) as Record<string, unknown>;
    expect(parsed.a).toBe(2);
    expect(parsed.x).toBeUndefined();
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
  });
});
