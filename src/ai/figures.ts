/** A number that stands in a text, and whether it is among those that it may come from. */
export interface Figure {
  text: string;
  /** Where it stands, in UTF-16 units. */
  start: number;
  end: number;
  found: boolean;
}

const NUMBER =
  /[-−]?(?:\d{1,3}(?:[.,  ’']\d{3})+|\d+)(?:[.,]\d+)?(?:\s?(?:%|percent\b|k\b|thousand\b|m\b|mn\b|million\b|bn\b|billion\b))?/giu;
const SCALES: Readonly<Record<string, number>> = {
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  mn: 1e6,
  million: 1e6,
  bn: 1e9,
  billion: 1e9,
};

interface Reading {
  value: number;
  /** Half a unit of the last digit that is shown. */
  tolerance: number;
  isPercent: boolean;
}

/** What a figure may mean: a comma, or a point before three digits, is read both ways. */
function readingsOf(text: string): Reading[] {
  const [, digits = '', unit = ''] = /^([-−\d.,\s’']*\d)\s?(\D*)$/u.exec(text) ?? [];
  const plain = digits.replace(/−/g, '-').replace(/[\s’']/g, '');
  const forms = new Set([plain.replaceAll(',', ''), plain.replaceAll('.', '').replace(',', '.')]);
  const scale = SCALES[unit.toLowerCase()] ?? 1;
  return [...forms]
    .filter((form) => /^-?\d+(?:\.\d+)?$/.test(form))
    .map((form) => {
      const behind = form.split('.')[1]?.length ?? 0;
      return {
        value: Number(form) * scale,
        tolerance: 0.5 * 10 ** -behind * scale,
        isPercent: /%|percent/i.test(unit),
      };
    });
}

const isNear = (shown: number, known: number, tolerance: number) =>
  Math.abs(shown - known) <= tolerance * (1 + 1e-9) || Math.abs(shown - known) <= Math.abs(known) * 1e-12;

function matches({ value, tolerance, isPercent }: Reading, known: readonly number[]): boolean {
  return known.some(
    (one) =>
      isNear(value, one, tolerance) ||
      isNear(value, Math.abs(one), tolerance) ||
      (isPercent && isNear(value, Math.abs(one) * 100, tolerance)),
  );
}

/** Numbers in a value of an answer: a number, a decimal in text, the parts of a date. */
export function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'string') return [];
  if (/^-?\d+(?:\.\d+)?$/.test(value)) return [Number(value)];
  return [...value.matchAll(/\d+(?:\.\d+)?/g)].map(([digits]) => Number(digits));
}

/**
 * Every figure of `text`, marked as found where it is one of `known` as rounded as the text shows it, or stands in `given` (the question, names)
 * too. A figure that is not found was made up, or computed by the model.
 */
export function checkFigures(text: string, known: readonly number[], given: string): Figure[] {
  const asked = [...given.matchAll(NUMBER)].flatMap(([match]) => readingsOf(match).map(({ value }) => value));
  const all = [...known, ...asked];
  return [...text.matchAll(NUMBER)].map((match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
    found: readingsOf(match[0]).some((reading) => matches(reading, all)),
  }));
}
