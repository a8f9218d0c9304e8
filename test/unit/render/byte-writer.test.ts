import { describe, expect, test } from 'bun:test';
import { fixed } from '../../../src/domain/column-data.ts';
import { ByteWriter } from '../../../src/render/byte-writer.ts';

const written = (write: (out: ByteWriter) => void) => {
  const out = new ByteWriter(1);
  write(out);
  return new TextDecoder().decode(out.take());
};

describe('whole numbers with a point', () => {
  test.each([
    [0, 0, '0'],
    [0, 2, '0.00'],
    [-1234, 2, '-12.34'],
    [5, 3, '0.005'],
    [-5, 1, '-0.5'],
    [999_999_999, 0, '999999999'],
    [1_000_000_000, 0, '1000000000'],
    [1_000_000_000, 9, '1.000000000'],
    [1_000_000_005, 12, '0.001000000005'],
    [Number.MAX_SAFE_INTEGER, 0, '9007199254740991'],
    [-Number.MAX_SAFE_INTEGER, 2, '-90071992547409.91'],
    [2 ** 53, 0, '9007199254740992'],
    [1, 18, '0.000000000000000001'],
  ])('%p with scale %p is %p', (value, scale, expected) => {
    expect(written((out) => out.scaled(value, scale))).toBe(expected);
  });

  test('any whole number reads as BigInt writes it', () => {
    for (let i = 0, value = 1; i < 2000; i++, value = (value * 48_271) % 9_007_199_254_740_881) {
      const scale = i % 20;
      expect(written((out) => out.scaled(-value, scale))).toBe(fixed(BigInt(-value), scale));
    }
  });
});

describe('text', () => {
  test.each([
    '',
    'plain',
    'quote " and \\',
    'tab\tnewline\n',
    'žluťoučký',
    'مرحبا',
    '😀 emoji',
    'x'.repeat(1000),
    `${'y'.repeat(70)}é`,
    '\u0000\u001f\u007f',
    '\ud800 lone',
  ])('a JSON string of %j is what JSON.stringify writes', (text) => {
    expect(written((out) => out.jsonString(text))).toBe(JSON.stringify(text));
    expect(JSON.parse(written((out) => out.jsonString(text)))).toBe(text);
  });

  test('what was written before is kept when the buffer grows', () => {
    const text = written((out) => {
      for (let i = 0; i < 10_000; i++) out.text(`${i},`);
    });
    expect(text).toBe(`${Array.from({ length: 10_000 }, (_, i) => i).join(',')},`);
  });

  test('taking starts anew', () => {
    const out = new ByteWriter();
    out.text('one');
    expect(new TextDecoder().decode(out.take())).toBe('one');
    out.text('two');
    expect(new TextDecoder().decode(out.take())).toBe('two');
  });
});
