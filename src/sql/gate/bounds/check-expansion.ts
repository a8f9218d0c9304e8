import { foldName } from '../../../base/fold-name.ts';
import { overLimit, type StatementLimits } from '../limits.ts';
import { isNode, type Node, nameOf } from '../tree.ts';
import { aliasOf, childrenOf, functionName, itemOf, itemsOf, kindOf } from './nodes.ts';

/** Columns that a dataset is taken to have where `*` stands for them. */
const DATASET_COLUMNS = 100;
/** DuckDB's macros among the allowed functions copy arguments, and bind them again. */
const MACROS =
  /^(?:nullif|split_part|array_to_string|array_append|array_prepend|array_push_(?:back|front)|array_reverse|list_(?!transform|filter|reduce|apply|value|concat|contains|extract|zip|sort|distinct)\w+|map_contains_(?:entry|value)|geomean|geometric_mean|weighted_avg|wavg|json|json_group_(?:array|object)|date_add)$/;
/** How many times DuckDB handles what stands in a node, as measured with 1.5.6: time grows with this power of the depth. */
const FACTORS: Readonly<Record<string, number>> = {
  between: 4,
  lambda: 2,
  comprehension: 2,
  subquery: 2,
  exists: 2,
  json_extract: 2,
  json_extract_scalar: 2,
  null_if: 3,
  split_part: 3,
};

interface Scope {
  /** Sizes of the aliases of the SELECT, each of which is copied to where it is named. */
  readonly aliases: Map<string, number>;
  /** What `*` stands for. */
  readonly width: number;
  readonly ctes: Map<string, number>;
}

const EMPTY: Scope = { aliases: new Map(), width: 0, ctes: new Map() };

/** Kinds of nodes and names of fields are told apart by what is known of a kind alone; a field counts what stands in it. */
const sizeOfChildren = (value: Node, scope: Scope): number =>
  childrenOf(value).reduce((all, [key, child]) => all + sizeOfEntry(key, child, scope), 0);

function sizeOfEntry(key: string, child: unknown, scope: Scope): number {
  if (key === 'with') return 0;
  return Array.isArray(child) ? sizeOf(child, scope) : sizeOfNode(key, child as Node, scope);
}

const LEAVES = new Set(['literal', 'boolean', 'null', 'parameter', 'interval', 'table']);

function factorOf(kind: string, body: Node): number {
  if (kind.endsWith('function')) return MACROS.test(functionName(body)) ? 3 : 1;
  return Object.hasOwn(FACTORS, kind) ? FACTORS[kind]! : 1;
}

function sizeOfColumn(body: Node, { aliases }: Scope): number {
  const name = nameOf(body.name);
  return body.table ? 1 : (aliases.get(foldName(name ?? '')) ?? 1);
}

/** CASE x WHEN a … compares a copy of x with each a. Each child is measured once: this code must not take time that doubles itself. */
function sizeOfCase(body: Node, scope: Scope): number {
  const copies = Math.max(1, itemsOf(body.whens).length);
  const { operand, ...others } = body;
  return 1 + sizeOfChildren(others, scope) + copies * sizeOf(operand, scope);
}

function sizeOfNode(kind: string, body: Node, scope: Scope): number {
  if (kind === 'select') return sizeOfSelect(body, scope);
  if (kind === 'column') return sizeOfColumn(body, scope);
  if (kind === 'star') return Math.max(1, scope.width);
  if (kind === 'case') return sizeOfCase(body, scope);
  const isColumns = kind === 'function' && functionName(body) === 'columns';
  const inner = withCtes(body, scope);
  const own = LEAVES.has(kind) || kind.endsWith('function') ? 1 : 0;
  const size = factorOf(kind, body) * sizeOfChildren(body, inner);
  return own + (isColumns ? scope.width : 0) + size + sizeOfWith(body, inner);
}

export function sizeOf(value: unknown, scope: Scope = EMPTY): number {
  if (!isNode(value)) return 0;
  if (Array.isArray(value)) return value.reduce((all: number, item) => all + sizeOf(item, scope), 0);
  return sizeOfChildren(value, scope);
}

/** The scope inside a WITH clause. */
function withCtes(body: Node, scope: Scope): Scope {
  if (!isNode(body.with)) return scope;
  const ctes = new Map(scope.ctes);
  for (const cte of itemsOf(body.with.ctes) as Node[])
    ctes.set(aliasOf(cte) ?? '', widthOf(cte.this, { ...scope, ctes }));
  return { ...scope, ctes };
}

const sizeOfWith = (body: Node, inner: Scope): number =>
  isNode(body.with)
    ? (itemsOf(body.with.ctes) as Node[]).reduce((all, cte) => all + sizeOf(cte.this, inner), 0)
    : 0;

function sizeOfSelect(body: Node, outer: Scope): number {
  const inner = withCtes(body, outer);
  const scope: Scope = { ...inner, aliases: new Map(outer.aliases), width: widthOfFrom(body, inner) };
  let size = 1 + sizeOfWith(body, inner);
  for (const item of itemsOf(body.expressions)) {
    const { name, expression } = itemOf(item);
    const held = sizeOf(expression, scope);
    size += held;
    if (name !== null && held > 1) scope.aliases.set(name, held);
  }
  for (const [key, child] of childrenOf(body))
    if (key !== 'expressions') size += sizeOfEntry(key, child, scope);
  return size;
}

function widthOfFrom(body: Node, scope: Scope): number {
  const from = isNode(body.from) ? itemsOf(body.from.expressions) : [];
  const joined = (itemsOf(body.joins) as Node[]).map((join) => join.this);
  return [...from, ...joined].reduce((all: number, source) => all + widthOf(source, scope), 0);
}

/** How many columns a source or query may give. */
function widthOf(source: unknown, scope: Scope): number {
  const [kind, body] = kindOf(source) ?? [];
  if (!body) return DATASET_COLUMNS;
  if (kind === 'table')
    return (body.schema ? undefined : scope.ctes.get(foldName(nameOf(body.name) ?? ''))) ?? DATASET_COLUMNS;
  if (kind === 'select') {
    const width = widthOfFrom(body, withCtes(body, scope));
    const items = itemsOf(body.expressions).map((item) => widthOfItem(itemOf(item).expression, width));
    return items.length === 0 ? width : items.reduce((all, item) => all + item, 0);
  }
  if (kind === 'function' || kind === 'unnest') return 2;
  if (kind === 'union' || kind === 'intersect' || kind === 'except')
    return widthOf(body.left, scope) + (body.by_name ? widthOf(body.right, scope) : 0);
  if (kind === 'joined_table') return widthOf(body.left, scope) + widthOfFrom({ joins: body.joins }, scope);
  return isNode(body.this) ? widthOf(body.this, scope) : DATASET_COLUMNS;
}

function widthOfItem(value: unknown, width: number): number {
  const [kind, body] = kindOf(value) ?? [];
  if (kind === 'star') return width;
  return body && hasColumns(body) ? width : 1;
}

const hasColumns = (value: unknown): boolean =>
  isNode(value) &&
  (('function' in value && isNode(value.function) && functionName(value.function) === 'columns') ||
    childrenOf(value).some(([, child]) => hasColumns(child)));

/** Refuses what DuckDB would expand into more than it can plan in short time, which `interrupt()` does not end. */
export function checkExpansion(statement: unknown, limits: StatementLimits): void {
  if (sizeOf(statement) > limits.expansion) throw overLimit('expansion', limits);
}
