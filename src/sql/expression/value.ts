import { type ColumnType, isNumeric } from '../../domain/column.ts';
import { raw, type Sql } from '../ast.ts';
import { parseMoment } from '../moment.ts';
import { operandOf } from '../operand.ts';
import type { Scope } from '../scope.ts';
import type { ExpressionDialect } from './dialects/expression-dialect.ts';
import { fault, type Place } from './place.ts';
import type { Node } from './tree.ts';

export interface Context {
  readonly scope: Scope;
  readonly spell: ExpressionDialect;
  readonly place: Place;
  /** Fields whose texts must be short, so that what is made of them is. */
  readonly bounded: ReadonlySet<Node>;
}

/** A part of an expression with its type. A condition stands where a test may; where a value is wanted it is spelled as one. */
export interface Value {
  type: ColumnType | 'null';
  /** Digits behind the point of a decimal; undefined where the column's are not known. */
  scale?: number | undefined;
  sql: Sql;
  isCondition?: true;
  /** The text is in the form that functions take. */
  isPrepared?: true;
  /** What a text literal says. */
  literal?: string;
  /** What a whole number that was written out is. */
  count?: number;
}

export interface CommonType {
  type: ColumnType;
  scale?: number | undefined;
}

/** Most digits behind the point. */
export const MAX_SCALE = 18;

export const typeFault = (
  at: number,
  detail: string,
  { place }: Context,
  params: Record<string, unknown> = {},
) => fault('query.type', at, detail, place, params);

export const valueSql = ({ sql, isCondition }: Value, { spell }: Context): Sql =>
  isCondition ? spell.valueOf(sql) : sql;

/** The value as a test, where it is of type boolean. */
export function conditionSql(value: Value, at: number, context: Context): Sql {
  if (value.type === 'null') return context.spell.conditionOf(context.spell.typedNull('boolean'));
  if (value.type !== 'boolean')
    throw typeFault(at, `A condition is expected here, not ${value.type}`, context, { type: value.type });
  return value.isCondition ? value.sql : context.spell.conditionOf(value.sql);
}

export const textSql = ({ sql, isPrepared }: Value, { spell }: Context): Sql =>
  isPrepared ? sql : spell.texts.text(sql);

/** A decimal with the digits that it has, an integer with none. */
export const scaleOf = ({ type, scale }: Value): number | undefined => (type === 'integer' ? 0 : scale);

/** Types that the text of a literal may stand for beside one of them. */
const READ_FROM_TEXT: readonly ColumnType[] = ['date', 'time', 'timestamp', 'timestamptz', 'uuid'];

/** The one type of several values. Throws `query.type`. */
export function commonType(values: readonly Value[], at: number, context: Context): CommonType {
  const given = values.filter(({ type }) => type !== 'null');
  const typed = given.filter(({ literal }) => literal === undefined);
  const considered = typed.some(({ type }) => READ_FROM_TEXT.includes(type as ColumnType)) ? typed : given;
  const types = [...new Set(considered.map(({ type }) => type as ColumnType))];
  if (types.length === 0) return { type: 'text' };
  if (types.length === 1 && types[0] !== 'decimal') return { type: types[0]! };
  if (types.every(isNumeric)) return numericType(considered);
  if (types.every((type) => type === 'date' || type === 'timestamp')) return { type: 'timestamp' };
  throw typeFault(at, `${types.join(' and ')} do not go together here; cast one of them`, context, { types });
}

function numericType(values: readonly Value[]): CommonType {
  if (values.some(({ type }) => type === 'float')) return { type: 'float' };
  const scales = values.map(scaleOf);
  return {
    type: 'decimal',
    scale: scales.includes(undefined) ? undefined : Math.max(...(scales as number[])),
  };
}

/** A value in the type that `commonType` found. */
export function adapt(value: Value, { type, scale }: CommonType, at: number, context: Context): Sql {
  const { spell } = context;
  if (value.type === 'null')
    return type === 'decimal' && scale !== undefined
      ? spell.numbers.decimal(raw('NULL'), scale)
      : spell.typedNull(type);
  if (type === 'text') return textSql(value, context);
  if (value.literal !== undefined) return readLiteral(value.literal, type, at, context);
  if (type === 'float' && value.type !== 'float') return spell.numbers.float(value.sql);
  const isAsIs = value.type === 'decimal' && value.scale === scale;
  if (type === 'decimal')
    return scale === undefined || isAsIs ? value.sql : spell.numbers.decimal(value.sql, scale);
  if (type === 'timestamp' && value.type === 'date') return spell.times.startOfDay(value.sql);
  return valueSql(value, context);
}

/** A literal's text as a date, time or UUID. */
export function readLiteral(text: string, type: ColumnType, at: number, context: Context): Sql {
  const operand = operandOf(text, type, context.scope);
  const isWholeDay = type === 'date' && parseMoment(text)?.time !== undefined;
  if (operand && !isWholeDay) return operand.start;
  throw typeFault(at, `${JSON.stringify(text)} is not of type ${type}`, context, { type });
}
