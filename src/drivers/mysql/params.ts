import { TypedParameter } from 'mysql2';
import type { Param } from '../../domain/statement.ts';

const INT8_MAX = 2n ** 63n;

/** Numbers are bound as the exact type that holds them; the library by itself would bind each as a double. */
function bound(value: Param): unknown {
  if (typeof value === 'boolean') return TypedParameter.TINY(value ? 1 : 0);
  if (typeof value === 'bigint') {
    if (value < INT8_MAX && value >= -INT8_MAX) return TypedParameter.LONGLONG(value);
    return TypedParameter.NEWDECIMAL(String(value));
  }
  if (typeof value !== 'number') return value;
  if (Number.isSafeInteger(value)) return TypedParameter.LONGLONG(value);
  const text = String(value);
  return /^-?[\d.]+$/.test(text) ? TypedParameter.NEWDECIMAL(text) : TypedParameter.DOUBLE(value);
}

export const boundParams = (params: readonly Param[]): unknown[] => params.map(bound);
