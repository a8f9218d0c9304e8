import type { SourceColumn } from '../domain/column.ts';
import type { Sql } from './ast.ts';
import type { Dialect, NativeType } from './dialect.ts';

type Typed = Pick<SourceColumn, 'type' | 'nativeType'>;

export const nativeOf = ({ nativeType }: Typed, dialect: Dialect): NativeType | undefined =>
  nativeType === undefined ? undefined : dialect.nativeType?.(nativeType);

/** A column's value as a value of its column type. */
export const readColumn = (value: Sql, column: Typed, dialect: Dialect): Sql =>
  nativeOf(column, dialect)?.read?.(value) ?? value;

/** A column's value as its column type alone means it. */
export const plainColumn = (value: Sql, column: Typed, dialect: Dialect): Sql =>
  nativeOf(column, dialect)?.forms?.shown(value) ?? value;

/** The form by which values are grouped, counted and ordered. */
export const keyOf = (value: Sql, column: Typed, dialect: Dialect): Sql =>
  nativeOf(column, dialect)?.forms ? value : dialect.canonical[column.type](value);

/** Back from that form to what a column holds. */
export const restoredOf = (key: Sql, column: Typed, dialect: Dialect): Sql =>
  nativeOf(column, dialect)?.forms ? key : dialect.restored[column.type](key);

/** The form in which a value leaves the engine. */
export const shownOf = (key: Sql, column: Typed, dialect: Dialect, timezone: string): Sql =>
  nativeOf(column, dialect)?.forms?.shown(key) ?? dialect.shown[column.type](key, timezone);

/** What a value that was grouped, or is the least or greatest of a column, keeps of the column's own type. */
export function keptNative(column: Typed, dialect: Dialect): Pick<SourceColumn, 'nativeType'> {
  const native = nativeOf(column, dialect);
  return native?.forms || native?.isSingle ? { nativeType: column.nativeType! } : {};
}
