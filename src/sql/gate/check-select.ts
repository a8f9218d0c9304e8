import { AppError } from '../../base/errors.ts';
import type { TableScope } from '../../domain/readable-tables.ts';
import type { Engine } from '../dialect.ts';
import { checkBounds } from './bounds/check-bounds.ts';
import { checkTokens, type Refuse } from './check-tokens.ts';
import { checkFunctions, checkTables, readTree, type TableName, type TreeFacts } from './check-tree.ts';
import { lex } from './lex.ts';
import { DEFAULT_LIMITS, type StatementLimits } from './limits.ts';
import { parseSql } from './parser.ts';
import { PLACEHOLDERS } from './placeholders.ts';
import { badSyntax, lacking, placeOf, refused } from './refusal.ts';
import { TOKEN_RULES } from './rules-of.ts';
import { spell } from './spell.ts';
import { isIdentifier, isMark, isWord, type Token } from './token.ts';
import type { TokenRules } from './token-rules.ts';

export interface CheckOptions {
  /** Longest text in UTF-8 bytes; 100,000 unless given. */
  maxBytes?: number;
  /** Deepest nesting of brackets; 64 unless given (the parser has its own, lower limit for expressions). */
  maxDepth?: number;
  /** How large the parts of a statement over datasets may be; DEFAULT_LIMITS unless given. */
  limits?: Partial<StatementLimits>;
  /**
   * Decides on each table that is no CTE of the statement. Without it: nothing for duckdb; for the others all but system tables
   * and other databases of SQL Server.
   */
  allowedTables?: (table: TableName) => boolean;
  /** Schemas of the datasource, for the rule of its tables. */
  scope?: TableScope;
  /** Functions of extensions and users that may be called, as `settings.allowFunctions` lists them. */
  functions?: readonly string[];
}

/** One SELECT that may run. Only `checkSelect` makes it. */
export interface CheckedSelect {
  readonly engine: Engine;
  /** What runs, parameters still by name. */
  readonly text: string;
  readonly tokens: readonly Token[];
  /** Names of the parameters, each once, in order of first use. */
  readonly params: readonly string[];
  readonly tables: readonly TableName[];
}

/** More tokens than this could exhaust the parser's stack. */
const MAX_TOKENS = 10_000;
const FIRST_WORDS = ['select', 'with', 'values'];

const OPENING: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

function checkBrackets(tokens: readonly Token[], maxDepth: number, text: string): void {
  const open: string[] = [];
  for (const token of tokens) {
    if (token.kind !== 'mark') continue;
    if ('([{'.includes(token.value)) open.push(token.value);
    if (open.length > maxDepth) throw refused('tooComplex', { place: placeOf(text, token.start) });
    const opening = OPENING[token.value];
    if (opening !== undefined && open.pop() !== opening) throw badSyntax(placeOf(text, token.start));
  }
  if (open.length > 0) throw badSyntax(placeOf(text, text.length));
}

function withoutEnd(tokens: readonly Token[]): readonly Token[] {
  let count = tokens.length;
  while (isMark(tokens[count - 1], ';')) count -= 1;
  return tokens.slice(0, count);
}

function checkStart(tokens: readonly Token[], engine: Engine, text: string): void {
  const first = tokens.find((token) => !isMark(token, '('));
  if (!first) throw badSyntax(placeOf(text, text.length));
  if (isWord(first, ...FIRST_WORDS) || (engine === 'duckdb' && isWord(first, 'from', 'pivot', 'unpivot')))
    return;
  const place = placeOf(text, first.start);
  throw refused('notSelect', isIdentifier(first) ? { place, what: first.value.toUpperCase() } : { place });
}

function understand(tokens: readonly Token[], engine: Engine, text: string): TreeFacts {
  let count = 0;
  const spelled = spell(tokens, (token) => {
    if (token.kind !== 'param') return token.text;
    count += 1;
    return PLACEHOLDERS[engine](count);
  });
  const parsed = parseSql(spelled.text, engine);
  if (parsed.ok) {
    const facts = readTree(parsed.statements, engine);
    if (facts.parameters !== count) throw refused('syntax', { what: 'parameter' });
    return facts;
  }
  if (parsed.tooComplex) throw refused('tooComplex');
  const { offset } = parsed;
  if (offset === null) throw badSyntax(null);
  const index = spelled.offsets.findLastIndex((start) => start <= offset);
  throw badSyntax(placeOf(text, tokens[Math.max(0, index)]!.start));
}

