import type { Column, ColumnType } from '../../domain/column.ts';
import { type ColumnData, fixed, NUMBER, type Physical, physicalOf, TEXT } from '../../domain/column-data.ts';

/*
 * How a decoded value is put into a column: one function a pair of (what the server sends, how the column holds it), chosen before
 * the first row. The two differ where the caller knows the type better, such as a decimal that a statement of ours returns as text.
 */

/** An exact number times 10^scale: a number up to 2^53, a bigint beyond. */
export type Scaled = number | bigint;
export type Store<T> = (value: T, into: ColumnData, at: number) => void;

function putNumber(value: number, into: ColumnData, at: number): void {
  into.numbers[at] = value;
  into.states[at] = NUMBER;
}

function putText(value: string, into: ColumnData, at: number): void {
  into.texts[at] = value;
  into.states[at] = TEXT;
}

export function storeScaled(type: ColumnType, scale: number): Store<Scaled> {
  const divisor = 10 ** scale;
  const stores: Record<Physical, Store<Scaled>> = {
    whole: (value, into, at) => {
      if (typeof value === 'number') putNumber(value, into, at);
      else putText(fixed(value, scale), into, at);
    },
    float: (value, into, at) =>
      putNumber(
        typeof value === 'number' && scale <= 22 ? value / divisor : Number(fixed(BigInt(value), scale)),
        into,
        at,
      ),
    boolean: (value, into, at) => putNumber(value ? 1 : 0, into, at),
    text: (value, into, at) => putText(fixed(BigInt(value), scale), into, at),
  };
  return stores[physicalOf(type)];
}

export function storeFloat(type: ColumnType): Store<number> {
  const stores: Record<Physical, Store<number>> = {
    whole: (value, into, at) => {
      if (Number.isSafeInteger(value)) putNumber(value, into, at);
      else putText(Number.isInteger(value) ? BigInt(value).toString() : String(value), into, at);
    },
    float: putNumber,
    boolean: (value, into, at) => putNumber(value ? 1 : 0, into, at),
    text: (value, into, at) => putText(String(value), into, at),
  };
  return stores[physicalOf(type)];
}

const SAFE_DIGITS = 15;

/** Decimal text as a whole number; its digits after the point are the column's scale from the first value on. */
function wholeFromText(): Store<string> {
  let scale = -1;
  return (value, into, at) => {
    const point = value.indexOf('.');
    const digits = point < 0 ? 0 : value.length - point - 1;
    if (scale < 0) {
      scale = digits;
      into.scale = digits;
    }
    if (digits !== scale) return putText(value, into, at);
    const text = point < 0 ? value : value.slice(0, point) + value.slice(point + 1);
    if (text.length <= SAFE_DIGITS) return putNumber(Number(text), into, at);
    const whole = BigInt(text);
    if (BigInt.asIntN(54, whole) === whole) putNumber(Number(whole), into, at);
    else putText(fixed(whole, scale), into, at);
  };
}

export function storeText(type: ColumnType): Store<string> {
  const stores: Record<Physical, () => Store<string>> = {
    whole: wholeFromText,
    float: () => (value, into, at) => putNumber(Number(value), into, at),
    boolean: () => (value, into, at) =>
      putNumber(value === '1' || value.toLowerCase() === 'true' ? 1 : 0, into, at),
    text: () => putText,
  };
  return stores[physicalOf(type)]();
}

const DATE_LENGTH = 10;

/** Date, wall clock or instant as text; a date is all that a date column takes of it. */
export function storeMoment(type: ColumnType): Store<string> {
  const store = storeText(type);
  return type === 'date' ? (value, into, at) => store(value.slice(0, DATE_LENGTH), into, at) : store;
}

/** A column with its place in the answer. */
export const scaleOf = ({ type, scale }: Column) => (physicalOf(type) === 'whole' ? (scale ?? 0) : 0);
