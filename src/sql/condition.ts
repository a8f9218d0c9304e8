import { AppError } from '../base/errors.ts';
import { type ColumnType, isTemporal } from '../domain/column.ts';
import type { Condition, Operator, Scalar } from '../domain/filter.ts';
import { join, raw, type Sql, sql } from './ast.ts';
import { asIs, type Form, type NativeType, type TextTest } from './dialect.ts';
import { compileDuring } from './during.ts';
import { localOf } from './grain.ts';
import { amongMany } from './long-list.ts';
import { before, dayBounds, inside, notBefore, outside, ownBounds } from './moment-bounds.ts';
import { nativeOf } from './native.ts';
import { type Operand, readOperand } from './operand.ts';
import { checkLike, checkRegex } from './patterns.ts';
import { type Field, resolveField, type Scope } from './scope.ts';

/** What a builder needs: the condition, its field, the left side, and where it stands in the request. */
interface Test {
  condition: Condition;
  field: Field;
  left: Sql;
  /** The type as which the left side is compared. */
  type: ColumnType;
  native: NativeType | undefined;
  scope: Scope;
  pointer: string;
}

type Needs = 'value' | 'values' | 'range' | 'nothing';
type Family = 'equality' | 'order' | 'text' | 'time' | 'null';

interface OperatorRule {
  needs: Needs;
  family: Family;
  build(test: Test): Sql;
}

const withNulls = (condition: Sql, left: Sql) => sql`(${condition} OR ${left} IS NULL)`;

const ordered = ({ type, scope, native }: Test, value: Sql) =>
  native?.forms ? value : scope.dialect.orderForms[type](value);
const orderedBounds = (test: Test, operand: Operand) =>
  ownBounds(test.field, operand, test.scope.dialect) ??
  dayBounds(operand, test.left, (value) => ordered(test, value));
const compared = (test: Test, sign: string, value: Sql) =>
  sql`${ordered(test, test.left)} ${raw(sign)} ${ordered(test, value)}`;

const below = (test: Test, operand: Operand) => {
  const bounds = orderedBounds(test, operand);
  return bounds ? before(bounds, bounds.from) : compared(test, '<', operand.start);
};
const atMost = (test: Test, operand: Operand) => {
  const bounds = orderedBounds(test, operand);
  return bounds ? before(bounds, bounds.to) : compared(test, '<=', operand.start);
};
const above = (test: Test, operand: Operand) => {
  const bounds = orderedBounds(test, operand);
  return bounds ? notBefore(bounds, bounds.to, test.scope.dialect) : compared(test, '>', operand.start);
};
const atLeast = (test: Test, operand: Operand) => {
  const bounds = orderedBounds(test, operand);
  return bounds ? notBefore(bounds, bounds.from, test.scope.dialect) : compared(test, '>=', operand.start);
};

/** `compare` in each form that equality needs; the first of several forms of a text may use an index on the stored column. */
function inForms(
  test: Test,
  values: readonly Sql[],
  compare: (form: Form, left: Sql) => Sql,
  joiner: 'AND' | 'OR',
): Sql {
  const { type, scope, native, field, left } = test;
  const forms = native?.forms ? [asIs] : scope.dialect.equalityForms(type, values);
  const indexed = type === 'text' && native?.isComparable && field.stored ? field.stored : left;
  const tests = forms.map((form, i) => compare(form, i === 0 ? indexed : left));
  return tests.length === 1 ? tests[0]! : sql`(${join(tests, ` ${joiner} `)})`;
}

const equalTo = (test: Test, value: Sql) =>
  inForms(test, [value], (form, left) => sql`${form(left)} = ${form(value)}`, 'AND');
const differsFrom = (test: Test, value: Sql) =>
  inForms(test, [value], (form, left) => sql`${form(left)} <> ${form(value)}`, 'OR');

const equal = (test: Test, operand: Operand) => {
  const bounds = orderedBounds(test, operand);
  return bounds ? inside(bounds, test.scope.dialect) : equalTo(test, operand.start);
};
const notEqual = (test: Test, operand: Operand) => {
  const bounds = orderedBounds(test, operand);
  return bounds ? outside(bounds, test.scope.dialect) : differsFrom(test, operand.start);
};

const comparing = (compare: (test: Test, operand: Operand) => Sql) => (test: Test) =>
  compare(test, operandOf(test));

