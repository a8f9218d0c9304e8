import type { ColumnType } from '../../../src/domain/column.ts';

/**
 * The independent computation shares no code with the service. Its values: integers and decimals are BigInts (decimals times
 * 10^scale), dates days since 1970, timestamps microseconds of the wall clock, instants microseconds of UTC.
 */
export type Value = string | bigint | number | boolean | null;

export interface OracleColumn {
  name: string;
  type: ColumnType;
  scale?: number;
}

export type Row = Readonly<Record<string, Value>>;

export interface OracleTable {
  columns: readonly OracleColumn[];
  rows: readonly Row[];
}

export const DAY_MICROS = 86_400_000_000n;

export function compareText(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** NaN equals itself and is the greatest. */
function compareFloats(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Of two values of one type, neither null. */
export function compareValues(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === 'number' && typeof b === 'number') return compareFloats(a, b);
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  throw new Error(`${typeof a} and ${typeof b} do not compare`);
}

export function compareNullable(
  a: Value,
  b: Value,
  dir: 'asc' | 'desc' = 'asc',
  nulls: 'first' | 'last' = 'last',
): number {
  if (a === null || b === null) {
    const lastIsGreater = Number(a === null) - Number(b === null);
    return nulls === 'last' ? lastIsGreater : -lastIsGreater;
  }
  return dir === 'asc' ? compareValues(a, b) : compareValues(b, a);
}

/** Equal exactly for equal members; null, "" and "null" differ. */
export const keyOf = (value: Value): string =>
  value === null ? 'null' : `${typeof value}:${Object.is(value, -0) ? 0 : String(value)}`;

/** A decimal's text from its whole number. */
export function decimalText(value: bigint, scale: number): string {
  if (scale === 0) return String(value);
  const unit = 10n ** BigInt(scale);
  const magnitude = value < 0n ? -value : value;
  return `${value < 0n ? '-' : ''}${magnitude / unit}.${String(magnitude % unit).padStart(scale, '0')}`;
}

/** A numeric value as the nearest float. */
export function asFloat(value: Value, { type, scale = 0 }: OracleColumn): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'bigint') throw new Error(`${typeof value} is no number`);
  return type === 'decimal' ? Number(decimalText(value, scale)) : Number(value);
}
