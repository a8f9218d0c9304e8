import { join, raw, type Sql, sql } from '../ast.ts';
import type { Comparison, NodeOf } from './tree.ts';
import { adapt, type CommonType, type Context, commonType, typeFault, type Value } from './value.ts';

const condition = (sql: Sql): Value => ({ type: 'boolean', sql, isCondition: true });

/** Values in the forms by which they are compared, all of one type. */
function comparable(values: readonly Value[], at: number, context: Context): Sql[] {
  const common = commonType(values, at, context);
  if (common.type === 'json' || common.type === 'binary')
    throw typeFault(at, `Values of type ${common.type} are not compared`, context, { type: common.type });
  return values.map((value) => comparedAs(value, common, at, context));
}

function comparedAs(value: Value, common: CommonType, at: number, context: Context): Sql {
  const { canonical } = context.scope.dialect;
  // A column is compared as the datasource says, which its prepared form would not be.
  const raw = common.type === 'text' && value.type === 'text';
  return canonical[common.type](raw ? value.sql : adapt(value, common, at, context));
}

export function compared(sign: Comparison, left: Value, right: Value, at: number, context: Context): Value {
  const [a, b] = comparable([left, right], at, context);
  return condition(sql`(${a!} ${raw(sign)} ${b!})`);
}

export function distinct(
  { negated, at }: NodeOf<'isDistinct'>,
  left: Value,
  right: Value,
  context: Context,
): Value {
  const [a, b] = comparable([left, right], at, context);
  const same = context.spell.isSame(a!, b!);
  return condition(negated ? same : sql`(NOT ${same})`);
}

export function between(
  { negated, at }: NodeOf<'between'>,
  values: readonly [Value, Value, Value],
  context: Context,
): Value {
  const [value, low, high] = comparable(values, at, context);
  return condition(sql`(${value!} ${raw(negated ? 'NOT BETWEEN' : 'BETWEEN')} ${low!} AND ${high!})`);
}

export function among(
  { negated, at }: NodeOf<'in'>,
  value: Value,
  items: readonly Value[],
  context: Context,
): Value {
  const [subject, ...list] = comparable([value, ...items], at, context);
  return condition(sql`(${subject!} ${raw(negated ? 'NOT IN' : 'IN')} (${join(list, ', ')}))`);
}

/** What a `case` with a subject compares: the subject, and what each branch is for. */
export const comparedCase = (
  subject: Value,
  branches: readonly Value[],
  at: number,
  context: Context,
): Sql[] => comparable([subject, ...branches], at, context);
