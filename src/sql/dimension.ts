import { AppError } from '../base/errors.ts';
import { type ColumnType, isTemporal } from '../domain/column.ts';
import type { Dimension } from '../domain/query-spec.ts';
import { type Grain, PARTS, type Part } from '../domain/time.ts';
import type { Sql } from './ast.ts';
import { type DayGrain, SUB_DAY_GRAINS, type SubDayGrain } from './dialect.ts';
import { type Field, resolveField, type Scope } from './scope.ts';

export interface CompiledDimension {
  /** The name in the answer: `as`, else the field. */
  name: string;
  sql: Sql;
  type: ColumnType;
  grain?: Grain | Part;
}

const isPart = (grain: Grain | Part): grain is Part => (PARTS as readonly string[]).includes(grain);
const isSubDay = (grain: Grain): grain is SubDayGrain =>
  (SUB_DAY_GRAINS as readonly string[]).includes(grain);

/**
 * A dimension over the source's columns. A `timestamp` is grouped as it stands, a `timestamptz` in the zone of the scope. Day and coarser
 * grains give the first `date` of the period; finer ones give the column's type. Throws `query.field`, `query.type`, `request.invalid`.
 */
export function compileDimension(dimension: Dimension, scope: Scope, pointer: string): CompiledDimension {
  if (typeof dimension === 'string') return plain(resolveField(scope, dimension, pointer), dimension, scope);
  if (dimension.field === undefined)
    throw new AppError('request.invalid', 'A dimension needs a field', { pointer });
  const field = resolveField(scope, dimension.field, `${pointer}/field`);
  const name = dimension.as ?? dimension.field;
  const { grain } = dimension;
  if (grain === undefined) return plain(field, name, scope);
  if (!isTemporal(field.column.type)) throw noGrain(field, grain, `${pointer}/grain`);
  return { name, grain, ...grouped(field, grain, scope, `${pointer}/grain`) };
}

function plain({ sql, column: { type } }: Field, name: string, { dialect }: Scope): CompiledDimension {
  const key = dialect.canonical[type](sql);
  return { name, sql: type === 'float' ? dialect.withOneZero(key) : key, type };
}

function noGrain({ column }: Field, grain: Grain | Part, pointer: string): AppError {
  const detail = `${JSON.stringify(column.name)} is of type ${column.type}, which has no ${grain}`;
  return new AppError('query.type', detail, { pointer, params: { field: column.name, type: column.type } });
}

function grouped(
  field: Field,
  grain: Grain | Part,
  scope: Scope,
  pointer: string,
): { sql: Sql; type: ColumnType } {
  const { dialect, weekStart } = scope;
  const needsClock = grain === 'hourOfDay' || (!isPart(grain) && isSubDay(grain));
  if (needsClock && field.column.type === 'date') throw noGrain(field, grain, pointer);
  const local = localOf(field, scope);
  if (isPart(grain)) return { sql: dialect.parts[grain](local, weekStart), type: 'integer' };
  if (isSubDay(grain)) return { sql: subDay(field, grain, scope), type: field.column.type };
  return { sql: dialect.dayGrains[grain satisfies DayGrain](local, weekStart), type: 'date' };
}

/** The wall clock by which a temporal field is grouped. */
export const localOf = ({ sql, column }: Field, { dialect, timezone }: Scope): Sql =>
  column.type === 'timestamptz' ? dialect.localOf(sql, timezone) : sql;

/**
 * Truncated by the local clock. An instant stays an instant: it moves back by what was cut, so that an hour that
 * comes twice when daylight saving ends stays two groups, and zones off by half an hour start theirs where people do.
 */
function subDay(field: Field, grain: SubDayGrain, scope: Scope): Sql {
  const local = localOf(field, scope);
  const start = scope.dialect.subDayGrains[grain](local);
  return field.column.type === 'timestamptz' ? scope.dialect.movedBack(field.sql, local, start) : start;
}
