import { AppError } from '../base/errors.ts';
import { type ColumnType, isTemporal } from '../domain/column.ts';
import type { Dimension } from '../domain/query-spec.ts';
import type { Grain, Part } from '../domain/time.ts';
import type { Sql } from './ast.ts';
import { resolveComputed } from './computed.ts';
import { atGrain, noGrain } from './grain.ts';
import { keptNative, keyOf } from './native.ts';
import { type Field, resolveField, type Scope } from './scope.ts';

export interface CompiledDimension {
  /** The name in the answer: `as`, else the field. */
  name: string;
  sql: Sql;
  type: ColumnType;
  nativeType?: string;
  grain?: Grain | Part;
}

/**
 * A dimension over the source's columns. A `timestamp` is grouped as it stands, a `timestamptz` in the zone of the scope. Day and coarser
 * grains give the first `date` of the period; finer ones give the column's type. Throws `query.field`, `query.type`, `request.invalid`.
 */
export function compileDimension(dimension: Dimension, scope: Scope, pointer: string): CompiledDimension {
  if (typeof dimension === 'string') return plain(resolveField(scope, dimension, pointer), dimension, scope);
  const field = resolveComputed(dimension, scope, pointer);
  if (!field) throw new AppError('request.invalid', 'A dimension needs a field or an expr', { pointer });
  const name = dimension.as ?? field.column.name;
  const { grain } = dimension;
  if (grain === undefined) return plain(field, name, scope);
  if (!isTemporal(field.column.type)) throw noGrain(field, grain, `${pointer}/grain`);
  return { name, grain, ...atGrain(field, grain, scope, `${pointer}/grain`) };
}

function plain({ sql, column }: Field, name: string, { dialect }: Scope): CompiledDimension {
  const { type } = column;
  const key = keyOf(sql, column, dialect);
  const kept = keptNative(column, dialect);
  return { name, sql: type === 'float' ? dialect.withOneZero(key) : key, type, ...kept };
}
