import { isNumeric, isTemporal } from '../../domain/column.ts';
import { raw, sql } from '../ast.ts';
import type { Arithmetic } from './tree.ts';
import { type Context, MAX_SCALE, scaleOf, typeFault, type Value } from './value.ts';

/** Of null, which takes the type of the other side. */
function typed(value: Value, other: Value, { spell }: Context): Value {
  if (value.type !== 'null') return value;
  const type = other.type === 'null' || !isNumeric(other.type) ? 'integer' : other.type;
  return { type, sql: spell.typedNull(type), ...(type === 'decimal' ? { scale: 0 } : {}) };
}

/** + - * / % of numbers, and of dates and days. Throws `query.type`. */
export function arithmetic(
  sign: Arithmetic,
  given: Value,
  other: Value,
  at: number,
  context: Context,
): Value {
  const left = typed(given, other, context);
  const right = typed(other, given, context);
  if (isTemporal(left.type as 'date') || isTemporal(right.type as 'date'))
    return withDays(sign, left, right, at, context);
  for (const { type } of [left, right])
    if (!isNumeric(type as 'integer'))
      throw typeFault(at, `${sign} takes numbers, not ${type}`, context, { type, operator: sign });
  if (sign === '/') return quotient(left, right, context);
  if (left.type === 'float' || right.type === 'float') return ofFloats(sign, left, right, at, context);
  return exact(sign, left, right, at, context);
}

/** Always a float, and null where the divisor is 0. */
function quotient(left: Value, right: Value, { spell: { numbers } }: Context): Value {
  return { type: 'float', sql: sql`(${numbers.float(left.sql)} / NULLIF(${numbers.float(right.sql)}, 0))` };
}

function ofFloats(sign: Arithmetic, left: Value, right: Value, at: number, context: Context): Value {
  const { numbers } = context.spell;
  if (sign === '%')
    throw typeFault(at, '% takes integers and decimals; cast floats to decimal', context, { type: 'float' });
  return {
    type: 'float',
    sql: sql`(${numbers.float(left.sql)} ${raw(sign)} ${numbers.float(right.sql)})`,
  };
}

function exact(
  sign: Exclude<Arithmetic, '/'>,
  left: Value,
  right: Value,
  at: number,
  context: Context,
): Value {
  const { numbers } = context.spell;
  const [first, second] = [scaleOf(left), scaleOf(right)];
  const isKnown = first !== undefined && second !== undefined;
  if (!isKnown && sign === '%' && numbers.remainderNeedsScale)
    throw typeFault(
      at,
      'How many digits the decimal has behind the point is not known; cast it to decimal(38, 2), say',
      context,
    );
  const isInteger = left.type === 'integer' && right.type === 'integer';
  const type = isInteger ? 'integer' : 'decimal';
  const [a, b] = [left, right].map((side) =>
    side.type === 'integer' ? numbers.operand(side.sql, sign, type) : side.sql,
  );
  const scale = isKnown ? Math.max(first, second) : undefined;
  const calculated = isInteger ? 'integers' : scale;
  if (sign === '+' || sign === '-') return { type, scale, sql: numbers.sum(sign, a!, b!, calculated) };
  if (sign === '%') return { type, scale, sql: numbers.remainder(a!, sql`NULLIF(${b!}, 0)`, calculated) };
  if (isInteger) return { type, sql: numbers.product(a!, b!, 'integers') };
  if (first === undefined || second === undefined)
    return { type, scale: undefined, sql: numbers.product(a!, b!, undefined) };
  if (first + second > MAX_SCALE)
    throw typeFault(
      at,
      `The product would have ${first + second} digits behind the point, of at most ${MAX_SCALE}; round a factor first`,
      context,
    );
  return { type, scale: first + second, sql: numbers.product(a!, b!, [first, second]) };
}

/** date + days, date - days, date - date. */
function withDays(sign: Arithmetic, left: Value, right: Value, at: number, context: Context): Value {
  const { numbers, times } = context.spell;
  if (sign === '-' && left.type === 'date' && right.type === 'date')
    return { type: 'integer', sql: times.daysBetween(right.sql, left.sql) };
  const [date, days] = sign === '+' && right.type === 'date' ? [right, left] : [left, right];
  if ((sign === '+' || sign === '-') && date.type === 'date' && days.type === 'integer') {
    const count = sign === '-' ? sql`(- ${numbers.count(days.sql)})` : numbers.count(days.sql);
    return { type: 'date', sql: times.moved(date.sql, count, 'day', 'date') };
  }
  throw typeFault(
    at,
    `${left.type} ${sign} ${right.type} is not known; there are date + days, date - date, and + interval '1 month'`,
    context,
  );
}
