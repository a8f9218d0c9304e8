import { type Sql, sql } from './ast.ts';
import type { Dialect, Form } from './dialect.ts';
import { nativeOf } from './native.ts';
import type { Operand } from './operand.ts';
import type { Field } from './scope.ts';

/** A half-open interval of values: from the first to before the second, each undefined where no value is so late. */
export interface Bounds {
  left: Sql;
  from: Sql | undefined;
  to: Sql | undefined;
}

/** The interval in the column's own type, where that holds other moments than the language. */
export function ownBounds(
  { stored, column }: Field,
  { moments }: Operand,
  dialect: Dialect,
): Bounds | undefined {
  const own = nativeOf(column, dialect)?.moments;
  if (!own || !moments || !stored) return undefined;
  return { left: stored, from: own.notBefore(moments.from), to: own.notBefore(moments.to) };
}

/** The interval of a whole day; undefined for single values. */
export function dayBounds({ start, end }: Operand, left: Sql, form: Form): Bounds | undefined {
  if (end === undefined) return undefined;
  return { left: form(left), from: form(start), to: end === null ? undefined : form(end) };
}

export const before = ({ left }: Pick<Bounds, 'left'>, bound: Sql | undefined): Sql =>
  bound ? sql`${left} < ${bound}` : sql`${left} IS NOT NULL`;

export const notBefore = ({ left }: Pick<Bounds, 'left'>, bound: Sql | undefined, { never }: Dialect): Sql =>
  bound ? sql`${left} >= ${bound}` : never;

export function inside(bounds: Bounds, { never }: Dialect): Sql {
  const { left, from, to } = bounds;
  if (!from) return never;
  return to ? sql`(${left} >= ${from} AND ${left} < ${to})` : sql`${left} >= ${from}`;
}

export const outside = (bounds: Bounds, dialect: Dialect): Sql =>
  bounds.to
    ? sql`(${before(bounds, bounds.from)} OR ${notBefore(bounds, bounds.to, dialect)})`
    : before(bounds, bounds.from);
