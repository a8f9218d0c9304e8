import { type ColumnType, isNumeric } from '../../domain/column.ts';
import { raw, type Sql } from '../ast.ts';
import { type Context, textSql, typeFault, type Value } from './value.ts';

/** A call of a function with its checked number of arguments. */
export interface Call {
  readonly name: string;
  readonly args: readonly Value[];
  readonly at: number;
  readonly context: Context;
}

export interface FunctionRule {
  /** How it is called, for people. */
  readonly usage: string;
  readonly min: number;
  readonly max: number;
  build(call: Call): Value;
}

export const callFault = (
  { name, at, context }: Call,
  detail: string,
  params: Record<string, unknown> = {},
) => typeFault(at, `${name} ${detail}`, context, { function: name, ...params });

const ORDINALS = ['first', 'second', 'third', 'fourth'];
const nth = (index: number) => `its ${ORDINALS[index] ?? `${index + 1}th`} argument`;

const wrong = (call: Call, index: number, wanted: string) =>
  callFault(call, `takes ${wanted} as ${nth(index)}, not ${call.args[index]!.type}`, {
    type: call.args[index]!.type,
  });

/** A number; null is one of the given type. */
export function numberAt(call: Call, index: number, ifNull: 'integer' | 'float' = 'integer'): Value {
  const value = call.args[index]!;
  if (value.type === 'null') return { type: ifNull, sql: call.context.spell.typedNull(ifNull) };
  if (!isNumeric(value.type)) throw wrong(call, index, 'a number');
  return value;
}

export function floatAt(call: Call, index: number): Sql {
  const { type, sql } = numberAt(call, index, 'float');
  return type === 'float' ? sql : call.context.spell.numbers.float(sql);
}

/** Text as functions take it. */
export function textAt(call: Call, index: number): Sql {
  const value = call.args[index]!;
  const { spell } = call.context;
  if (value.type === 'null') return spell.texts.text(spell.typedNull('text'));
  if (value.type !== 'text') throw wrong(call, index, 'text');
  return textSql(value, call.context);
}

/** An integer as functions take it. */
export function countAt(call: Call, index: number): Sql {
  const { type, sql, count } = numberAt(call, index);
  if (type !== 'integer') throw wrong(call, index, 'an integer');
  return count === undefined ? call.context.spell.numbers.count(sql) : raw(String(count));
}

/** A whole number that is written out. */
export function writtenCount(call: Call, index: number, min: number, max: number): number {
  const { count } = call.args[index]!;
  if (count === undefined || count < min || count > max)
    throw callFault(call, `takes a written number from ${min} to ${max} as ${nth(index)}`);
  return count;
}

/** A text that is written out. */
export function writtenText(call: Call, index: number): string {
  const { literal } = call.args[index]!;
  if (literal === undefined) throw callFault(call, `takes a written text as ${nth(index)}`);
  return literal;
}

/** A date or time of one of the types; a text literal is none. */
export function temporalAt<T extends ColumnType>(
  call: Call,
  index: number,
  types: readonly T[],
): Value & { type: T } {
  const value = call.args[index]!;
  const type = value.type === 'null' ? types[0]! : value.type;
  if (!(types as readonly string[]).includes(type))
    throw wrong(call, index, `one of the types ${types.join(', ')}`);
  const sql = value.type === 'null' ? call.context.spell.typedNull(type as ColumnType) : value.sql;
  return { ...value, type: type as T, sql };
}

export const textOf = (sql: Sql): Value => ({ type: 'text', sql, isPrepared: true });
export const integerOf = (sql: Sql): Value => ({ type: 'integer', sql });
export const floatOf = (sql: Sql): Value => ({ type: 'float', sql });
