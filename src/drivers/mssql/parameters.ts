import { type Request, TYPES } from 'tedious';
import type { DataType } from 'tedious/lib/data-type';
import { AppError } from '../../base/errors.ts';
import type { Param } from '../../domain/statement.ts';

/** One plan serves all texts up to this length; longer ones travel as nvarchar(max). */
const SIZED_TEXT = 4000;
const INT64 = 64;
const MAX_DECIMAL = 10n ** 38n - 1n;
const DECIMAL_BYTES = 16;

/** numeric(38, 0) from a bigint. tedious (20.3.9) makes a JS number of its own numeric's values, which loses digits. */
const WIDE_INTEGER: DataType = {
  ...TYPES.Numeric,
  declaration: () => 'numeric(38, 0)',
  validate: (value: bigint) => value,
  resolvePrecision: () => 38,
  resolveScale: () => 0,
  writeValue(buffer, { value }) {
    const number = value as bigint;
    const bytes = Buffer.alloc(DECIMAL_BYTES);
    const magnitude = number < 0n ? -number : number;
    bytes.writeBigUInt64LE(magnitude & 0xffff_ffff_ffff_ffffn, 0);
    bytes.writeBigUInt64LE(magnitude >> 64n, 8);
    buffer.writeUInt8(DECIMAL_BYTES + 1);
    buffer.writeUInt8(number < 0n ? 0 : 1);
    buffer.writeBuffer(bytes);
  },
};

interface Bound {
  type: DataType;
  value: unknown;
  length?: number;
}

function boundInteger(value: bigint): Bound {
  if (BigInt.asIntN(INT64, value) === value) return { type: TYPES.BigInt, value };
  if (value > MAX_DECIMAL || value < -MAX_DECIMAL)
    throw new AppError('query.type', 'A number has more than the 38 digits that SQL Server can hold');
  return { type: WIDE_INTEGER, value };
}

/** Text goes as nvarchar, whole numbers as bigint or numeric(38, 0), others as float. */
function bound(value: Param): Bound {
  if (value === null) return { type: TYPES.NVarChar, value, length: SIZED_TEXT };
  if (typeof value === 'boolean') return { type: TYPES.Bit, value };
  if (typeof value === 'bigint') return boundInteger(value);
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && !Object.is(value, -0)
      ? boundInteger(BigInt(value))
      : { type: TYPES.Float, value };
  return value.length <= SIZED_TEXT
    ? { type: TYPES.NVarChar, value, length: SIZED_TEXT }
    : { type: TYPES.NVarChar, value };
}

/** Binds the parameters as `@p1`, `@p2` … */
export function bindAll(request: Request, params: readonly Param[]): void {
  for (const [index, value] of params.entries()) {
    const { type, value: given, length } = bound(value);
    request.addParameter(`p${index + 1}`, type, given, length === undefined ? {} : { length });
  }
}

/** What `sp_describe_first_result_set` wants to know of them: `@p1 bigint, @p2 nvarchar(4000)`. */
export function declarations(params: readonly Param[]): string {
  return params
    .map((value, index) => {
      const { type, value: given, length } = bound(value);
      const name = `p${index + 1}`;
      return `@${name} ${type.declaration({ name, type, value: given, output: false, length })}`;
    })
    .join(', ');
}
