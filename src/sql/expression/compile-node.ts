import { AppError } from '../../base/errors.ts';
import { FIELD_BYTES } from '../../domain/long-text.ts';
import { param, raw, type Sql, sql } from '../ast.ts';
import { plainColumn } from '../native.ts';
import { exactNumber } from '../number-text.ts';
import { checkLike } from '../patterns.ts';
import { resolveField } from '../scope.ts';
import { arithmetic } from './arithmetic.ts';
import { asText, castValue } from './cast.ts';
import { among, between, compared, distinct } from './compare.ts';
import { compileCase } from './compile-case.ts';
import { callFunction } from './functions.ts';
import { movedBySpans } from './moved.ts';
import { fault } from './place.ts';
import type { Node, NodeOf } from './tree.ts';
import {
  type Context,
  conditionSql,
  MAX_SCALE,
  readLiteral,
  typeFault,
  type Value,
  valueSql,
} from './value.ts';

/** Pieces of SQL that an expression may become, as some spellings write their value more than once. */
const MAX_PARTS = 50_000;

type Compile<K extends Node['kind']> = (node: NodeOf<K>, context: Context) => Value;

const condition = (sql: Sql): Value => ({ type: 'boolean', sql, isCondition: true });

const COMPILE: { readonly [K in Node['kind']]: Compile<K> } = {
  number: numberLiteral,
  text: ({ value }, { scope }) => ({ type: 'text', sql: scope.dialect.given.text(value), literal: value }),
  boolean: ({ value }, { scope }) => ({ type: 'boolean', sql: scope.dialect.given.boolean(value) }),
  null: () => ({ type: 'null', sql: raw('NULL') }),
  moment: ({ type, text, at }, context) => ({ type, sql: readLiteral(text, type, at, context) }),
  interval: ({ at }, context) => {
    throw typeFault(at, 'An interval stands only behind + or - of a date or time', context);
  },
  field: (node, { scope, place, spell, bounded }) => {
    const { sql: read, column } = resolveField(scope, node.name, place.pointer);
    const sql = plainColumn(read, column, scope.dialect);
    if (column.type === 'text' && bounded.has(node))
      return { type: 'text', sql: spell.texts.atMost(spell.texts.text(sql), FIELD_BYTES), isPrepared: true };
    return { type: column.type, scale: column.type === 'decimal' ? column.scale : undefined, sql };
  },
  minus,
  not: ({ operand, at }, context) =>
    condition(sql`(NOT ${conditionSql(compileNode(operand, context), at, context)})`),
  logic: ({ sign, left, right, at }, context) => {
    const [a, b] = [left, right].map((node) => conditionSql(compileNode(node, context), at, context));
    return condition(sql`(${a!} ${raw(sign === 'and' ? 'AND' : 'OR')} ${b!})`);
  },
  compare: ({ sign, left, right, at }, context) =>
    compared(sign, compileNode(left, context), compileNode(right, context), at, context),
  arithmetic: (node, context) => {
    const { sign, left, right, at } = node;
    if (right.kind === 'interval' && (sign === '+' || sign === '-'))
      return movedBySpans(compileNode(left, context), sign, right.spans, at, context);
    return arithmetic(sign, compileNode(left, context), compileNode(right, context), at, context);
  },
  concat: ({ left, right, at }, context) => {
    const values = [left, right].map((node) => asText(compileNode(node, context), at, context));
    return { type: 'text', sql: context.spell.texts.join(values), isPrepared: true };
  },
  isNull: ({ operand, negated }, context) =>
    condition(
      sql`(${valueSql(compileNode(operand, context), context)} ${raw(negated ? 'IS NOT NULL' : 'IS NULL')})`,
    ),
  isTruth: ({ operand, truth, negated, at }, context) => {
    const test = conditionSql(compileNode(operand, context), at, context);
    const { complement } = context.scope.dialect;
    const isNot = complement(truth ? test : sql`(NOT ${test})`);
    return condition(negated ? isNot : sql`(NOT ${isNot})`);
  },
  isDistinct: (node, context) =>
    distinct(node, compileNode(node.left, context), compileNode(node.right, context), context),
  between: (node, context) => {
    const [value, low, high] = [node.operand, node.low, node.high].map((each) => compileNode(each, context));
    return between(node, [value!, low!, high!], context);
  },
  in: (node, context) =>
    among(
      node,
      compileNode(node.operand, context),
      node.items.map((item) => compileNode(item, context)),
      context,
    ),
  like,
  case: (node, context) => compileCase(node, context, compileNode),
  cast: ({ operand, target, at }, context) => castValue(compileNode(operand, context), target, at, context),
  call: ({ name, args, at }, context) =>
    callFunction(
      name,
      args.map((node) => compileNode(node, context)),
      at,
      context,
    ),
};

