import type { ColumnType } from '../../domain/column.ts';
import { type ColumnData, fixed, NUMBER, type Physical, physicalOf } from '../../domain/column-data.ts';
import { decimalStore, storeText as putText, type Store } from '../store-values.ts';

/*
 * How a decoded value is put into a column: one function a pair of (what the server sends, how the column holds it), chosen before
 * the first row. The two differ where the caller knows the type better, such as a decimal that a statement of ours returns as text.
 */

/** An exact number times 10^scale: a number up to 2^53, a bigint beyond. */
export type Scaled = number | bigint;
export type { Store };

function putNumber(value: number, into: ColumnData, at: number): void {
  into.numbers[at] = value;
  into.states[at] = NUMBER;
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

/** `scale`: the digits after the point that the caller knows of. */
export function storeText(type: ColumnType, scale?: number): Store<string> {
  const stores: Record<Physical, () => Store<string>> = {
    whole: () => decimalStore(scale),
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
