import { foldName } from '../../base/fold-name.ts';
import { isReadable, type TableScope, tableText } from '../../domain/readable-tables.ts';
import type { Engine } from '../dialect.ts';
import { isKnownToParser } from './allow-list.ts';
import { refused } from './refusal.ts';
import type { TokenRules } from './token-rules.ts';
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
}

interface Walk {
  readonly engine: Engine;
  readonly tables: TableName[];
  readonly aliases: Set<string>;
  readonly functions: string[];
  readonly rowSources: string[];
  parameters: number;
}

type Node = Readonly<Record<string, unknown>>;
type Scope = ReadonlySet<string>;

const ROOTS = new Set(['select', 'union', 'intersect', 'except', 'subquery', 'values', 'paren']);
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;
const isEmpty = (value: unknown) =>
  value === null ||
  value === undefined ||
  value === false ||
  value === '' ||
  (Array.isArray(value) && value.length === 0);

function nameOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return isNode(value) && typeof value.name === 'string' ? value.name : null;
}

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

function noteRows(value: unknown, walk: Walk): void {
  const [kind, ...others] = isNode(value) ? Object.keys(value) : [];
  if (kind === undefined || others.length > 0) throw refused('syntax', { what: 'FROM' });
  const held = (value as Node)[kind];
  const inner = Object.hasOwn(WRAPPERS, kind) ? WRAPPERS[kind] : undefined;
  if (inner !== undefined && isNode(held)) noteRows(held[inner], walk);
  else walk.rowSources.push(kind === 'function' ? (nameOf(held) ?? kind) : kind);
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
  visit(value, scope, walk);
}

function visit(value: unknown, scope: Scope, walk: Walk): void {
  if (!isNode(value)) return;
  if (Array.isArray(value)) {
    for (const item of value) visit(item, scope, walk);
    return;
  }
  noteAliases(value, walk);
  const inner = enterWith(value.with, scope, walk);
  for (const [key, held] of Object.entries(value)) {
    if (key === 'with' || IGNORED_KEYS.has(key) || isEmpty(held)) continue;
    visitKey(key, held, inner, walk);
  }
}

/** Refuses a tree that holds anything but queries, whatever its tokens are. Fails closed: what is not known is refused. */
export function readTree(statements: readonly unknown[], engine: Engine): TreeFacts {
  const [statement, ...others] = statements;
  if (others.length > 0) throw refused('statements');
  const root = isNode(statement) ? Object.keys(statement) : [];
  if (root.length !== 1 || !ROOTS.has(root[0]!))
    throw refused('notSelect', { ...(root[0] && { what: root[0] }) });
  const walk: Walk = { engine, tables: [], aliases: new Set(), functions: [], rowSources: [], parameters: 0 };
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
