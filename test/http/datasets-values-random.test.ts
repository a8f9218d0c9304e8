import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type Lake, startLake } from './datasets-kit.ts';
import { codesOf, load } from './datasets-values-kit.ts';

let lake: Lake;
beforeAll(async () => {
  lake = await startLake();
});
afterAll(() => lake[Symbol.asyncDispose]());

const ROWS = 30;
const FILES = 8;

/** A generator with a seed, so that a failure can be run again. */
class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }
  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
  digits(count: number): string {
    return Array.from({ length: count }, () => this.below(10)).join('');
  }
}

const two = (value: number) => String(value).padStart(2, '0');

interface Moment {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const moment = (random: Random): Moment => ({
  year: 1970 + random.below(75),
  month: 1 + random.below(12),
  day: 1 + random.below(28),
  hour: random.below(24),
  minute: random.below(60),
  second: random.below(60),
});

const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'tr', 'ru'];

function monthName({ month }: Moment, language: string, width: 'long' | 'short'): string {
  const date = new Date(Date.UTC(2024, month - 1, 15));
  const format = new Intl.DateTimeFormat(language, { month: width, day: 'numeric', timeZone: 'UTC' });
  return format.formatToParts(date).find(({ type }) => type === 'month')!.value;
}

interface Column {
  values: string[];
  expected: unknown[];
}

/** How each letter of a format is written. */
function letters(at: Moment, language: string, offset: string): Record<string, string> {
  const ofDay = Math.round((Date.UTC(at.year, at.month - 1, at.day) - Date.UTC(at.year, 0, 1)) / 86_400_000);
  return {
    Y: String(at.year),
    y: two(at.year % 100),
    m: two(at.month),
    d: two(at.day),
    j: String(ofDay + 1).padStart(3, '0'),
    b: monthName(at, language, 'short'),
    B: monthName(at, language, 'long').toUpperCase(),
    H: two(at.hour),
    I: two(at.hour % 12 || 12),
    M: two(at.minute),
    S: two(at.second),
    p: at.hour < 12 ? 'AM' : 'pm',
    z: offset,
  };
}

const minutesOf = (offset: string) =>
  (offset.startsWith('-') ? -1 : 1) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2)));

function isoOf(at: Moment, format: string, offset: string): string {
  const hasTime = /%[HI]/.test(format);
  const date = `${at.year}-${two(at.month)}-${two(at.day)}`;
  if (!hasTime) return date;
  const second = format.includes('%S') ? at.second : 0;
  const wall = `${date}T${two(at.hour)}:${two(at.minute)}:${two(second)}`;
  if (!format.includes('%z')) return wall;
  const instant = new Date(Date.parse(`${wall}Z`) - minutesOf(offset) * 60_000);
  return `${instant.toISOString().slice(0, 19)}Z`;
}

function givenColumn(random: Random): Column & { format: string } {
  const separator = random.of(['/', '-', '.', ' ', '', '_', ' de ']);
  const year = random.of(['%Y', '%y']);
  const month = random.of(separator === '' ? ['%m'] : ['%m', '%b', '%B']);
  const date = random.of([
    ['%d', month, year],
    [month, '%d', year],
    [year, month, '%d'],
    [year, '%j'],
  ]);
  const time = random.of(['', ' %H:%M', 'T%H:%M:%S', ' %I:%M %p', ' %H%M%S', ' %H:%M:%S %z', ' %H.%M%z']);
  const format = date.join(separator) + time;
  const language = random.of(LANGUAGES);
  const values: string[] = [];
  const expected: unknown[] = [];
  for (let i = 0; i < ROWS; i++) {
    const at = { ...moment(random), year: 1970 + random.below(99) };
    if (year === '%y') at.year = Math.min(at.year, 2068);
    const offset = random.of(['+0000', '+02:00', '-0330', '+05:30', '-11:00']);
    const written = letters(at, language, offset);
    values.push(format.replace(/%(.)/g, (_, letter: string) => written[letter]!));
    expected.push(isoOf(at, format, offset));
  }
  return { format, values, expected };
}

function detectedColumn(random: Random, order: 'day' | 'month'): Column {
  const separator = random.of(['/', '-', '.']);
  const [first, second] = order === 'day' ? ['%d', '%m'] : ['%m', '%d'];
  const language = random.of(LANGUAGES);
  const date = random.of([
    `${first}${separator}${second}${separator}%Y`,
    `%Y${random.of(['/', '-', '.'])}%m-%d`.replace(/^(%Y(.)%m)-/, '$1$2'),
    '%d. %B %Y',
    '%d-%b-%Y',
    '%B %d, %Y',
  ]);
  const time = random.of(['', ' %H:%M', ' %H:%M:%S', ' %H:%M:%S %z']);
  const format = date + time;
  const values: string[] = [];
  const expected: unknown[] = [];
  for (let i = 0; i < ROWS; i++) {
    // The first row has no other reading.
    const at = { ...moment(random), ...(i === 0 ? { day: 28 } : {}) };
    const offset = random.of(['+0000', '+02:00', '-0330']);
    const written = letters(at, language, offset);
    values.push(format.replace(/%(.)/g, (_, letter: string) => written[letter]!));
    expected.push(isoOf(at, format, offset));
  }
  return { values, expected };
}

