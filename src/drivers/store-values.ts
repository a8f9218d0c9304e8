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

/** The shortest number that is this single-precision float, as a server prints it. */
export function shortFloat(value: unknown): number {
  const number = Number(value);
  for (let digits = 6; digits <= 9; digits++) {
    const short = Number(number.toPrecision(digits));
    if (Math.fround(short) === number) return short;
  }
  return number;
}

/** A single-precision float that was widened on its way. */
export const storeSingle: Store<number | string> = (value, into, at) => {
  into.numbers[at] = shortFloat(value);
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

const MINUS = 45;
const POINT = 46;
const ZERO = 48;

/** A whole number in decimal text, read without making other text. */
export const storeIntegerText: Store<string> = (value, into, at) => {
  const { length } = value;
  if (length > SAFE_DIGITS) return storeInteger(value, into, at);
  const isNegative = value.charCodeAt(0) === MINUS;
  let number = 0;
  for (let i = isNegative ? 1 : 0; i < length; i++) {
    const digit = value.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return storeInteger(value, into, at);
    number = number * 10 + digit;
  }
  into.numbers[at] = isNegative ? -number : number;
  into.states[at] = NUMBER;
};

/** `value × 10^digits behind the point`, and those digits; NaN where it is too long or no plain decimal. */
function readDecimal(value: string): { scaled: number; digits: number } {
  const { length } = value;
  const start = value.charCodeAt(0) === MINUS ? 1 : 0;
  let number = 0;
  let point = -1;
  if (length - start > SAFE_DIGITS + 2) return { scaled: Number.NaN, digits: digitsBehind(value) };
  for (let i = start; i < length; i++) {
    const code = value.charCodeAt(i);
    if (code === POINT) point = i;
    else if (code >= ZERO && code <= ZERO + 9) number = number * 10 + (code - ZERO);
    else return { scaled: Number.NaN, digits: NOT_PLAIN };
  }
  return { scaled: start === 1 ? -number : number, digits: point < 0 ? 0 : length - point - 1 };
}

const NOT_PLAIN = -1;
const PLAIN = /^-?\d*\.?\d+$/;

function digitsBehind(value: string): number {
  if (!PLAIN.test(value)) return NOT_PLAIN;
  const point = value.indexOf('.');
  return point < 0 ? 0 : value.length - point - 1;
}

const POWERS = Array.from({ length: SAFE_DIGITS + 1 }, (_, i) => 10 ** i);

/**
 * Decimals as plain text. The column's scale, where nobody said it, is that of its first value; a value with fewer digits after the
 * point is the same number with zeros behind it, and one with more keeps all its digits as text, as do NaN and the infinities.
 */
export function decimalStore(scale: number | undefined): Store<string> {
  let isDecided = scale !== undefined;
  return (value, into, at) => {
    const { scaled, digits } = readDecimal(value);
    if (!isDecided && digits !== NOT_PLAIN) {
      into.scale = digits;
      isDecided = true;
    }
    const missing = into.scale - digits;
    if (digits === NOT_PLAIN || missing < 0) {
      storeText(value, into, at);
      return;
    }
    const number = missing <= SAFE_DIGITS ? scaled * POWERS[missing]! : Number.NaN;
    if (Number.isSafeInteger(number)) {
      into.numbers[at] = number;
      into.states[at] = NUMBER;
    } else storeText(missing > 0 ? padded(value, digits, missing) : value, into, at);
  };
}

const padded = (value: string, digits: number, missing: number) =>
  `${value}${digits === 0 && !value.includes('.') ? '.' : ''}${'0'.repeat(missing)}`;

/** Binary values are known by their length only. */
export const bytesText = (count: number) => `${count} bytes`;
