import type { ColumnType } from '../../domain/column.ts';
import type { Cursor } from './cursor.ts';
import { fault } from './place.ts';
import type { Target } from './tree.ts';

const TYPES: Readonly<Record<string, ColumnType>> = {
  text: 'text',
  varchar: 'text',
  integer: 'integer',
  int: 'integer',
  bigint: 'integer',
  decimal: 'decimal',
  numeric: 'decimal',
  float: 'float',
  double: 'float',
  boolean: 'boolean',
  bool: 'boolean',
  date: 'date',
  time: 'time',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
  uuid: 'uuid',
};

const MAX_DIGITS = 38;
const MAX_SCALE = 18;
/** What `decimal` without digits means. */
const DEFAULT_DIGITS = { precision: MAX_DIGITS, scale: 6 };

/** The type after `as` or `::`. */
export function parseTarget(cursor: Cursor): Target {
  const { token } = cursor;
  const name = token.kind === 'word' ? token.value.toLowerCase() : '';
  const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  if (type === undefined) throw cursor.unexpected(`a type: ${Object.keys(TYPES).join(', ')}`);
  cursor.take();
  if (name === 'double') cursor.skip('precision');
  if (type !== 'decimal') return { type };
  if (!cursor.skip('(')) return { type, ...DEFAULT_DIGITS };
  const precision = digits(cursor, 1, MAX_DIGITS);
  const scale = cursor.skip(',') ? digits(cursor, 0, Math.min(precision, MAX_SCALE)) : 0;
  cursor.need(')');
  return { type, precision, scale };
}

function digits(cursor: Cursor, min: number, max: number): number {
  const { kind, value, at } = cursor.token;
  if (kind !== 'number' || !/^\d+$/.test(value)) throw cursor.unexpected('a number of digits');
  if (Number(value) < min || Number(value) > max)
    throw fault('query.syntax', at, `The number of digits must be from ${min} to ${max}`, cursor.place);
  cursor.take();
  return Number(value);
}
