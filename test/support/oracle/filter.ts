import type { Condition, Filter, Scalar } from '../../../src/domain/filter.ts';
import { type Clock, intervalOf, momentOf, pointOf } from './moments.ts';
import { asFloat, compareValues, DAY_MICROS, type OracleColumn, type Row, type Value } from './values.ts';

export interface Names extends Clock {
  columns: ReadonlyMap<string, OracleColumn>;
}

/** -1 where `value` lies before the operand, 0 where it is in it (a whole day for a date), 1 after it. */
export function place(
  value: Exclude<Value, null>,
  operand: Scalar,
  column: OracleColumn,
  zone: string,
): number {
  switch (column.type) {
    case 'integer':
    case 'decimal':
      return placeExact(value as bigint, column.type === 'decimal' ? column.scale! : 0, String(operand));
    case 'float':
      return Math.sign(compareValues(asFloat(value, column), Number(operand)));
    case 'boolean':
      return Math.sign(compareValues(value, operand === true || operand === 'true'));
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      return placeTime(value, String(operand), column.type, zone);
    default:
      return Math.sign(compareValues(value, String(operand)));
  }
}

function placeExact(value: bigint, scale: number, operand: string): number {
  const [, sign, whole, fraction = '', exponent = '0'] =
    /^([+-]?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(operand) ?? [];
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  const behind = fraction.length - Number(exponent);
  const common = Math.max(scale, behind, 0);
  const left = value * 10n ** BigInt(common - scale);
  const right = digits * 10n ** BigInt(common - behind);
  return left < right ? -1 : left > right ? 1 : 0;
}

function placeTime(value: Exclude<Value, null>, operand: string, type: string, zone: string): number {
  const moment = momentOf(operand);
  const at = type === 'date' ? BigInt(value as number) * DAY_MICROS : (value as bigint);
  const start = pointOf(moment, type, zone);
  const nextDay = { local: moment.local + DAY_MICROS, isDay: true };
  if (!moment.isDay || type === 'date') return at < start ? -1 : at > start ? 1 : 0;
  return at < start ? -1 : at >= pointOf(nextDay, type, zone) ? 1 : 0;
}

const likeRegex = (pattern: string, flags: string) => {
  const pieces = [...pattern.matchAll(/\\(.)|([%_])|([^\\%_])/gsu)].map(([, escaped, wild, plain]) => {
    if (wild !== undefined) return wild === '%' ? '.*' : '.';
    return (escaped ?? plain)!.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  });
  return new RegExp(`^${pieces.join('')}$`, flags);
};

function textMatches({ op, value, caseSensitive }: Condition, text: string): boolean {
  const fold = (given: string) => (caseSensitive ? given : given.toLowerCase());
  const left = fold(text);
  const right = fold(String(value));
  if (op === 'contains' || op === 'notContains') return left.includes(right) === (op === 'contains');
  if (op === 'startsWith') return left.startsWith(right);
  if (op === 'endsWith') return left.endsWith(right);
  if (op === 'like') return likeRegex(right, 'su').test(left);
  return new RegExp(String(value), caseSensitive ? 'u' : 'iu').test(text);
}

function during({ range }: Condition, value: Value, { type }: OracleColumn, names: Names): boolean {
  const { from, to } = intervalOf(range!, names);
  const at = type === 'date' ? BigInt(value as number) * DAY_MICROS : (value as bigint);
  return (
    (from === undefined || at >= pointOf(from, type, names.zone)) &&
    (to === undefined || at < pointOf(to, type, names.zone))
  );
}

function ofNull({ op, values }: Condition): boolean {
  if (op === 'in') return values!.includes(null);
  if (op === 'notIn') return !values!.includes(null);
  return ['isNull', 'isEmpty', 'ne', 'notContains'].includes(op);
}

function holds(condition: Condition, value: Value, column: OracleColumn, names: Names): boolean {
  if (value === null) return ofNull(condition);
  const { op } = condition;
  const at = (operand: Scalar | undefined) => place(value, operand!, column, names.zone);
  const isMember = () => condition.values!.some((member) => member !== null && at(member) === 0);
  if (op === 'isNull') return false;
  if (op === 'isNotNull') return true;
  if (op === 'isEmpty') return value === '';
  if (op === 'eq') return at(condition.value) === 0;
  if (op === 'ne') return at(condition.value) !== 0;
  if (op === 'lt' || op === 'before') return at(condition.value) < 0;
  if (op === 'lte') return at(condition.value) <= 0;
  if (op === 'gt' || op === 'after') return at(condition.value) > 0;
  if (op === 'gte') return at(condition.value) >= 0;
  if (op === 'between') return at(condition.values![0]) >= 0 && at(condition.values![1]) <= 0;
  if (op === 'in') return isMember();
  if (op === 'notIn') return !isMember();
  if (op === 'during') return during(condition, value, column, names);
  return textMatches(condition, String(value));
}

/** Whether a row fits; two-valued, so that `not` gives exactly the other rows. */
export function fits(filter: Filter | undefined, row: Row, names: Names): boolean {
  if (filter === undefined) return true;
  if ('and' in filter) return filter.and.every((inner) => fits(inner, row, names));
  if ('or' in filter) return filter.or.some((inner) => fits(inner, row, names));
  if ('not' in filter) return !fits(filter.not, row, names);
  const column = names.columns.get(filter.field);
  if (!column) throw new Error(`there is no ${filter.field}`);
  return holds(filter, row[filter.field]!, column, names);
}
