import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { ColumnData, fixed, NUMBER, TEXT } from '../../../src/domain/column-data.ts';
import { decimalStore, storeIntegerText } from '../../../src/drivers/store-values.ts';

function shown(column: ColumnData, at: number): string | undefined {
  if (column.states[at] === NUMBER) return fixed(BigInt(column.numbers[at]!), column.scale);
  return column.states[at] === TEXT ? column.texts[at] : undefined;
}

test('every decimal keeps its digits, as a number or as text', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(12), (value, scale) => {
      const column = new ColumnData('decimal', 1);
      column.scale = scale;
      const text = fixed(value, scale);
      decimalStore(scale)(text, column, 0);
      expect(shown(column, 0)).toBe(text);
      expect(column.states[0]).toBe(-(2n ** 53n) < value && value < 2n ** 53n ? NUMBER : TEXT);
    }),
  );
});

test('every whole number keeps its digits', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n }), (value) => {
      const column = new ColumnData('integer', 1);
      storeIntegerText(String(value), column, 0);
      expect(shown(column, 0)).toBe(String(value));
    }),
  );
});

test('the first decimal decides the scale; shorter ones are filled up, longer ones stay whole', () => {
  const column = new ColumnData('decimal', 7);
  const store = decimalStore(undefined);
  const values = ['NaN', '1.50', '2', '-0.1', '3.14159', 'Infinity', '123456789012345678901'];
  for (const [at, value] of values.entries()) store(value, column, at);
  expect(values.map((_, at) => shown(column, at))).toEqual([
    'NaN',
    '1.50',
    '2.00',
    '-0.10',
    '3.14159',
    'Infinity',
    '123456789012345678901.00',
  ]);
});
