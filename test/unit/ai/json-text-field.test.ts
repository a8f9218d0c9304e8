import { describe, expect, test } from 'bun:test';
import { JsonTextField } from '../../../src/ai/json-text-field.ts';

function read(json: string, size: number, field = 'text'): string[] {
  const reader = new JsonTextField(field);
  const pieces: string[] = [];
  for (let at = 0; at < json.length; at += size) pieces.push(reader.push(json.slice(at, at + size)));
  return pieces;
}

const TEXTS = [
  '',
  'plain',
  'a "quoted" \\ back\n\tslash',
  'ünï — 中文 😀😀',
  '\u0000\u2028\b\f\r',
  '{"text":"no"}',
];

describe.each(TEXTS)('%j', (text) => {
  test.each([
    ['alone', { text }],
    ['after others', { a: 'x', n: [1, { text: 'inner' }], o: { text: 'inner', b: ['text'] }, text }],
    ['before others', { text, more: 'text', last: { text: 'inner' } }],
  ])('%s, in pieces of any size', (_, value) => {
    const written = [
      JSON.stringify(value),
      JSON.stringify(value, null, 2),
      `Sure:\n\`\`\`json\n${JSON.stringify(value)}\n\`\`\``,
    ];
    const escaped = JSON.stringify(value).replace(
      /[^\x20-\x7e]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    for (const json of [...written, escaped])
      for (const size of [1, 2, 3, 7, 1000]) {
        const pieces = read(json, size);
        expect(pieces.join('')).toBe(text);
        for (const piece of pieces) expect(piece.isWellFormed()).toBe(true);
      }
  });
});

test('what is no object of that field gives nothing', () => {
  for (const json of ['I am a poet.', '["text","x"]', '{"other":"x"}', '{"text":12,"x":"y"}', '"text": "x"'])
    expect(read(json, 2).join('')).toBe('');
});