const RULES: Readonly<Record<Operator, OperatorRule>> = {
  eq: { needs: 'value', family: 'equality', build: comparing(equal) },
  ne: {
    needs: 'value',
    family: 'equality',
    build: (test) => withNulls(notEqual(test, operandOf(test)), test.left),
  },
  lt: { needs: 'value', family: 'order', build: comparing(below) },
  lte: { needs: 'value', family: 'order', build: comparing(atMost) },
  gt: { needs: 'value', family: 'order', build: comparing(above) },
  gte: { needs: 'value', family: 'order', build: comparing(atLeast) },
  between: { needs: 'values', family: 'order', build: between },
  in: { needs: 'values', family: 'equality', build: inList },
  notIn: { needs: 'values', family: 'equality', build: notInList },
  contains: { needs: 'value', family: 'text', build: textTest('contains') },
  notContains: {
    needs: 'value',
    family: 'text',
    build: (test) => withNulls(sql`NOT ${textTest('contains')(test)}`, test.left),
  },
  startsWith: { needs: 'value', family: 'text', build: textTest('startsWith') },
  endsWith: { needs: 'value', family: 'text', build: textTest('endsWith') },
  like: { needs: 'value', family: 'text', build: textTest('like') },
  matches: { needs: 'value', family: 'text', build: textTest('matches') },
  isNull: { needs: 'nothing', family: 'null', build: ({ left }) => sql`${left} IS NULL` },
  isNotNull: { needs: 'nothing', family: 'null', build: ({ left }) => sql`${left} IS NOT NULL` },
  isEmpty: { needs: 'nothing', family: 'null', build: isEmpty },
  during: { needs: 'range', family: 'time', build: during },
  before: { needs: 'value', family: 'time', build: comparing(below) },
  after: { needs: 'value', family: 'time', build: comparing(above) },
};

const isTextual = (type: ColumnType) => type === 'text' || type === 'json' || type === 'uuid';

const FAMILIES: Readonly<Record<Family, (type: ColumnType) => boolean>> = {
  equality: (type) => type !== 'binary',
  order: (type) => type !== 'binary' && type !== 'json' && type !== 'boolean',
  text: isTextual,
  time: isTemporal,
  null: () => true,
};

/**
 * One condition. Equality is exact; text tests ignore case unless `caseSensitive`. `ne`, `notIn` and `notContains` keep nulls, the others drop
 * them, but for `in` with a null among its values. Throws `request.invalid`, `query.field`, `query.type`, `query.not_built`.
 */
export function compileCondition(condition: Condition, scope: Scope, pointer: string): Sql {
  const field = resolveField(scope, condition.field, `${pointer}/field`);
  const rule = RULES[condition.op];
  checkParts(condition, rule, pointer);
  const { name, type } = field.column;
  if (!FAMILIES[rule.family](type))
    throw new AppError(
      'query.type',
      `${condition.op} does not take ${JSON.stringify(name)}, which is of type ${type}`,
      {
        pointer: `${pointer}/op`,
        params: { field: name, type },
      },
    );
  const native = nativeOf(field.column, scope.dialect);
  const isShown = rule.family === 'text' && native?.forms !== undefined;
  const asText = type === 'json' || (type === 'uuid' && rule.family === 'text') || isShown;
  const left = asText ? scope.dialect.asText(field.sql) : leftOf(condition, field, scope);
  return rule.build({ condition, field, left, type: asText ? 'text' : type, native, scope, pointer });
}

function leftOf({ op, value, values }: Condition, { sql: left, column }: Field, { dialect }: Scope): Sql {
  // DuckDB 1.5.6 looks 0 up in a Parquet file's Bloom filter by its bits, and so does not find -0, which is equal.
  const meetsZero =
    RULES[op].family === 'equality' && [value, ...(values ?? [])].some((one) => Number(one) === 0);
  return column.type === 'float' && meetsZero ? dialect.withOneZero(left) : left;
}

function checkParts(condition: Condition, { needs, family }: OperatorRule, pointer: string): void {
  for (const key of ['value', 'values', 'range'] as const) {
    if ((condition[key] !== undefined) === (needs === key)) continue;
    const detail = needs === key ? `${condition.op} needs ${key}` : `${condition.op} takes no ${key}`;
    throw new AppError('request.invalid', detail, { pointer: needs === key ? pointer : `${pointer}/${key}` });
  }
  if (condition.caseSensitive !== undefined && family !== 'text')
    throw new AppError('request.invalid', `${condition.op} takes no caseSensitive: it is always exact`, {
      pointer: `${pointer}/caseSensitive`,
    });
}

function notNull(value: Scalar | undefined, op: Operator, pointer: string): Exclude<Scalar, null> {
  if (value !== undefined && value !== null) return value;
  const hint = op === 'ne' ? 'isNotNull' : 'isNull';
  throw new AppError('request.invalid', `${op} does not take null; use ${hint}`, { pointer });
}

function operandOf({ condition, field, scope, pointer }: Test): Operand {
  const at = `${pointer}/value`;
  return readOperand(notNull(condition.value, condition.op, at), field, scope, at);
}

function between(test: Test): Sql {
  const { condition, field, scope, pointer } = test;
  const values = condition.values ?? [];
  if (values.length !== 2)
    throw new AppError('request.invalid', 'between needs exactly two values', {
      pointer: `${pointer}/values`,
    });
  const [low, high] = values.map((value, index) => {
    const at = `${pointer}/values/${index}`;
    return readOperand(notNull(value, 'between', at), field, scope, at);
  });
  return sql`(${atLeast(test, low!)} AND ${atMost(test, high!)})`;
}

interface Members {
  operands: Operand[];
  hasNull: boolean;
}

