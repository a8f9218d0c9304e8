import { describe, expect, test } from 'bun:test';
import { checkFigures, numbersIn } from '../../../src/ai/figures.ts';

const KNOWN = [1234567.891, 0.4567, -42, 7, 2024, 3, -0.055, 1.26e9, 15];
const PLACES = 4;
const found = (text: string, given = '') =>
  checkFigures(text, KNOWN, given, PLACES).map((figure) => [figure.text, figure.found]);

describe('figures that are in the result, as the text rounds them', () => {
  test.each([
    'It is 1234567.891.',
    'It is 1,234,567.89.',
    'Es sind 1.234.567,9.',
    "C'est 1 234 568.",
    'About 1.2 million',
    'About 1.23M',
    'About 1235k',
    'A share of 45.67%',
    'A share of 46 %',
    'A share of 45.7 percent',
    'It fell by 42',
    'a change of -42',
    'a change of −42',
    'in 2024',
    'in 7 regions',
    'C’est 1\u202f234\u202f568.',
    '1\u00a0234\u00a0567,9 €',
    "1'234'567.9 Franken",
    '12,34,567.89 rupees',
    '١٬٢٣٤٬٥٦٧٫٨٩',
    '१२३४५६८',
    '１２３４５６８',
    '1,23 Mio. Stück',
    '1,26 Mrd. Euro',
    '1,3 milliard',
    '1.26B',
    '1,26 млрд',
    '1,26 mil millones',
    '12.6億円',
    '12.35 lakh',
    '1.23e6',
    '45,67 %',
    '46 Prozent',
    '46 pour cent',
    '%46',
    '٤٦٪',
    'a ratio of -5.5 %',
    'it fell by 5.5 %',
    '−€42',
    'on 2024-03-15',
    'am 15.03.2024',
    'on 3/15/2024',
    'since 2024-03',
    'the 3rd region',
    '4. France',
    '#2 of all',
    'le 1er',
    '第3',
    '7 m of cloth',
  ])('%p', (text) => {
    const figures = checkFigures(text, KNOWN, '', PLACES);
    expect(figures).toHaveLength(1);
    expect(figures[0]!.found).toBe(true);
    expect(text.slice(figures[0]!.start, figures[0]!.end)).toBe(figures[0]!.text);
  });
});

describe('figures that are not', () => {
  test.each([
    'It is 1,234,568.1',
    'About 1.3 million',
    'A share of 47%',
    'in 2025',
    '8 regions',
    'a change of -43',
    '1234567.8',
    '1,5 Mio.',
    '7M',
    '1.26 million',
    '１２３',
    '٩٩',
    'a ratio of 4.5 %',
    'a rise of -7',
    'a ratio of −45.67 %',
    'on 2024-03-16',
    'am 16.03.2024',
    'the 5th region',
    '5. France',
  ])('%p', (text) => {
    expect(found(text)).toEqual([[expect.any(String), false]]);
  });
});

test('what was asked with may be said again', () => {
  expect(found('The top 10 above 500', 'top 10 with more than 500?')).toEqual([
    ['10', true],
    ['500', true],
  ]);
  expect(found('The top 11', 'top 10?')).toEqual([['11', false]]);
});

test('a text without figures has none', () => {
  expect(found('Nothing changed.')).toEqual([]);
});

test('numbers of values', () => {
  expect([12, '12.50', '2024-03-15', 'Q4', null, true, 'x'].flatMap(numbersIn)).toEqual([
    12, 12.5, 2024, 3, 15, 1, 4,
  ]);
});

test('many figures are not much more work than one, however large the result', () => {
  const known = Array.from({ length: 100_000 }, (_, i) => i * 1.5);
  const madeUp = (count: number) =>
    Array.from({ length: count }, (_, i) => `${(i + 1) * 1_000_003}7`).join(', ');
  const leastMs = (count: number) => {
    const text = madeUp(count);
    const times = [1, 2, 3].map(() => {
      const started = performance.now();
      expect(checkFigures(text, known, '', 0).filter(({ found }) => found)).toEqual([]);
      return performance.now() - started;
    });
    return Math.min(...times);
  };
  expect(leastMs(300) / leastMs(1)).toBeLessThan(30);
});
