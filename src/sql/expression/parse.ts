import { Cursor, type ExpressionLimits, isWord } from './cursor.ts';
import { parsePrimary } from './parse-primary.ts';
import { parseTarget } from './parse-target.ts';
import type { Place } from './place.ts';
import { type Arithmetic, type Comparison, childrenOf, type Node } from './tree.ts';

/** How tightly operators bind, as in PostgreSQL. */
const LEVEL = {
  or: 1,
  and: 2,
  not: 3,
  is: 4,
  comparison: 5,
  among: 6,
  concat: 7,
  sum: 8,
  product: 9,
  sign: 10,
  cast: 11,
} as const;

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};
const WORDS: ReadonlyMap<string, number> = new Map([
  ['or', LEVEL.or],
  ['and', LEVEL.and],
  ['is', LEVEL.is],
]);
const AMONG = ['between', 'in', 'like', 'ilike'];
const SIGNS: Readonly<Record<string, number>> = {
  '||': LEVEL.concat,
  '+': LEVEL.sum,
  '-': LEVEL.sum,
  '*': LEVEL.product,
  '/': LEVEL.product,
  '%': LEVEL.product,
  '::': LEVEL.cast,
};

/** The level of the operator that comes next; 0 where none does. */
function levelOf(cursor: Cursor): number {
  const { kind, value } = cursor.token;
  if (kind === 'sign') return SIGNS[value] ?? (COMPARISONS[value] ? LEVEL.comparison : 0);
  if (kind !== 'word') return 0;
  if (cursor.isWord(...AMONG)) return LEVEL.among;
  if (cursor.isWord('not') && isWord(cursor.ahead(1), ...AMONG)) return LEVEL.among;
  return WORDS.get(value.toLowerCase()) ?? 0;
}

/** What stands up to the next operator that binds less than `level`. */
export function parseAt(cursor: Cursor, level: number): Node {
  return cursor.nested(() => {
    let left = parsePrefix(cursor);
    let depth = 0;
    for (let next = levelOf(cursor); next >= level && next > 0; next = levelOf(cursor)) {
      const isComparison = next === LEVEL.comparison;
      left = parseInfix(cursor, left, next);
      if (isComparison && levelOf(cursor) === LEVEL.comparison)
        throw cursor.unexpected('"and" or "or", as comparisons do not chain');
      depth += 1;
      cursor.checkDepth(depth);
    }
    return left;
  });
}

export const parseNode = (cursor: Cursor): Node => parseAt(cursor, LEVEL.or);

function parsePrefix(cursor: Cursor): Node {
  const { at } = cursor.token;
  if (cursor.isWord('not')) {
    cursor.take();
    return { kind: 'not', operand: parseAt(cursor, LEVEL.not), at };
  }
  if (cursor.skip('-')) return { kind: 'minus', operand: parseAt(cursor, LEVEL.sign), at };
  if (cursor.skip('+')) return parseAt(cursor, LEVEL.sign);
  return parsePrimary(cursor, parseNode);
}

function parseInfix(cursor: Cursor, left: Node, level: number): Node {
  if (level === LEVEL.among) return parseAmong(cursor, left);
  const { at, value } = cursor.take();
  if (level === LEVEL.is) return parseIs(cursor, left, at);
  if (level === LEVEL.cast) return { kind: 'cast', operand: left, target: parseTarget(cursor), at };
  const right = parseAt(cursor, level + 1);
  if (level === LEVEL.or) return { kind: 'logic', sign: 'or', left, right, at };
  if (level === LEVEL.and) return { kind: 'logic', sign: 'and', left, right, at };
  if (level === LEVEL.concat) return { kind: 'concat', left, right, at };
  const comparison = COMPARISONS[value];
  if (comparison) return { kind: 'compare', sign: comparison, left, right, at };
  return { kind: 'arithmetic', sign: value as Arithmetic, left, right, at };
}

function parseIs(cursor: Cursor, operand: Node, at: number): Node {
  const negated = cursor.skip('not');
  if (cursor.skip('null')) return { kind: 'isNull', operand, negated, at };
  if (cursor.isWord('true', 'false'))
    return { kind: 'isTruth', operand, truth: cursor.take().value.toLowerCase() === 'true', negated, at };
  if (!cursor.skip('distinct')) throw cursor.unexpected('null, true, false or "distinct from"');
  cursor.need('from');
  return { kind: 'isDistinct', left: operand, right: parseAt(cursor, LEVEL.comparison), negated, at };
}

function parseAmong(cursor: Cursor, operand: Node): Node {
  const negated = cursor.skip('not');
  const { at, value } = cursor.take();
  const word = value.toLowerCase();
  if (word === 'between') {
    const low = parseAt(cursor, LEVEL.concat);
    cursor.need('and');
    return { kind: 'between', operand, low, high: parseAt(cursor, LEVEL.concat), negated, at };
  }
  if (word === 'in') return { kind: 'in', operand, items: parseItems(cursor), negated, at };
  const pattern = parseAt(cursor, LEVEL.concat);
  return { kind: 'like', operand, pattern, ignoreCase: word === 'ilike', negated, at };
}

function parseItems(cursor: Cursor): Node[] {
  cursor.need('(');
  const items = [parseNode(cursor)];
  while (cursor.skip(',')) items.push(parseNode(cursor));
  cursor.need(')');
  return items;
}

/** The tree of an expression. Throws `query.syntax`, and `request.invalid` past a limit. */
export function parseExpression(place: Place, limits: ExpressionLimits): Node {
  const cursor = new Cursor(place, limits);
  const node = parseNode(cursor);
  if (cursor.token.kind !== 'end') throw cursor.unexpected('an operator or the end');
  cursor.checkDepth(depthOf(node));
  return node;
}

/** Levels of the tree, found without recursion. */
function depthOf(node: Node): number {
  let level = [node];
  let depth = 0;
  while (level.length > 0) {
    depth += 1;
    level = level.flatMap(childrenOf);
  }
  return depth;
}
