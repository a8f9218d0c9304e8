import { GRAINS, type Grain } from '../../domain/time.ts';
import type { Cursor } from './cursor.ts';
import { parseTarget } from './parse-target.ts';
import { fault } from './place.ts';
import type { Branch, Node, Span } from './tree.ts';

type ParseNode = (cursor: Cursor) => Node;

/** Words of the grammar, which are names only in quotes. */
const RESERVED = [
  'and',
  'or',
  'not',
  'is',
  'in',
  'between',
  'like',
  'ilike',
  'case',
  'when',
  'then',
  'else',
  'end',
  'as',
  'from',
  'for',
  'distinct',
  'select',
];
const MOMENTS = { date: 'date', time: 'time', timestamp: 'timestamp', timestamptz: 'timestamptz' } as const;

/** A literal, a name, a call, or what stands in parentheses. */
export function parsePrimary(cursor: Cursor, parse: ParseNode): Node {
  const { kind, value, at } = cursor.token;
  if (kind === 'number') return { kind: 'number', text: cursor.take().value, at };
  if (kind === 'text') return { kind: 'text', value: cursor.take().value, at };
  if (kind === 'name') return fieldAt(cursor);
  if (cursor.skip('(')) {
    const node = parse(cursor);
    cursor.need(')');
    return node;
  }
  if (kind !== 'word') throw cursor.unexpected('a value');
  return parseWord(cursor, value.toLowerCase(), parse);
}

function parseWord(cursor: Cursor, word: string, parse: ParseNode): Node {
  const { at } = cursor.token;
  const after = cursor.ahead(1);
  const isCall = after?.kind === 'sign' && after.value === '(';
  if (word === 'case') return parseCase(cursor, parse);
  if (after?.kind === 'text' && Object.hasOwn(MOMENTS, word)) {
    cursor.take();
    return { kind: 'moment', type: MOMENTS[word as 'date'], text: cursor.take().value, at };
  }
  if (after?.kind === 'text' && word === 'interval') return parseInterval(cursor);
  if (word === 'null') return { kind: 'null', at: cursor.take().at };
  if (word === 'true' || word === 'false')
    return { kind: 'boolean', value: word === 'true', at: cursor.take().at };
  if (isCall && !RESERVED.includes(word)) return parseCall(cursor, word, parse);
  if (RESERVED.includes(word)) throw cursor.unexpected('a value');
  if (word === 'current_date' || word === 'current_timestamp')
    return { kind: 'call', name: word, args: [], at: cursor.take().at };
  return fieldAt(cursor);
}

/** A name of parts with points between them is one name with points in it. */
function fieldAt(cursor: Cursor): Node {
  const first = cursor.take();
  let name = first.value;
  while (cursor.isSign('.')) {
    cursor.take();
    if (cursor.token.kind !== 'word' && cursor.token.kind !== 'name') throw cursor.unexpected('a name');
    name += `.${cursor.take().value}`;
  }
  return { kind: 'field', name, at: first.at };
}

function parseCase(cursor: Cursor, parse: ParseNode): Node {
  const { at } = cursor.take();
  const subject = cursor.isWord('when') ? undefined : parse(cursor);
  const branches: Branch[] = [];
  while (cursor.skip('when')) {
    const when = parse(cursor);
    cursor.need('then');
    branches.push({ when, result: parse(cursor) });
  }
  if (branches.length === 0) throw cursor.unexpected('"when"');
  const otherwise = cursor.skip('else') ? parse(cursor) : undefined;
  cursor.need('end');
  return { kind: 'case', subject, branches, otherwise, at };
}

const SPAN = /\s*([+-]?\d{1,6})\s*([a-z]+)\s*/iy;

/** `interval '1 year 2 months'`. */
function parseInterval(cursor: Cursor): Node {
  const { at } = cursor.take();
  const token = cursor.take();
  const spans: Span[] = [];
  let end = 0;
  while (end < token.value.length || spans.length === 0) {
    SPAN.lastIndex = end;
    const found = SPAN.exec(token.value);
    const unit = found && unitOf(found[2]!);
    if (!found || !unit)
      throw fault(
        'query.syntax',
        token.at,
        `An interval is spelled like '3 months' or '1 year 2 days'`,
        cursor.place,
      );
    spans.push({ count: Number(found[1]), unit });
    end = SPAN.lastIndex;
  }
  return { kind: 'interval', spans, at };
}

/** A unit of time, in the singular or the plural. */
export function unitOf(text: string): Grain | undefined {
  const name = text.toLowerCase().replace(/s$/, '');
  return GRAINS.find((unit) => unit === name);
}

function parseCall(cursor: Cursor, name: string, parse: ParseNode): Node {
  const { at } = cursor.take();
  cursor.need('(');
  if (name === 'cast') {
    const operand = parse(cursor);
    cursor.need('as');
    const target = parseTarget(cursor);
    cursor.need(')');
    return { kind: 'cast', operand, target, at };
  }
  const spelledOut = Object.hasOwn(SPELLED_OUT, name) ? SPELLED_OUT[name] : undefined;
  const args = (spelledOut ?? parseArguments)(cursor, parse);
  cursor.need(')');
  return { kind: 'call', name, args, at };
}

function parseArguments(cursor: Cursor, parse: ParseNode): Node[] {
  if (cursor.isSign(')')) return [];
  const args = [parse(cursor)];
  while (cursor.skip(',')) args.push(parse(cursor));
  return args;
}

/** Calls with words between their arguments. */
const SPELLED_OUT: Readonly<Record<string, (cursor: Cursor, parse: ParseNode) => Node[]>> = {
  extract: (cursor, parse) => {
    const { kind, value, at } = cursor.token;
    if (kind !== 'word' && kind !== 'text') throw cursor.unexpected('a part of a date, such as year');
    cursor.take();
    cursor.need('from');
    return [{ kind: 'text', value, at }, parse(cursor)];
  },
  substring: (cursor, parse) => {
    const text = parse(cursor);
    if (!cursor.isWord('from', 'for')) return [text, ...rest(cursor, parse)];
    const start: Node = cursor.skip('from')
      ? parse(cursor)
      : { kind: 'number', text: '1', at: cursor.token.at };
    return cursor.skip('for') ? [text, start, parse(cursor)] : [text, start];
  },
  position: (cursor, parse) => {
    // `in` would be read as the operator, so that what is looked for is a literal, a name or a call.
    const needle = parsePrimary(cursor, parse);
    cursor.need('in');
    return [parse(cursor), needle];
  },
};

function rest(cursor: Cursor, parse: ParseNode): Node[] {
  const args: Node[] = [];
  while (cursor.skip(',')) args.push(parse(cursor));
  return args;
}