function refuseLacking(tokens: readonly Token[], rules: TokenRules, text: string): void {
  for (const [index, token] of tokens.entries()) {
    const found =
      rules.lacking && Object.hasOwn(rules.lacking, token.value) ? rules.lacking[token.value] : undefined;
    if (!found || token.kind !== 'word' || isMark(tokens[index - 1], '.')) continue;
    if (found.before.includes(tokens[index + 1]?.value ?? ''))
      throw lacking(found.advice, placeOf(text, token.start));
  }
}

type Attempt = { facts: TreeFacts } | { facts: null; error: AppError };

function attempt(parse: () => TreeFacts): Attempt {
  try {
    return { facts: parse() };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { facts: null, error };
  }
}

/** Names that may have a list of columns, of a text that cannot be parsed: it is refused in any case. */
const namesOfLists = (tokens: readonly Token[]): ReadonlySet<string> =>
  new Set(tokens.filter(isIdentifier).map(({ value }) => value));

/**
 * Checks a caller's SQL text: one SELECT (WITH, VALUES) of the engine that reads tables and computes, and nothing else. Throws
 * `query.syntax` (params line, column) or `query.refused` (params reason, what, line, column). `loadParser()` must have ended before.
 *
 * Three walls, each of which holds alone against what it knows:
 * 1. The lexer drops comments, refuses what servers or their settings could cut in two ways, and spells literals and names so that
 *    every setting reads them alike. What is parsed, checked and run is that one spelling, so no server can see code where the
 *    parser saw a comment or a string. (The parser's own generator is not used for this: it writes CHAR_LENGTH as LENGTH for MySQL,
 *    date_part as EXTRACT for PostgreSQL, and other texts that mean something else.)
 * 2. Token rules, which trust no parser: refused keywords, names and schemas, quoted or not, and a list of allowed functions for each
 *    engine. Functions of extensions and users pass only where the datasource lists them.
 * 3. The parser's tree: one query, each key of a known kind, tables by their names.
 */
export function checkSelect(text: string, engine: Engine, options: CheckOptions = {}): CheckedSelect {
  if (Buffer.byteLength(text) > (options.maxBytes ?? 100_000)) throw refused('tooLong');
  const tokens = withoutEnd(lex(text, engine, MAX_TOKENS));
  checkStart(tokens, engine, text);
  checkBrackets(tokens, options.maxDepth ?? 64, text);
  const rules = TOKEN_RULES[engine];
  const refuse: Refuse = (reason, token, what) => {
    const place = placeOf(text, token.start);
    const canBeListed = rules.allowList !== undefined && !rules.callWords?.has(what ?? '');
    throw refused(reason, what === undefined ? { place } : { place, what, canBeListed });
  };
  const listed = options.functions ?? [];
  const scope = engine === 'duckdb' ? undefined : (options.scope ?? { engine });
  refuseLacking(tokens, rules, text);
  const parse = () => understand(tokens, engine, text);
  // Over a database, what is refused is named before a fault of syntax is.
  const parsed = engine === 'duckdb' ? { facts: parse() } : attempt(parse);
  checkTokens(tokens, rules, { aliases: parsed.facts?.aliases ?? namesOfLists(tokens), listed }, refuse);
  if (!parsed.facts) throw parsed.error;
  const { tables } = parsed.facts;
  checkFunctions(parsed.facts, rules, listed);
  const allows = options.allowedTables ?? (engine === 'duckdb' ? () => false : undefined);
  checkTables(tables, rules, scope, allows);
  if (engine === 'duckdb')
    checkBounds(tokens, parsed.facts.statement, { ...DEFAULT_LIMITS, ...options.limits }, text);
  const params = [...new Set(tokens.flatMap((token) => (token.kind === 'param' ? [token.value] : [])))];
  return { engine, text: spell(tokens, (token) => token.text).text, tokens, params, tables };
}
