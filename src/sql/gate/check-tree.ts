import { foldName } from '../../base/fold-name.ts';
import { isReadable, type TableScope, tableText } from '../../domain/readable-tables.ts';
import type { Engine } from '../dialect.ts';
import { isKnownToParser } from './allow-list.ts';
import { refused } from './refusal.ts';
import type { TokenRules } from './token-rules.ts';
import { isEmpty, isNode, type Node, nameOf } from './tree.ts';
import { ALLOWED_KEYS, IGNORED_KEYS } from './tree-keys.ts';

/** A table as the statement writes it, quotes removed. */
export interface TableName {
  readonly catalog: string | null;
  readonly schema: string | null;
  readonly name: string;
}

/** What the parser understood. */
export interface TreeFacts {
  /** The tables that are read, without the statement's own CTEs. */
  readonly tables: readonly TableName[];
  readonly parameters: number;
  /** Names of the functions that the parser kept as they were written, with their schema if any. */
  readonly functions: readonly string[];
  /** Kinds of what stands in FROM and JOIN; functions by their names. */
  readonly rowSources: readonly string[];
  /** Folded names of aliases and CTEs, which a column list may follow. */
  readonly aliases: ReadonlySet<string>;
  /** The tree itself. */
  readonly statement: unknown;
}

interface Walk {
  readonly statement: unknown;
  readonly engine: Engine;
  readonly tables: TableName[];
  readonly aliases: Set<string>;
  readonly functions: string[];
  readonly rowSources: string[];
  parameters: number;
}

type Scope = ReadonlySet<string>;

const ROOTS = new Set(['select', 'union', 'intersect', 'except', 'subquery', 'values', 'paren']);
/** What else DuckDB takes as a query. */
const DUCKDB_ROOTS = new Set([...ROOTS, 'pivot']);

const asciiLower = (text: string) => text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());

/**
 * A name as the server compares it with a CTE's, or stricter: two names that differ here may be one to the server, so that a CTE is
 * taken for a table and asked about, but never the other way round.
 */
function cteName(identifier: unknown, engine: Engine): string | null {
  const name = nameOf(identifier);
  if (name === null) return null;
  const isExact = engine !== 'duckdb' && isNode(identifier) && identifier.quoted === true;
  return isExact ? name : asciiLower(name);
}

function noteTable(table: Node, scope: Scope, walk: Walk): void {
  const name = nameOf(table.name);
  if (name === null) throw refused('syntax', { what: 'table' });
  const schema = nameOf(table.schema);
  const catalog = nameOf(table.catalog);
  if (schema === null && catalog === null && scope.has(cteName(table.name, walk.engine)!)) return;
  walk.tables.push({ catalog, schema, name });
}

function noteAliases(node: Node, walk: Walk): void {
  const alias = nameOf(node.alias);
  const lists = [node.column_aliases, node.columns, node.alias_columns];
  if (alias !== null && lists.some((list) => Array.isArray(list) && list.length > 0))
    walk.aliases.add(foldName(alias));
}

const PIVOTS = new Set(['pivot', 'unpivot']);

/** What wraps a source of rows, and the field that holds it. */
const WRAPPERS: Readonly<Record<string, string>> = {
  alias: 'this',
  paren: 'this',
  lateral: 'this',
  pivot: 'this',
  unpivot: 'this',
  table_sample: 'this',
  joined_table: 'left',
};

/** The statement form of PIVOT and UNPIVOT, whose table the parser takes for a column. */
function notePivot(pivot: Node, scope: Scope, walk: Walk): void {
  const source = pivot.this;
  if (isNode(source) && isNode(source.column)) {
    const { name, table } = source.column;
    noteTable({ name, schema: table ?? null, catalog: null }, scope, walk);
  } else {
    noteRows(source, walk);
  }
}

function noteRows(value: unknown, walk: Walk): void {
  const [kind, ...others] = isNode(value) ? Object.keys(value) : [];
  if (kind === undefined || others.length > 0) throw refused('syntax', { what: 'FROM' });
  const held = (value as Node)[kind];
  const inner = Object.hasOwn(WRAPPERS, kind) ? WRAPPERS[kind] : undefined;
  if (inner !== undefined && isNode(held)) noteRows(held[inner], walk);
  else walk.rowSources.push(kind === 'function' ? (nameOf(held) ?? kind) : kind);
}

/** Fields that hold a query, by the kind of their node; with anything else in them DuckDB could read what was not recognised. */
const QUERY_FIELDS: Readonly<Record<string, readonly string[]>> = {
  subquery: ['this'],
  cte: ['this'],
  exists: ['this'],
  in: ['query'],
  union: ['left', 'right'],
  intersect: ['left', 'right'],
  except: ['left', 'right'],
};

function checkQueries(key: string, value: Node): void {
  const fields = Object.hasOwn(QUERY_FIELDS, key) ? QUERY_FIELDS[key]! : [];
  for (const field of fields) checkQuery(value[field]);
}

function checkQuery(value: unknown): void {
  if (isEmpty(value)) return;
  const kinds = isNode(value) ? Object.keys(value) : [];
  const [kind = 'FROM', ...others] = kinds;
  if (others.length > 0 || !DUCKDB_ROOTS.has(kind))
    throw refused('syntax', { what: kind.replaceAll('_', ' ').toUpperCase() });
}

function noteSources(key: string, value: unknown, walk: Walk): void {
  if (key === 'from' && isNode(value) && Array.isArray(value.expressions)) {
    for (const item of value.expressions) noteRows(item, walk);
  }
  if (key === 'joins' && Array.isArray(value)) for (const item of value) noteRows(item.this, walk);
}

/**
 * A CTE sees itself in the second operand of its outermost UNION only. Elsewhere DuckDB takes its name for a table's:
 * WITH RECURSIVE t AS (FROM t) reads the table t.
 */
