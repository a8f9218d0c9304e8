import { describe, expect, test } from 'bun:test';
import { fitWindows } from '../../../src/pivot/window.ts';

const axis = (details: number, totals = 0, offset = 0, limit?: number) => ({
  details,
  totals,
  offset,
  limit,
});
const fitted = (...args: Parameters<typeof fitWindows>) => {
  const { rows, columns } = fitWindows(...args);
  return [rows.from, rows.to, rows.cut, columns.from, columns.to, columns.cut];
};

describe('windows within the limit on cells', () => {
  test.each<[string, Parameters<typeof fitWindows>, (number | boolean)[]]>([
    ['all fits', [axis(10, 1), axis(5, 1), 2, 132], [0, 10, false, 0, 5, false]],
    ['details of rows are cut', [axis(1000, 1), axis(5, 1), 1, 606], [0, 100, true, 0, 5, false]],
    ['a page is no cut', [axis(1000, 1, 20, 30), axis(5, 1), 1, 1000], [20, 50, false, 0, 5, false]],
    ['an offset past the end', [axis(10, 1, 50, 10), axis(5, 1), 1, 1000], [10, 10, false, 0, 5, false]],
    ['no details asked for', [axis(10, 1, 0, 0), axis(5, 1), 1, 1000], [0, 0, false, 0, 5, false]],
    [
      'many columns leave room for a hundred rows',
      [axis(5000), axis(5000), 1, 1_000_000],
      [0, 200, true, 0, 5000, false],
    ],
    ['too many columns are cut', [axis(5000), axis(50_000), 1, 1_000_000], [0, 100, true, 0, 10_000, true]],
    ['nothing at all', [axis(0), axis(0), 1, 10], [0, 0, false, 0, 0, false]],
  ])('%s', (_, args, expected) => {
    expect(fitted(...args)).toEqual(expected);
  });

  test('the cells never pass the limit', () => {
    for (const details of [0, 1, 3, 99, 101, 5000])
      for (const totals of [0, 1, 40])
        for (const columns of [1, 7, 300, 9000])
          for (const measures of [1, 3]) {
            const { rows, columns: fit } = fitWindows(
              axis(details, totals),
              axis(columns, 1),
              measures,
              500_000,
            );
            const cells = (rows.to - rows.from + totals) * (fit.to - fit.from + 1) * measures;
            expect(cells).toBeLessThanOrEqual(500_000);
          }
  });

  test('totals that alone are too many are refused', () => {
    expect(() => fitWindows(axis(5000, 5000), axis(10, 1), 1, 1000)).toThrow(/totals alone/);
  });
});
