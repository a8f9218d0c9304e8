import { expect, test } from 'bun:test';
import { fold, MONTHS } from '../../../src/lake/month-names.ts';

const LANGUAGES = 'en de fr es it pt nl pl tr ru cs sk sv da nb fi ro hu uk el'.split(' ');

/** Names as the engine's own data has them, alone and in a date. */
function namesOf(language: string, month: number, width: 'long' | 'short'): string[] {
  const date = new Date(Date.UTC(2024, month - 1, 15));
  const alone = new Intl.DateTimeFormat(language, { month: width, timeZone: 'UTC' }).format(date);
  const parts = new Intl.DateTimeFormat(language, { month: width, day: 'numeric', timeZone: 'UTC' });
  const inDate = parts.formatToParts(date).find(({ type }) => type === 'month')?.value ?? '';
  return [alone, inDate].filter((name) => !/^\d/.test(name));
}

test.each(LANGUAGES)('the months of %s in every width and case', (language) => {
  let names = 0;
  for (let month = 1; month <= 12; month++)
    for (const width of ['long', 'short'] as const)
      for (const name of namesOf(language, month, width)) {
        names++;
        for (const written of [name, name.toLocaleUpperCase(language), name.replace(/\.$/, '')])
          expect([written, MONTHS.get(fold(written).replace(/\.$/, ''))]).toEqual([written, month]);
      }
  expect(names).toBeGreaterThanOrEqual(36);
});

test('words that begin two months are none', () => {
  for (const word of ['ju', 'jui', 'ma', 'giug', 'luglioo', 'x'])
    expect(MONTHS.has(word)).toBe(word === 'giug');
});
