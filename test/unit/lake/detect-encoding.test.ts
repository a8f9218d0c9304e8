import { describe, expect, test } from 'bun:test';
import iconv from 'iconv-lite';
import { detectEncoding } from '../../../src/lake/encodings/detect.ts';

const LETTERS = Array.from({ length: 26 }, (_, i) => String.fromCharCode(65 + i));
const REGIONS = LETTERS.flatMap((a) => LETTERS.map((b) => a + b));
const CURRENCIES = [
  'USD',
  'EUR',
  'GBP',
  'JPY',
  'PLN',
  'CZK',
  'HUF',
  'RON',
  'RUB',
  'TRY',
  'CHF',
  'SEK',
  'BRL',
];

/** Names of countries, currencies, months and days in a language. */
function namesIn(language: string): string[] {
  const regions = new Intl.DisplayNames([language], { type: 'region', fallback: 'none' });
  const currencies = new Intl.DisplayNames([language], { type: 'currency', fallback: 'none' });
  const names = [
    ...REGIONS.map((code) => regions.of(code)),
    ...CURRENCIES.map((code) => currencies.of(code)),
    ...Array.from({ length: 12 }, (_, i) =>
      new Intl.DateTimeFormat(language, { month: 'long' }).format(new Date(2024, i, 15)),
    ),
    ...Array.from({ length: 7 }, (_, i) =>
      new Intl.DateTimeFormat(language, { weekday: 'long' }).format(new Date(2024, 0, i + 1)),
    ),
  ];
  // The code pages of Romanian have the cedilla.
  return names.filter((name) => name !== undefined).map((name) => name.replace(/ș/g, 'ş').replace(/ț/g, 'ţ'));
}

