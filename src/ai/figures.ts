import { AMBIGUOUS, anyOfWords, PERCENTS, SCALES } from './figure-words.ts';
import { plainDigits } from './plain-digits.ts';

/** A number that stands in a text, and whether it is among those that it may come from. */
export interface Figure {
  text: string;
  /** Where it stands, in UTF-16 units. */
  start: number;
  end: number;
  found: boolean;
}

const SPACE = '[ \\u00a0\\u202f\\u2009]';
const DATE =
  '\\d{4}-\\d{1,2}(?:-\\d{1,2})?(?!\\d)|\\d{4}[/.]\\d{1,2}[/.]\\d{1,2}(?!\\d)|\\d{1,2}(?<part>[./-])\\d{1,2}\\k<part>\\d{4}(?!\\d)';
const PLACE =
  '(?<=(?:#|№|第|\\b(?:no|nr)\\.? ?))\\d{1,6}(?![\\d.,%])|\\d{1,6}(?:(?:st|nd|rd|th|er|re|ère|e|ème|º|ª)(?![\\p{L}\\p{M}\\p{N}])|[位위])|(?<=^[ \\t]*)\\d{1,3}[.)](?=\\s)';
const DIGITS = `(?:\\d{1,3}(?:[.,’']\\d{3}|${SPACE}\\d{3}(?!\\d))+|\\d{1,2}(?:,\\d{2})+,\\d{3}|\\d+)(?:[.,]\\d+)?(?:e[+-]?\\d{1,3}(?![\\p{L}\\p{N}]))?`;
const NUMBER = `(?:(?<![\\p{L}\\p{N}%)])[-–]\\p{Sc}?)?(?:%${SPACE}?)?${DIGITS}(?:(?:${SPACE})?(?:${anyOfWords()}))?`;
const FIGURE = new RegExp(`(?<date>(?<!\\d)(?:${DATE}))|(?<place>${PLACE})|${NUMBER}`, 'gimu');

/** Digits and signs of every script as ASCII has them, each at its place. */
const plain = (text: string) =>
  plainDigits(text).replace(/[٬٫٪−]/g, (sign) => ({ '٬': ',', '٫': '.', '٪': '%' })[sign] ?? '-');

interface Reading {
  value: number;
  /** Half a unit of the last digit that is shown. */
  tolerance: number;
  isPercent: boolean;
}

/** Digits with a comma or point as a number: before groups of three it may part thousands, before any it may part decimals. */
function formsOf(digits: string): string[] {
  const forms: string[] = [];
  if (/^(?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})*,\d{3}|\d+)(?:\.\d+)?(?:e|$)/i.test(digits))
    forms.push(digits.replaceAll(',', ''));
  if (/^(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+,\d+)(?:e|$)/i.test(digits))
    forms.push(digits.replaceAll('.', '').replace(',', '.'));
  return forms;
}

/** What a figure may mean. */
function readingsOf(figure: string): Reading[] {
  const [, sign = '', before, digits = '', gap, after = ''] =
    /^([-–]?)\p{Sc}?(%\s?)?((?:\d|[.,’'\s](?=\d)|e(?=[+-]?\d)|(?<=e)[+-])+)(\s?)(.*)$/iu.exec(figure) ?? [];
  const unit = after.toLowerCase();
  const isPercent = before !== undefined || PERCENTS.has(unit);
  const scale = SCALES.get(unit) ?? 1;
  const scales = gap && AMBIGUOUS.has(unit) ? [scale, 1] : [scale];
  return formsOf(digits.replace(/[\s’']/g, '')).flatMap((form) => {
    const [mantissa = '', exponent = '0'] = form.toLowerCase().split('e');
    const behind = mantissa.split('.')[1]?.length ?? 0;
    const value = Number(form) * (sign === '' ? 1 : -1);
    const unitOfLast = 10 ** (Number(exponent) - behind);
    return scales.map((by) => ({ value: value * by, tolerance: (unitOfLast / 2) * by, isPercent }));
  });
}

/** Numbers in order, so that one near another is found in few steps. */
class Known {
  readonly #sorted: Float64Array;

  constructor(numbers: readonly number[]) {
    this.#sorted = Float64Array.from(numbers).sort();
  }

  /** Whether one is as near as that. */
  has(number: number, tolerance: number): boolean {
    const reach = Math.max(tolerance * (1 + 1e-9), Math.abs(number) * 1e-12);
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle]! < number - reach) low = middle + 1;
      else high = middle;
    }
    return low < this.#sorted.length && this.#sorted[low]! <= number + reach;
  }
}

/** A fall may be told without its sign; a rise may not be told as a fall. */
function matches({ value, tolerance, isPercent }: Reading, known: Known): boolean {
  const isOne = (by: number) =>
    known.has(value / by, tolerance / by) || (value > 0 && known.has(-value / by, tolerance / by));
  return isOne(1) || (isPercent && isOne(100));
}

/** Numbers in a value of an answer: a number, a decimal in text, the parts of a date with its quarter. */
export function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'string') return [];
  if (/^-?\d+(?:\.\d+)?$/.test(value)) return [Number(value)];
  if (!/\p{Nd}/u.test(value)) return [];
  const text = plain(value);
  const [, month] = /^\d{4}-(\d{2})/.exec(text) ?? [];
  const quarter = month === undefined ? [] : [Math.ceil(Number(month) / 3)];
  return [...text.matchAll(/\d+(?:\.\d+)?/g)].map(([digits]) => Number(digits)).concat(quarter);
}

const partsOf = (date: string) => date.split(/\D/).map(Number);

/**
 * Every figure of `text`, marked as found where it is one of `known` as rounded as the text shows it, or stands in `given` (the question, names)
 * too; a date where all of its parts are; a place in an order where it is among the first `places`. A figure that is not found was made up, or
 * computed by the model.
 */
export function checkFigures(
  text: string,
  known: readonly number[],
  given: string,
  places: number,
): Figure[] {
  const asked = [...plain(given).matchAll(FIGURE)].flatMap(({ 0: match, groups }) =>
    groups?.date ? partsOf(match) : readingsOf(match).map(({ value }) => value),
  );
  const all = new Known(known.concat(asked));
  const isFound = (match: string, { date, place }: Record<string, string | undefined>) => {
    if (date !== undefined) return partsOf(match).every((part) => all.has(part, 0));
    if (place === undefined) return readingsOf(match).some((reading) => matches(reading, all));
    const number = Number.parseInt(match, 10);
    return (number >= 1 && number <= places) || all.has(number, 0);
  };
  return [...plain(text).matchAll(FIGURE)].map(({ 0: match, index, groups = {} }) => ({
    text: text.slice(index, index + match.length),
    start: index,
    end: index + match.length,
    found: isFound(match, groups),
  }));
}