function grouped(digits: string, mark: string, isIndian: boolean): string {
  const pattern = isIndian ? /\B(?=(?:\d\d)*\d{3}$)/g : /\B(?=(?:\d{3})+$)/g;
  return digits.replace(pattern, mark);
}

/** A number column of one style; with the exact text of each value. */
function numberColumn(random: Random, decimal: '.' | ','): Column {
  const mark = random.of(
    decimal === '.' ? ['', ',', "'", '’', '\u202f', 'indian'] : ['', '.', ' ', '\u00a0', '’'],
  );
  const scale = 1 + random.below(9);
  const percent = random.below(4) === 0;
  const currency = percent ? '' : random.of(['', '$', '€', 'CHF', 'kr', '₹']);
  const negative = random.of(['-', 'brackets', 'trailing']);
  const values: string[] = [];
  const expected: unknown[] = [];
  for (let i = 0; i < ROWS; i++) {
    const whole = String(Number(random.digits(1 + random.below(14))));
    // Two groups and a fraction that is no group in the first row, so that the style is never in doubt.
    const digits = i === 0 ? '1234567' : whole;
    const fraction = random.digits(scale);
    const isNegative = random.below(3) === 0 && /[1-9]/.test(digits + fraction);
    const number = `${mark === 'indian' ? grouped(digits, ',', true) : grouped(digits, mark, false)}${decimal}${fraction}`;
    const withCurrency =
      currency === '' ? number : random.of([`${currency}${number}`, `${number} ${currency}`]);
    const plain = percent ? `${withCurrency}%` : withCurrency;
    const signed = { '-': `-${plain}`, brackets: `(${plain})`, trailing: `${plain}-` }[negative]!;
    values.push(isNegative ? signed : plain);
    const shifted = percent ? `${digits}${fraction}`.padStart(scale + 3, '0') : `${digits}${fraction}`;
    const places = percent ? scale + 2 : scale;
    const text = `${BigInt(shifted.slice(0, -places))}.${shifted.slice(-places)}`;
    expected.push(isNegative ? `-${text}` : text);
  }
  return { values, expected };
}

function tsv(columns: readonly Column[]): string {
  const lines = Array.from({ length: ROWS }, (_, i) => columns.map(({ values }) => values[i]).join('\t'));
  return `${columns.map((_, i) => `c${i}`).join('\t')}\n${lines.join('\n')}\n`;
}

const rowsOf = (columns: readonly Column[]) =>
  Array.from({ length: ROWS }, (_, i) => columns.map(({ expected }) => expected[i]));

describe.each(Array.from({ length: FILES }, (_, seed) => seed))('file %d', (seed) => {
  test('dates in formats that are given come back as they went', async () => {
    const random = new Random(seed);
    const columns = Array.from({ length: 6 }, () => givenColumn(random));
    const dateFormats = Object.fromEntries(columns.map(({ format }, i) => [`c${i}`, format]));
    const loaded = await load(lake, tsv(columns), { dateFormats, header: 'true' }, 'a.tsv');
    expect(loaded.answer.body.detail).toBeUndefined();
    expect(loaded.rows).toEqual(rowsOf(columns));
  });

  test('dates in one order come back as they went', async () => {
    const random = new Random(seed + 1000);
    const order = random.of(['day', 'month'] as const);
    const columns = Array.from({ length: 6 }, () => detectedColumn(random, order));
    const loaded = await load(lake, tsv(columns), { header: 'true' }, 'a.tsv');
    expect(loaded.rows).toEqual(rowsOf(columns));
    expect(codesOf(loaded.warnings)).toEqual([]);
  });

  test('numbers with marks come back digit by digit', async () => {
    const random = new Random(seed + 2000);
    const decimal = random.of(['.', ','] as const);
    const columns = Array.from({ length: 6 }, () => numberColumn(random, decimal));
    const numberFormats = ['percent', 'currency', 'accounting', 'trailingMinus', 'grouping'];
    const loaded = await load(lake, tsv(columns), { numberFormats, header: 'true' }, 'a.tsv');
    expect(loaded.rows).toEqual(rowsOf(columns));
    expect(codesOf(loaded.warnings)).toEqual([]);
  });
});
