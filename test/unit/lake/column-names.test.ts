import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { columnNames } from '../../../src/lake/column-names.ts';

test('names are trimmed, filled in and made distinct', () => {
  expect(columnNames([' a ', 'a', '', undefined, 'a_2', 'x\ty'], 10)).toEqual([
    'a',
    'a_3',
    'column_3',
    'column_4',
    'a_2',
    'x y',
  ]);
});

test('whatever a header holds, the names are usable and distinct without regard to case', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 10 }), (raw) => {
      const names = columnNames(raw, 30);
      expect(names).toHaveLength(raw.length);
      expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
      expect(names.filter((name) => !/^(?!\s)\P{Cc}+$/u.test(name))).toEqual([]);
    }),
  );
});

test('more columns than allowed are refused, naming the limit', () => {
  expect(() => columnNames(['a', 'b'], 1)).toThrow(
    expect.objectContaining({
      code: 'request.tooLarge',
      params: { limit: 'UPLOAD_MAX_COLUMNS', max: 1, found: 2 },
    }),
  );
});
