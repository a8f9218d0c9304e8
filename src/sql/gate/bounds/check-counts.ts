import { overLimit, type StatementLimits } from '../limits.ts';
import { refused } from '../refusal.ts';
import { names } from '../token-rules.ts';
import { isNode, type Node, nameOf } from '../tree.ts';
import { childrenOf, functionName, itemsOf, kindOf } from './nodes.ts';

/** Types by the parser's names. VARIANT, UNION, ENUM and GEOMETRY are not among them: casts of JSON to VARIANT have crashed DuckDB 1.5.6. */
const TYPES = names(`
  boolean tiny_int small_int int big_int int128 uint8 uint16 uint32 uint64 uint128 float double decimal
  char var_char text string binary var_binary blob bit date time timestamp interval uuid json array list struct map
`);
const CUSTOM_TYPES = names(`
  int1 int2 int4 int8 int16 float4 float8 short long signed oid integral uint8 uint16 uint32 uint64 uint128 utinyint usmallint
  uinteger ubigint uhugeint hugeint bpchar bytea timestamp_s timestamp_ms timestamp_us timestamp_ns timestamptz timetz
  datetime logical bool nvarchar varint bignum
`);

const QUERIES = new Set(['select', 'union', 'intersect', 'except', 'pivot', 'unpivot']);
const LISTS: Readonly<Record<string, readonly string[]>> = {
  array_func: ['expressions'],
  in: ['expressions'],
  tuple: ['expressions'],
  values: ['expressions'],
  map_func: ['keys'],
  function: ['args'],
  concat_ws: ['expressions'],
  coalesce: ['expressions'],
};

const product = (numbers: readonly number[]) => numbers.reduce((all, number) => all * number, 1);

/** How many sets a part of GROUP BY stands for. */
function setsOf(value: unknown): number {
  const [kind, body] = kindOf(value) ?? [];
  if (kind !== 'function') return 1;
  const args = itemsOf(body!.args);
  const name = functionName(body!);
  if (name === 'cube') return 2 ** args.length;
  if (name === 'rollup') return args.length + 1;
  return name === 'grouping sets' ? args.reduce((all: number, arg) => all + setsOf(arg), 0) : 1;
}

interface Counts {
  joins: number;
  queries: number;
  groupingSets: number;
  parameters: number;
  /** Pivots whose columns come from the data. */
  openPivots: number;
}

function checkType(type: Node): void {
  const kind = String(type.data_type);
  const isAllowed =
    kind === 'custom' ? CUSTOM_TYPES.has((nameOf(type) ?? '').toLowerCase()) : TYPES.has(kind);
  if (!isAllowed) throw refused('type', { what: kind === 'custom' ? (nameOf(type) ?? kind) : kind });
}

const isOpen = ({ expressions, unpivot, fields }: Node) =>
  !unpivot && itemsOf(fields).length === 0 && itemsOf(expressions).some((item) => kindOf(item)?.[0] !== 'in');

function count(key: string, body: Node, counts: Counts, limits: StatementLimits): void {
  if (QUERIES.has(key)) counts.queries += 1;
  if (key === 'parameter') counts.parameters += 1;
  if (key === 'pivot' && isOpen(body)) counts.openPivots += 1;
  if (key === 'select') {
    const from = isNode(body.from) ? itemsOf(body.from.expressions).length : 0;
    counts.joins += Math.max(0, from - 1) + itemsOf(body.joins).length;
  }
  if (key === 'joined_table') counts.joins += Math.max(1, itemsOf(body.joins).length);
  if (key === 'group_by') counts.groupingSets += product(itemsOf(body.expressions).map(setsOf));
  if (key === 'group' && isNode(body.expressions))
    counts.groupingSets += product(itemsOf(body.expressions).map(setsOf));
  for (const field of Object.hasOwn(LISTS, key) ? LISTS[key]! : [])
    if (itemsOf(body[field]).length > limits.listItems) throw overLimit('listItems', limits);
}

function visit(value: unknown, counts: Counts, limits: StatementLimits): void {
  if (!isNode(value)) return;
  if (typeof value.data_type === 'string') checkType(value);
  for (const [key, child] of childrenOf(value)) {
    if (!Array.isArray(child)) count(key, child as Node, counts, limits);
    if (key === 'ctes') counts.queries += itemsOf(child).length;
    visit(child, counts, limits);
  }
}

/** Joins, queries, grouping sets, lengths of lists, and types. Throws `query.refused`. */
export function checkCounts(statement: unknown, limits: StatementLimits): void {
  const counts: Counts = { joins: 0, queries: 0, groupingSets: 0, parameters: 0, openPivots: 0 };
  visit(statement, counts, limits);
  for (const key of ['joins', 'queries', 'groupingSets'] as const)
    if (counts[key] > limits[key]) throw overLimit(key, limits);
  // DuckDB makes two statements of it, of which neither takes parameters.
  if (counts.openPivots > 0 && counts.parameters > 0)
    throw refused('syntax', { what: 'PIVOT with parameters and without IN (…)' });
}
