import { foldName } from '../../../base/fold-name.ts';
import { overLimit, type StatementLimits } from '../limits.ts';
import { refused } from '../refusal.ts';
import { names } from '../token-rules.ts';
import { isNode, type Node, nameOf } from '../tree.ts';
import { COLUMN_BYTES, callBytes, callOf, checkPattern, SCALAR_BYTES } from './call-rules.ts';
import { childrenOf, functionName, itemOf, itemsOf, kindOf } from './nodes.ts';
import { checkSeries, seriesLength } from './series.ts';

/** Kinds whose value is a number, a date or a truth value. */
const SCALARS = names(`
  eq neq lt lte gt gte and or not like i_like in between is_null is_true is_false exists add sub mul div mod neg count sum avg
  length extract date_trunc row_number rank dense_rank regexp_like similar_to
`);
/** Kinds that give one of their operands, or the values of one of them. */
const CHOICES = names(`
  case coalesce null_if if_func if_null nvl greatest least any_value first last min max mode window_function union intersect
  except values lag lead first_value last_value nth_value
`);
const AGGREGATED = names('string_agg group_concat list_agg array_agg aggregate_function');
/** Kinds whose value may be longer than each operand. */
const GROWING = names('function concat overlay cast try_cast array_func map_func comprehension');
const PATTERNS = names('regexp_like similar_to');
/** The parser keeps these as calls for DuckDB. As nodes of their own they would pass the rules of calls by. */
const CALLS_ONLY = names(
  'repeat lpad rpad pad regexp_replace regexp_extract regexp_extract_all regexp_split sequence levenshtein hex',
);
/** A list that data makes is taken to have so many elements, of so many bytes each. */
const LIST_ELEMENTS = 32;
const ELEMENT_BYTES = 128;
const BYTES_OF_NUMBER = 8;
const RECURSIVE_SHARE = 0.55;
/** The key of what is known of columns without a name. */
const UNNAMED = '';

interface Context {
  readonly limits: StatementLimits;
  /** Bytes of aliases and of columns of derived tables, where they may have more than a column. One scope: a larger one decides. */
  readonly known: Map<string, number>;
  /** Parameters of lambdas and comprehensions, which hold one element of a list. */
  readonly elements: ReadonlySet<string>;
}

function learn(name: string | null, bytes: number, { known }: Context): void {
  const key = name ?? UNNAMED;
  if (bytes > Math.max(COLUMN_BYTES, known.get(key) ?? 0)) known.set(key, bytes);
}

const columnBytes = (name: string, { known, elements }: Context) =>
  elements.has(name) ? ELEMENT_BYTES : Math.max(COLUMN_BYTES, known.get(name) ?? known.get(UNNAMED) ?? 0);

const everyColumn = ({ known }: Context) => Math.max(COLUMN_BYTES, ...known.values());

const total = (numbers: readonly number[]) => numbers.reduce((all, number) => all + number, 0);

function checked(bytes: number, { limits }: Context): number {
  if (bytes > limits.valueBytes) throw overLimit('valueBytes', limits);
  return bytes;
}

/** The bytes of each part of a node or list. */
const partsOf = (value: Node, context: Context): number[] =>
  Array.isArray(value)
    ? value.map((item) => bytesOf(item, context))
    : childrenOf(value).map(([key, child]) => bytesAt(key, child, context));

const bytesOf = (value: unknown, context: Context): number =>
  isNode(value) ? total(partsOf(value, context)) : 0;

/** The most bytes of what stands at a key, be it the kind of a node or a field. */
function bytesAt(key: string, value: unknown, context: Context): number {
  if (!isNode(value) || key === 'with') return 0;
  if (Array.isArray(value)) return bytesOf(value, context);
  if (CALLS_ONLY.has(key) && 'this' in value) throw refused('syntax', { what: key.toUpperCase() });
  const bytes = nodeBytes(key, value, context);
  return GROWING.has(key) ? checked(bytes, context) : bytes;
}

function nodeBytes(kind: string, body: Node, context: Context): number {
  if (kind === 'literal')
    return body.literal_type === 'string' ? Buffer.byteLength(String(body.value)) : SCALAR_BYTES;
  if (kind === 'column') return columnBytes(foldName(nameOf(body.name) ?? ''), context);
  if (kind === 'parameter' || kind === 'placeholder') return COLUMN_BYTES;
  if (kind === 'star') return everyColumn(context);
  visitWith(body, context);
  if (PATTERNS.has(kind)) checkPattern(kind.toUpperCase().replaceAll('_', ' '), body.pattern, context.limits);
  if (kind === 'select') return selectBytes(body, context);
  if (kind === 'function') return functionBytes(body, false, context);
  if (kind === 'comprehension') return comprehensionBytes(body, context);
  const parts = partsOf(body, context);
  if (isNode(body.alias)) learnColumns(body, Math.max(0, ...parts), context);
  if (SCALARS.has(kind)) return SCALAR_BYTES;
  if (AGGREGATED.has(kind)) return Math.max(COLUMN_BYTES, ...parts);
  if (kind === 'cast' || kind === 'try_cast') return SCALAR_BYTES + total(parts);
  return CHOICES.has(kind) ? Math.max(0, ...parts) : total(parts);
}