/** The SQL of a node. Throws `query.*` that name the place in the text. */
export function compileNode(node: Node, context: Context): Value {
  const compile = COMPILE[node.kind] as (node: Node, context: Context) => Value;
  const value = compile(node, context);
  if (value.sql.parts.length > MAX_PARTS)
    throw fault('request.invalid', node.at, 'The expression becomes too large', context.place);
  return value;
}

const MAX_DIGITS = 38;

/** Exact, with as many digits behind the point as are written. */
function numberLiteral({ text, at }: NodeOf<'number'>, { scope, place }: Context): Value {
  const { text: plain, precision, scale } = exactNumber(text.startsWith('.') ? `0${text}` : text)!;
  const written = /[eE]/.test(text) ? scale : (text.split('.')[1]?.length ?? 0);
  const digits = precision - scale + written;
  if (digits > MAX_DIGITS || written > MAX_SCALE)
    throw fault(
      'query.type',
      at,
      `A number has at most ${MAX_DIGITS} digits, ${MAX_SCALE} of them behind the point`,
      place,
    );
  if (written > 0) {
    const sql = scope.dialect.exactNumber(param(plain), Math.max(digits, written + 1), written);
    return { type: 'decimal', scale: written, sql };
  }
  const count = Number(plain);
  return {
    type: 'integer',
    sql: scope.dialect.exactNumber(param(plain), digits, 0),
    ...(Number.isSafeInteger(count) ? { count } : {}),
  };
}

function minus({ operand, at }: NodeOf<'minus'>, context: Context): Value {
  const value = compileNode(operand, context);
  const { numbers, typedNull } = context.spell;
  if (value.type === 'null') return { type: 'integer', sql: typedNull('integer') };
  if (value.type !== 'integer' && value.type !== 'decimal' && value.type !== 'float')
    throw typeFault(at, `- takes a number, not ${value.type}`, context, { type: value.type, operator: '-' });
  const { count, scale, type } = value;
  const given = type === 'integer' && count === undefined ? numbers.whole(value.sql) : value.sql;
  return { type, scale, sql: sql`(- ${given})`, ...(count === undefined ? {} : { count: -count }) };
}

function like({ operand, pattern, ignoreCase, negated, at }: NodeOf<'like'>, context: Context): Value {
  const value = compileNode(operand, context);
  if (value.type !== 'text' && value.type !== 'null')
    throw typeFault(at, `like takes text, not ${value.type}`, context, { type: value.type });
  if (pattern.kind !== 'text') throw typeFault(pattern.at, 'The pattern of like is a written text', context);
  checkLike(pattern.value, context.place.pointer);
  const subject = value.type === 'null' ? context.spell.typedNull('text') : value.sql;
  try {
    const test = context.scope.dialect.textTests.like(subject, pattern.value, !ignoreCase);
    return condition(negated ? sql`(NOT ${test})` : test);
  } catch (error) {
    if (error instanceof AppError && error.pointer === undefined)
      throw fault(error.code, at, error.message, context.place, error.params);
    throw error;
  }
}