function membersOf({ condition, field, scope, pointer }: Test): Members {
  const operands: Operand[] = [];
  let hasNull = false;
  for (const [index, value] of (condition.values ?? []).entries()) {
    if (value === null) hasNull = true;
    else operands.push(readOperand(value, field, scope, `${pointer}/values/${index}`));
  }
  return { operands, hasNull };
}

/** So many are compared one by one, as the column stands. */
const FEW = 8;
/** More travel as one parameter. */
const MANY = 100;

/** Many days are looked up among dates, within the first and the last of them, for which an index serves. */
function daysOf(test: Test, operands: readonly Operand[]): Sql[] {
  if (operands.length <= FEW) return operands.map((operand) => equal(test, operand));
  const { field, scope } = test;
  const { dayGrains, given, manyOf } = scope.dialect;
  const ordered = operands.toSorted((a, b) => (a.day! < b.day! ? -1 : 1));
  const dates = ordered.map(({ day }) => given.date(day!));
  const day = dayGrains.day(localOf(field, scope), scope.weekStart);
  const [first, last] = [ordered[0]!, ordered.at(-1)!];
  const isAmong =
    manyOf && dates.length > MANY
      ? manyOf(day, dates, 'date', undefined)
      : sql`${day} IN (${join(dates, ', ')})`;
  return [sql`(${atLeast(test, first)} AND ${atMost(test, last)} AND ${isAmong})`];
}

/** Lists are compared with the values that single moments stand for; a moment that no stored value shows is none of them. */
function pointsOf({ field, native, left }: Test, operands: readonly Operand[]): { left: Sql; points: Sql[] } {
  const singles = operands.filter(({ end }) => end === undefined);
  const exactly = native?.moments?.exactly;
  if (!field.stored || !exactly) return { left, points: singles.map(({ start }) => start) };
  return {
    left: field.stored,
    points: singles.flatMap(({ moments }) => (moments && exactly(moments.from)) ?? []),
  };
}

function isMember(test: Test, operands: Operand[]): Sql[] {
  const { left, points } = pointsOf(test, operands);
  const days = daysOf(
    test,
    operands.filter(({ end }) => end !== undefined),
  );
  const { longList, numberList, manyOf, equalityForms } = test.scope.dialect;
  if (manyOf && !test.native?.forms && points.length > MANY) {
    const { nativeType } = test.field.column;
    const forms = equalityForms(test.type, points);
    const tests = forms.map((form) => manyOf(form(test.left), points, test.type, nativeType));
    return [join(tests, ' AND '), ...days].map((each) => sql`(${each})`);
  }
  if (numberList && test.type === 'integer' && points.length > FEW) {
    const { left, item } = numberList(test.field.column.nativeType);
    const held = points.flatMap((point) => item(point) ?? []);
    return held.length === 0
      ? [test.scope.dialect.never]
      : [sql`${left(test.left)} IN (${join(held, ', ')})`];
  }
  if (longList && points.length > longList.above) {
    const exact = equalityForms(test.type, points).at(-1)!;
    return [...amongMany(left, points, exact, longList), ...days];
  }
  const listed = (form: Form, of: Sql) => sql`${form(of)} IN (${join(points.map(form), ', ')})`;
  return points.length > 0 ? [inForms({ ...test, left }, points, listed, 'AND'), ...days] : days;
}

function inList(test: Test): Sql {
  const { operands, hasNull } = membersOf(test);
  const tests = isMember(test, operands);
  if (hasNull) tests.push(sql`${test.left} IS NULL`);
  return tests.length === 0 ? test.scope.dialect.never : sql`(${join(tests, ' OR ')})`;
}

function notInList(test: Test): Sql {
  const { operands, hasNull } = membersOf(test);
  const tests = isMember(test, operands);
  const isNotNull = sql`${test.left} IS NOT NULL`;
  if (tests.length === 0) return hasNull ? isNotNull : test.scope.dialect.always;
  const none = sql`NOT (${join(tests, ' OR ')})`;
  return hasNull ? sql`(${none} AND ${isNotNull})` : withNulls(none, test.left);
}

function textTest(name: TextTest): (test: Test) => Sql {
  return ({ condition, left, scope, pointer }) => {
    const at = `${pointer}/value`;
    const pattern = notNull(condition.value, condition.op, at);
    if (typeof pattern !== 'string')
      throw new AppError('query.type', `${condition.op} takes text`, { pointer: at });
    if (name === 'matches') checkRegex(pattern, at);
    if (name === 'like') checkLike(pattern, at);
    return scope.dialect.textTests[name](left, pattern, condition.caseSensitive === true);
  };
}

function during({ condition, field, left, scope, pointer }: Test): Sql {
  return compileDuring(condition.range!, field, left, scope, `${pointer}/range`);
}

function isEmpty(test: Test): Sql {
  const isNull = sql`${test.left} IS NULL`;
  return test.field.column.type === 'text' && !test.native?.forms
    ? sql`(${isNull} OR ${equalTo(test, raw("''"))})`
    : isNull;
}