function functionBytes(body: Node, isSource: boolean, context: Context): number {
  const name = functionName(body);
  const args = itemsOf(body.args);
  const elements = Math.max(...args.map(elementsOf));
  const bytes = args.map((arg) => lambdaBytes(arg, elements, context) ?? bytesOf(arg, context));
  if (name === 'columns') return everyColumn(context);
  if (name === 'range' || name === 'generate_series')
    return seriesBytes(name, args, isSource, context.limits);
  return Math.max(SCALAR_BYTES, callBytes(callOf(body, bytes, context.limits)));
}

function seriesBytes(name: string, args: readonly unknown[], isSource: boolean, limits: StatementLimits) {
  const length = checkSeries(name, args, isSource, limits);
  return isSource || length === null ? SCALAR_BYTES : BYTES_OF_NUMBER * length;
}

/** How many elements a list has, as far as it is written out. */
function elementsOf(value: unknown): number {
  const [kind, body] = kindOf(value) ?? [];
  if (kind === 'array_func') return itemsOf(body!.expressions).length;
  const name = kind === 'function' ? functionName(body!) : '';
  const isSeries = name === 'range' || name === 'generate_series';
  return (isSeries ? seriesLength(name, itemsOf(body!.args)) : null) ?? LIST_ELEMENTS;
}

const withElements = (names: readonly unknown[], context: Context): Context => ({
  ...context,
  elements: new Set([...context.elements, ...names.map((name) => foldName(nameOf(name) ?? ''))]),
});

/** What a lambda makes of each element; null for what is none. */
function lambdaBytes(value: unknown, elements: number, context: Context): number | null {
  const [kind, body] = kindOf(value) ?? [];
  if (kind !== 'lambda') return null;
  return elements * bytesOf(body!.body, withElements(itemsOf(body!.parameters), context));
}

function comprehensionBytes(body: Node, context: Context): number {
  const [, variable] = kindOf(body.expression) ?? [];
  const inner = withElements([variable?.name], context);
  bytesOf(body.condition, inner);
  return bytesOf(body.iterator, context) + elementsOf(body.iterator) * bytesOf(body.this, inner);
}

/** Sources first, then what reads them; the answer's columns are those of the longest. */
function selectBytes(body: Node, context: Context): number {
  const from = isNode(body.from) ? itemsOf(body.from.expressions) : [];
  for (const source of from) visitSource(source, context);
  for (const join of itemsOf(body.joins) as Node[]) {
    visitSource(join.this, context);
    bytesOf({ on: join.on }, context);
  }
  const items = itemsOf(body.expressions).map((item) => {
    const { name, expression } = itemOf(item);
    const bytes = checked(bytesOf(expression, context), context);
    learn(name, bytes, context);
    return bytes;
  });
  for (const [key, child] of childrenOf(body))
    if (key !== 'expressions' && key !== 'from' && key !== 'joins') bytesAt(key, child, context);
  return items.length === 0 ? everyColumn(context) : Math.max(...items);
}

function visitSource(source: unknown, context: Context): void {
  if (!isNode(source)) return;
  for (const [kind, body] of childrenOf(source)) {
    const node = body as Node;
    if (kind === 'function') functionBytes(node, true, context);
    else if (kind === 'alias' || kind === 'lateral' || kind === 'paren') visitSource(node.this, context);
    else bytesAt(kind, node, context);
    if (kind === 'alias') learnColumns(node, everyColumn(context), context);
  }
}

/** `AS t(a, b)` names columns that hold what the query's do. */
function learnColumns(body: Node, bytes: number, context: Context): void {
  for (const list of [body.column_aliases, body.columns, body.alias_columns])
    for (const column of itemsOf(list)) learn(foldName(nameOf(column) ?? ''), bytes, context);
}

function visitWith(body: Node, context: Context): void {
  if (!isNode(body.with)) return;
  for (const cte of itemsOf(body.with.ctes) as Node[]) {
    if (body.with.recursive === true) learnRecursive(cte, context);
    learnColumns(cte, bytesOf(cte.this, context), context);
  }
}

/** What a column holds in a later round: so much that text that grows by more than some columns in each round is too long. */
function learnRecursive(cte: Node, context: Context): void {
  const union = isNode(cte.this) && isNode(cte.this.union) ? cte.this.union : null;
  if (!union) return;
  const bytes = Math.ceil(context.limits.valueBytes * RECURSIVE_SHARE);
  learnColumns(cte, bytes, context);
  const left = isNode(union.left) && isNode(union.left.select) ? union.left.select : {};
  for (const item of itemsOf(left.expressions)) learn(itemOf(item).name, bytes, context);
}

/**
 * Texts that an expression may make, lengths of series, patterns and widths. Bounds are those of literals, and COLUMN_BYTES for what data
 * decides: growth is bounded, not the size of a value that is as long as data makes it. Throws `query.refused`.
 */
export function checkTexts(statement: unknown, limits: StatementLimits): void {
  bytesOf(statement, { limits, known: new Map(), elements: new Set() });
}