/** Numbers from 0 to 1, the same in each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

function csvOf(names: readonly string[], rows: number, seed: number): string {
  const next = numbers(seed);
  const lines = Array.from(
    { length: rows },
    () => `${names[Math.floor(next() * names.length)]},${Math.floor(next() * 1000)}`,
  );
  return `name,n\n${lines.join('\n')}\n`;
}

const LANGUAGES: [string, string[]][] = [
  ['el', ['windows-1253', 'ISO-8859-7', 'IBM737']],
  ['tr', ['windows-1254', 'IBM857']],
  ['cs', ['windows-1250', 'ISO-8859-2', 'IBM852']],
  ['sk', ['windows-1250', 'ISO-8859-2']],
  ['pl', ['windows-1250', 'ISO-8859-2', 'IBM852']],
  ['hu', ['windows-1250', 'ISO-8859-2']],
  ['ro', ['windows-1250']],
  ['hr', ['windows-1250', 'ISO-8859-2']],
  ['sl', ['windows-1250']],
  ['lt', ['windows-1257']],
  ['lv', ['windows-1257']],
  ['et', ['windows-1257']],
  ['ru', ['windows-1251', 'KOI8-R', 'IBM866', 'ISO-8859-5', 'maccyrillic']],
  ['uk', ['windows-1251', 'KOI8-U', 'ISO-8859-5']],
  ['bg', ['windows-1251']],
  ['sr', ['windows-1251']],
  ['be', ['windows-1251']],
  ['he', ['windows-1255']],
  ['ar', ['windows-1256']],
  ['th', ['windows-874']],
  ['fr', ['windows-1252', 'ISO-8859-15', 'macintosh', 'IBM850']],
  ['de', ['windows-1252', 'macintosh', 'IBM850']],
  ['es', ['windows-1252', 'macintosh']],
  ['pt', ['windows-1252', 'macintosh']],
  ['sv', ['windows-1252']],
  ['da', ['windows-1252']],
  ['is', ['windows-1252']],
  ['ja', ['Shift_JIS', 'EUC-JP']],
  ['zh', ['GB18030']],
  ['zh-TW', ['Big5']],
  ['ko', ['EUC-KR']],
];

describe('files of 60 and 500 rows', () => {
  test.each(LANGUAGES.flatMap(([language, pages]) => pages.map((page) => [language, page] as const)))(
    '%s in %s',
    (language, page) => {
      const names = namesIn(language);
      expect(names.length).toBeGreaterThan(250);
      for (const rows of [60, 500])
        for (let seed = 1; seed <= 4; seed++) {
          const bytes = iconv.encode(csvOf(names, rows, seed), page);
          const { name, certainty } = detectEncoding(bytes);
          expect(iconv.decode(bytes, name)).toBe(iconv.decode(bytes, page));
          expect(certainty).toBeGreaterThan(0.5);
          expect(certainty).toBeLessThanOrEqual(1);
        }
    },
  );
  test.each(['el', 'ru', 'cs', 'pl', 'tr', 'de'])('%s in capitals', (language) => {
    const [, [page = ''] = []] = LANGUAGES.find(([name]) => name === language)!;
    const names = namesIn(language).map((name) => name.toLocaleUpperCase(language));
    for (let seed = 1; seed <= 4; seed++) {
      const bytes = iconv.encode(csvOf(names, 200, seed), page);
      expect(iconv.decode(bytes, detectEncoding(bytes).name)).toBe(iconv.decode(bytes, page));
    }
  });
});

describe('one word or sign', () => {
  test.each([
    'preis;5 €',
    '5€',
    '€5',
    '£5',
    '£ 5.00',
    '5£',
    '€',
    '£',
    '°',
    '10 m²',
    'm³',
    '20 °C',
    '20°',
    '½ cup',
    '1½',
    '¼',
    'foo – bar',
    '2010–2012',
    '–',
    'a — b',
    'he said “hi”',
    '“hi”',
    '‘x’',
    'it’s',
    '…',
    '5 µm',
    '± 3',
    '© 2020',
    'ACME™',
    'ACME®',
    'N° 5',
    'nº 1',
    '1º',
    '10 000 €',
    '§ 5',
    '3×4',
    '5‰',
    '• item',
    '«oui»',
    'Größe (m²)',
    'price (£)',
    'José',
    'Müller',
    'naïve café',
    'Straße',
    'Smørrebrød',
    'Ångström',
    'El Niño',
    '¿Qué?',
    'São Paulo',
    'perché',
    'città',
    'Île',
    'GRÜN',
    'Guðmundsdóttir',
  ])('%p is windows-1252', (text) => {
    for (const whole of [`a\n${text}\n`, `${text}\n`, `id;a\n1;${text}\n2;x\n`]) {
      const bytes = iconv.encode(whole, 'windows-1252');
      expect(iconv.decode(bytes, detectEncoding(bytes).name)).toBe(whole);
    }
  });
  test.each([
    ['Łódź', 'windows-1250'],
    ['Michał', 'windows-1250'],
    ['Dvořák', 'windows-1250'],
    ['Žižkov', 'windows-1250'],
    ['Yıldız', 'windows-1254'],
    ['Beyoğlu', 'windows-1254'],
    ['Αθήνα', 'windows-1253'],
    ['Москва', 'windows-1251'],
    ['Kėdainiai, Šiauliai', 'windows-1257'],
    ['محمد', 'windows-1256'],
    ['東京都', 'Shift_JIS'],
    ['서울', 'EUC-KR'],
    ['中国北京', 'GB18030'],
  ])('%p in %s', (text, page) => {
    const bytes = iconv.encode(`a\n${text}\n`, page);
    expect(iconv.decode(bytes, detectEncoding(bytes).name)).toBe(`a\n${text}\n`);
  });
});

test('any bytes get an answer', () => {
  const next = numbers(7);
  for (let round = 0; round < 200; round++) {
    const bytes = Buffer.from(
      Array.from({ length: 1 + Math.floor(next() * 300) }, () => Math.floor(next() * 256)),
    );
    const { name, certainty } = detectEncoding(Buffer.concat([bytes, Buffer.from([0xff])]));
    expect(iconv.encodingExists(name)).toBe(true);
    expect(certainty).toBeGreaterThan(0);
  }
});
