import { FIELD_BYTES } from '../../domain/long-text.ts';
import { fault, type Place } from './place.ts';
import { childrenOf, type Node, type NodeOf } from './tree.ts';

/** Up to so many times its fields, an expression makes so little of them that their length may be what the data says. */
const FREE_TIMES = 16;
/** Of a number, a date or a truth value as text. */
const SCALAR_BYTES = 64;
const BYTES_OF_CHARACTER = 4;
/** A character of translate() that waits for its place is written as three to five. */
const TRANSLATED = 9;

interface Found {
  readonly place: Place;
  readonly maxBytes: number;
  /** Fields whose length decides how long a text may become. */
  readonly fields: Node[];
  most: number;
}

type Call = NodeOf<'call'>;
type Rule = (call: Call, bytes: readonly number[]) => number;

const sum = (numbers: readonly number[]) => numbers.reduce((all, number) => all + number, 0);
const most = (numbers: readonly number[]) => Math.max(SCALAR_BYTES, ...numbers);

function countOf(node: Node | undefined): number | null {
  if (node?.kind === 'number') return Number(node.text);
  if (node?.kind === 'minus') return countOf(node.operand);
  return null;
}

const replace: Rule = ({ args: [, from] }, [text = 0, , to = 0]) => {
  const length = from?.kind === 'text' ? Buffer.byteLength(from.value) : 1;
  return Math.max(text, Math.ceil(text / Math.max(1, length)) * to);
};

const joined: Rule = ({ args }, [separator = 0, ...texts]) =>
  sum(texts) + Math.max(0, args.length - 2) * separator;

const times =
  (factor: number): Rule =>
  (_, [text = 0]) =>
    factor * text;

/** Cut to a number of characters at a place among the arguments. */
const cut =
  (index: number): Rule =>
  ({ args }, [text = 0]) =>
    Math.min(text, (countOf(args[index]) ?? Number.POSITIVE_INFINITY) * BYTES_OF_CHARACTER);

const padded: Rule = ({ args }) => (countOf(args[1]) ?? 0) * BYTES_OF_CHARACTER;

/** Functions that give texts; a call of another has a scalar, or the longest of its arguments. */
const RULES: Readonly<Record<string, Rule>> = {
  replace,
  concat: (_, bytes) => sum(bytes),
  concat_ws: joined,
  lower: times(3),
  upper: times(3),
  translate: times(TRANSLATED),
  lpad: padded,
  rpad: padded,
  left: cut(1),
  right: cut(1),
  substr: cut(2),
  substring: cut(2),
};

/** Whether the length of the first argument does not reach the result. */
const isBounded = (node: Node): boolean =>
  node.kind === 'call' &&
  ((/^[lr]pad$/.test(node.name) && node.args.length > 1) ||
    (/^(?:left|right)$/.test(node.name) && countOf(node.args[1]) !== null) ||
    (/^substr(?:ing)?$/.test(node.name) && countOf(node.args[2]) !== null));

function ownBytes(node: Node, bytes: readonly number[]): number {
  switch (node.kind) {
    case 'text':
      return Buffer.byteLength(node.value);
    case 'field':
      return FIELD_BYTES;
    case 'concat':
      return sum(bytes);
    case 'call':
      return (
        Object.hasOwn(RULES, node.name) ? RULES[node.name]! : (_: Call, all: readonly number[]) => most(all)
      )(node, bytes);
    case 'case':
    case 'cast':
      return most(bytes);
    default:
      return SCALAR_BYTES;
  }
}

function visit(node: Node, found: Found): number {
  const before = found.fields.length;
  const bytes = ownBytes(
    node,
    childrenOf(node).map((child) => visit(child, found)),
  );
  if (isBounded(node)) found.fields.length = before;
  if (node.kind === 'field') found.fields.push(node);
  found.most = Math.max(found.most, bytes);
  if (bytes <= found.maxBytes) return bytes;
  throw fault(
    'request.invalid',
    node.at,
    `The expression could make a text of more than ${found.maxBytes} bytes out of fields of ${FIELD_BYTES}; cut its parts with left(x, count)`,
    found.place,
    { limit: 'EXPRESSION_MAX_VALUE_BYTES', most: found.maxBytes },
  );
}

/**
 * The fields that must have at most FIELD_BYTES characters for the expression's texts to stay within `maxBytes`; none where it makes
 * little of each. Throws `request.invalid` for an expression that could make more even of those.
 */
export function boundedFields(node: Node, place: Place, maxBytes: number): ReadonlySet<Node> {
  const found: Found = { place, maxBytes, fields: [], most: 0 };
  visit(node, found);
  const free = (FREE_TIMES + found.fields.length) * FIELD_BYTES;
  return new Set(found.most > free ? found.fields : []);
}
