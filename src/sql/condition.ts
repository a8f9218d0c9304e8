import { AppError } from '../base/errors.ts';
import { type ColumnType, isTemporal } from '../domain/column.ts';
import type { Condition, Operator, Scalar } from '../domain/filter.ts';
import { join, type Sql, sql } from './ast.ts';
import type { TextTest } from './dialect.ts';
import { compileDuring } from './during.ts';
import { castTo, type Operand, readOperand } from './operand.ts';
import { checkLike, checkRegex } from './patterns.ts';
import { type Field, resolveField, type Scope } from './scope.ts';

/** What a builder needs: the condition, its field, the left side, and where it stands in the request. */
interface Test {
  condition: Condition;
  field: Field;
  left: Sql;
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

const equal = (left: Sql, { start, end }: Operand) =>
  end ? sql`(${left} >= ${start} AND ${left} < ${end})` : sql`${left} = ${start}`;
const notEqual = (left: Sql, { start, end }: Operand) =>
  end ? sql`(${left} < ${start} OR ${left} >= ${end})` : sql`${left} <> ${start}`;
const below = (left: Sql, { start }: Operand) => sql`${left} < ${start}`;
const atMost = (left: Sql, { start, end }: Operand) =>
  end ? sql`${left} < ${end}` : sql`${left} <= ${start}`;
const above = (left: Sql, { start, end }: Operand) =>
  end ? sql`${left} >= ${end}` : sql`${left} > ${start}`;
const atLeast = (left: Sql, { start }: Operand) => sql`${left} >= ${start}`;

const comparing = (compare: (left: Sql, operand: Operand) => Sql) => (test: Test) =>
  compare(test.left, operandOf(test));

const RULES: Readonly<Record<Operator, OperatorRule>> = {
  eq: { needs: 'value', family: 'equality', build: comparing(equal) },
  ne: {
    needs: 'value',
    family: 'equality',
    build: (test) => withNulls(notEqual(test.left, operandOf(test)), test.left),
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
  return rule.build({ condition, field, left: leftOf(condition, field, scope), scope, pointer });
}

function leftOf({ op, value, values }: Condition, { sql: left, column }: Field, { dialect }: Scope): Sql {
  const { family } = RULES[op];
  const asText = column.type === 'json' || (column.type === 'uuid' && family === 'text');
  if (asText) return dialect.asText(left);
  // DuckDB 1.5.6 looks 0 up in a Parquet file's Bloom filter by its bits, and so does not find -0, which is equal.
  const meetsZero = family === 'equality' && [value, ...(values ?? [])].some((one) => Number(one) === 0);
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

function between({ condition, field, left, scope, pointer }: Test): Sql {
  const values = condition.values ?? [];
  if (values.length !== 2)
    throw new AppError('request.invalid', 'between needs exactly two values', {
      pointer: `${pointer}/values`,
    });
  const [low, high] = values.map((value, index) => {
    const at = `${pointer}/values/${index}`;
    return readOperand(notNull(value, 'between', at), field, scope, at);
  });
  return sql`(${atLeast(left, low!)} AND ${atMost(left, high!)})`;
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

function isMember(left: Sql, operands: Operand[]): Sql[] {
  const points = operands.filter(({ end }) => !end).map(({ start }) => start);
  const days = operands.filter(({ end }) => end).map((operand) => equal(left, operand));
  return points.length > 0 ? [sql`${left} IN (${join(points, ', ')})`, ...days] : days;
}

function inList(test: Test): Sql {
  const { operands, hasNull } = membersOf(test);
  const tests = isMember(test.left, operands);
  if (hasNull) tests.push(sql`${test.left} IS NULL`);
  return tests.length === 0 ? test.scope.dialect.never : sql`(${join(tests, ' OR ')})`;
}

function notInList(test: Test): Sql {
  const { operands, hasNull } = membersOf(test);
  const tests = isMember(test.left, operands);
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
    return scope.dialect.textTests[name](
      left,
      castTo(scope, 'text', pattern),
      condition.caseSensitive === true,
    );
  };
}

function during({ condition, field, left, scope, pointer }: Test): Sql {
  return compileDuring(condition.range!, field, left, scope, `${pointer}/range`);
}

function isEmpty({ field, left }: Test): Sql {
  return field.column.type === 'text' ? sql`(${left} IS NULL OR ${left} = '')` : sql`${left} IS NULL`;
}
