import { type ColumnData, NUMBER, TEXT } from '../domain/column-data.ts';

export type Store<V> = (value: V, into: ColumnData, at: number) => void;

const SAFE_DIGITS = 15;

export const storeText: Store<string> = (value, into, at) => {
  into.texts[at] = value;
  into.states[at] = TEXT;
};

export const storeFloat: Store<number | string> = (value, into, at) => {
  into.numbers[at] = Number(value);
  into.states[at] = NUMBER;
};

/** A whole number, as a number where it is safe or as text. */
export const storeInteger: Store<number | string> = (value, into, at) => {
  const number = Number(value);
  if (Number.isSafeInteger(number)) {
    into.numbers[at] = number;
    into.states[at] = NUMBER;
  } else storeText(String(value), into, at);
};

/**
 * Decimals as plain text. The column's scale, where nobody said it, is that of its first value; a value with fewer digits after the
 * point is the same number with zeros behind it, and one with more keeps all its digits as text, as do NaN and the infinities.
 */
export function decimalStore(scale: number | undefined): Store<string> {
  let isDecided = scale !== undefined;
  return (value, into, at) => {
    const point = value.indexOf('.');
    const digits = point < 0 ? 0 : value.length - point - 1;
    if (!isDecided && isPlain(value)) {
      into.scale = digits;
      isDecided = true;
    }
    const missing = into.scale - digits;
    if (missing < 0 || !isPlain(value)) {
      storeText(value, into, at);
      return;
    }
    const whole = point < 0 ? value : value.slice(0, point) + value.slice(point + 1);
    const scaled = missing > 0 ? whole + '0'.repeat(missing) : whole;
    const number = Number(scaled);
    if (scaled.length <= SAFE_DIGITS || Number.isSafeInteger(number)) {
      into.numbers[at] = number;
      into.states[at] = NUMBER;
    } else storeText(missing > 0 ? padded(value, point, missing) : value, into, at);
  };
}

const padded = (value: string, point: number, missing: number) =>
  `${value}${point < 0 ? '.' : ''}${'0'.repeat(missing)}`;

/** Starts with a digit, a minus or a point, and has no exponent. */
function isPlain(value: string): boolean {
  const first = value.charCodeAt(value.charCodeAt(0) === 45 ? 1 : 0);
  return first >= 46 && first <= 57 && !value.includes('e');
}

/** Binary values are known by their length only. */
export const bytesText = (count: number) => `${count} bytes`;
