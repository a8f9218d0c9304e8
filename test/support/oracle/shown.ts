import { decimalText, type OracleColumn, type Value } from './values.ts';
import { dayText, instantText, localText } from './zones.ts';

export type Json = string | number | boolean | null;

export interface Shown {
  zone: string;
  numbers: 'exact' | 'float';
}

const SAFE = 2n ** 53n;

function shownFloat(value: number): Json {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return value === 0 ? 0 : value;
}

/** A value as it stands in a JSON answer. */
export function shown(value: Value, { type, scale = 0 }: OracleColumn, { zone, numbers }: Shown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (type === 'date') return dayText(value as number);
  if (typeof value === 'number') return shownFloat(value);
  if (type === 'timestamp') return localText(value);
  if (type === 'timestamptz') return instantText(value, zone);
  const text = type === 'decimal' ? decimalText(value, scale) : String(value);
  if (numbers === 'float') return Number(text);
  if (type === 'decimal') return text;
  return value < SAFE && value > -SAFE ? Number(value) : text;
}