function visitCte(cte: Node, before: Scope, after: Scope, walk: Walk): void {
  noteAliases(cte, walk);
  const { this: body, ...rest } = cte;
  visit(rest, before, walk);
  const union = isNode(body) && Object.keys(body).length === 1 ? body.union : undefined;
  const isRecursive = isNode(union) && before !== after && isEmpty(union.with);
  const { right, ...others } = isRecursive ? union : { right: null };
  visit(isRecursive ? { union: others } : body, before, walk);
  visit(right, after, walk);
}

/** CTEs are seen by those after them and by the query that they belong to. */
function enterWith(clause: unknown, scope: Scope, walk: Walk): Scope {
  if (!isNode(clause)) return scope;
  if (!Array.isArray(clause.ctes)) throw refused('syntax', { what: 'WITH' });
  const isRecursive = clause.recursive === true || walk.engine === 'mssql';
  let seen = scope;
  for (const cte of clause.ctes as Node[]) {
    if (walk.engine === 'duckdb') checkQueries('cte', cte);
    const name = cteName(cte.alias, walk.engine);
    if (name === null) throw refused('syntax', { what: 'WITH' });
    const after = new Set([...seen, name]);
    visitCte(cte, seen, isRecursive ? after : seen, walk);
    seen = after;
  }
  return seen;
}

/** The parser takes @p1 of SQL Server as a column; nobody but us can write one without quotes. */
function isParameter(key: string, value: unknown): boolean {
  if (key === 'parameter' || key === 'placeholder') return true;
  if (key !== 'column' || !isNode(value) || !isNode(value.name)) return false;
  return value.name.quoted !== true && String(value.name.name).startsWith('@');
}

function visitKey(key: string, value: unknown, scope: Scope, walk: Walk): void {
  if (!ALLOWED_KEYS.has(key)) throw refused('syntax', { what: key.replaceAll('_', ' ').toUpperCase() });
  if (isParameter(key, value)) walk.parameters += 1;
  if (key === 'table' && isNode(value) && 'schema' in value) noteTable(value, scope, walk);
  if (key.endsWith('function') && isNode(value) && typeof value.name === 'string')
    walk.functions.push(value.name);
  noteSources(key, value, walk);
  if (walk.engine === 'duckdb' && isNode(value)) checkQueries(key, value);
  visit(value, scope, walk, key);
}

function visit(value: unknown, scope: Scope, walk: Walk, kind?: string): void {
  if (!isNode(value)) return;
  if (Array.isArray(value)) {
    for (const item of value) visit(item, scope, walk);
    return;
  }
  noteAliases(value, walk);
  const inner = enterWith(value.with, scope, walk);
  const isPivot = walk.engine === 'duckdb' && PIVOTS.has(kind ?? '');
  if (isPivot) notePivot(value, inner, walk);
  const isUnpivot = isPivot && value.unpivot === true;
  for (const [key, held] of Object.entries(value)) {
    if (key === 'with' || IGNORED_KEYS.has(key) || isEmpty(held)) continue;
    if (key === 'into' && isUnpivot && isNode(held)) visit(held.unpivot_columns, inner, walk);
    else visitKey(key, held, inner, walk);
  }
}

/** Refuses a tree that holds anything but queries, whatever its tokens are. Fails closed: what is not known is refused. */
export function readTree(statements: readonly unknown[], engine: Engine): TreeFacts {
  const [statement, ...others] = statements;
  if (others.length > 0) throw refused('statements');
  const root = isNode(statement) ? Object.keys(statement) : [];
  const roots = engine === 'duckdb' ? DUCKDB_ROOTS : ROOTS;
  if (root.length !== 1 || !roots.has(root[0]!))
    throw refused('notSelect', { ...(root[0] && { what: root[0] }) });
  const walk: Walk = {
    statement,
    engine,
    tables: [],
    aliases: new Set(),
    functions: [],
    rowSources: [],
    parameters: 0,
  };
  visit(statement, new Set(), walk);
  return walk;
}

function isRefusedCall(written: string, rules: TokenRules, listed: readonly string[]): boolean {
  const parts = written.split('.').map(foldName);
  const name = parts.pop()!;
  if (!rules.allowList) return rules.refusesFunction?.(name, parts.pop(), true) === true;
  if (parts.length === 1 && rules.columnMethods?.has(name)) return false;
  return !isKnownToParser(written, rules.allowList, listed);
}

/** What the parser took as a call, in addition to what the token rules took as one. */
export function checkFunctions(
  { functions, rowSources }: TreeFacts,
  rules: TokenRules,
  listed: readonly string[],
): void {
  for (const written of functions) {
    if (isRefusedCall(written, rules, listed)) throw refused('function', { what: written });
  }
  for (const source of rowSources) {
    if (rules.rowSources && !rules.rowSources.has(foldName(source))) throw refused('table', { what: source });
  }
}

/** `scope` is of a database. `allows` decides alone on the rest where it is given; else names of other databases are refused. */
export function checkTables(
  tables: readonly TableName[],
  rules: TokenRules,
  scope: TableScope | undefined,
  allows: ((table: TableName) => boolean) | undefined,
): void {
  for (const table of tables) {
    const schema = table.schema === null ? null : foldName(table.schema);
    const isSystem = schema !== null && (rules.schemas.has(schema) || rules.callSchemas.has(schema));
    const isRefused = isSystem || rules.refusesTable?.(foldName(table.name), schema) === true;
    const isOfServer = scope !== undefined && !isReadable(scope, table);
    if (isRefused || isOfServer || !(allows ? allows(table) : table.catalog === null))
      throw refused('table', { what: tableText(table) });
  }
}
