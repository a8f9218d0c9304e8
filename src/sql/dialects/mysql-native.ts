import type { ColumnType } from '../../domain/column.ts';
import { param, raw, type Sql, sql } from '../ast.ts';
import type { NativeType } from '../dialect.ts';

const SINGLE: NativeType = { isSingle: true };
const TRUTH: NativeType = { takesTruth: true };
/** Without the number the bits would be read as characters. */
const bits = (length: string): NativeType => ({
  read: (value) => sql`LPAD(BIN(${value} + 0), ${raw(length)}, '0')`,
});

/** By the name that `COLUMN_TYPE` or the protocol gives. */
export function nativeType(name: string): NativeType | undefined {
  if (/^float\b/.test(name)) return SINGLE;
  if (/^tinyint\(1\)/.test(name)) return TRUTH;
  const length = /^bit\((\d+)\)$/.exec(name)?.[1];
  return length === undefined || length === '1' ? undefined : bits(length);
}

const DAY = String.raw`\d{4}-\d{2}-\d{2}`;
const CLOCK = String.raw`\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?`;
const UNCOMMON: Readonly<Partial<Record<ColumnType, readonly [form: RegExp, type: string]>>> = {
  date: [new RegExp(`^${DAY}$`), 'DATE'],
  timestamp: [new RegExp(`^${DAY}T${CLOCK}$`), 'DATETIME(6)'],
  timestamptz: [new RegExp(`^${DAY}T${CLOCK}Z$`), 'DATETIME(6)'],
  time: [/^-?\d{2,3}:[0-5]\d:[0-5]\d(?:\.\d{1,6})?$/, 'TIME(6)'],
};
/** Month or day may be zero; the session lets such dates pass. */
const PART_ZERO = /^0000-|-00/;

const MAX_DIGITS = 65;
const MAX_BEHIND = 30;

function wideDecimal(text: string): Sql | undefined {
  const [, whole, behind = ''] = /^-?0*(\d*)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined || text === '') return undefined;
  const digits = Math.max(1, whole.length + behind.length);
  if (digits > MAX_DIGITS || behind.length > MAX_BEHIND) return undefined;
  return sql`CAST(${param(text)} AS DECIMAL(${raw(String(digits))}, ${raw(String(behind.length))}))`;
}

/** Numbers of more digits than other engines have, dates with a zero in them, and times past a day or below zero. */
export function uncommon(type: ColumnType, text: string): Sql | undefined {
  if (type === 'decimal') return wideDecimal(text);
  const [form, name] = UNCOMMON[type] ?? [];
  if (!form?.test(text) || (type !== 'time' && !PART_ZERO.test(text.slice(0, 10)))) return undefined;
  return sql`CAST(${param(text.replace(/Z$/, '').replace('T', ' '))} AS ${raw(name!)})`;
}
