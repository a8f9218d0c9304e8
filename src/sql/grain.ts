import { AppError } from '../base/errors.ts';
import type { ColumnType } from '../domain/column.ts';
import { type Grain, PARTS, type Part } from '../domain/time.ts';
import type { Sql } from './ast.ts';
import { type DayGrain, SUB_DAY_GRAINS, type SubDayGrain } from './dialect.ts';
import type { Field, Scope } from './scope.ts';

const isPart = (grain: Grain | Part): grain is Part => (PARTS as readonly string[]).includes(grain);
const isSubDay = (grain: Grain): grain is SubDayGrain =>
  (SUB_DAY_GRAINS as readonly string[]).includes(grain);

/** `query.type`: the field has nothing of that grain. */
export function noGrain({ column }: Field, grain: Grain | Part, pointer: string): AppError {
  const subject = column.name === '' ? 'The expression' : JSON.stringify(column.name);
  const detail = `${subject} is of type ${column.type}, which has no ${grain}`;
  const named = column.name === '' ? {} : { field: column.name };
  return new AppError('query.type', detail, { pointer, params: { ...named, type: column.type } });
}

/** The wall clock by which a temporal field is grouped. */
export const localOf = ({ sql, column }: Field, { dialect, timezone }: Scope): Sql =>
  column.type === 'timestamptz' ? dialect.localOf(sql, timezone) : sql;

/**
 * A temporal field at a grain. A `timestamp` is taken as it stands, a `timestamptz` in the zone of the scope. Day and coarser grains give the
 * first `date` of the period; finer ones give the field's type, parts an integer. Throws `query.type`.
 */
export function atGrain(
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

/**
 * Truncated by the local clock. An instant stays an instant: it moves back by what was cut, so that an hour that
 * comes twice when daylight saving ends stays two groups, and zones off by half an hour start theirs where people do.
 */
function subDay(field: Field, grain: SubDayGrain, scope: Scope): Sql {
  const local = localOf(field, scope);
  const start = scope.dialect.subDayGrains[grain](local);
  return field.column.type === 'timestamptz' ? scope.dialect.movedBack(field.sql, local, start) : start;
}
