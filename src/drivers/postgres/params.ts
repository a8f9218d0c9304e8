import type { Param } from '../../domain/statement.ts';

const BOOL = 16;
const INT8 = 20;
const INT4 = 23;
const FLOAT8 = 701;
const NUMERIC = 1700;
const UNKNOWN = 0;

const INT4_MAX = 2 ** 31;
const INT8_MAX = 2n ** 63n;

function typeOf(value: Exclude<Param, null>): number {
  if (typeof value === 'boolean') return BOOL;
  if (typeof value === 'string') return UNKNOWN;
  if (typeof value === 'bigint') return value < INT8_MAX && value >= -INT8_MAX ? INT8 : NUMERIC;
  if (!Number.isFinite(value)) return FLOAT8;
  if (!Number.isSafeInteger(value)) return NUMERIC;
  return value < INT4_MAX && value >= -INT4_MAX ? INT4 : INT8;
}

/**
 * Numbers have the smallest type that holds them exactly; text has none, so that the server takes it for what the place asks for.
 */
export function typedParams(
  params: readonly Param[],
  typed: (value: string, type: number) => unknown,
): never[] {
  return params.map((value) => (value === null ? null : typed(String(value), typeOf(value)))) as never[];
}
