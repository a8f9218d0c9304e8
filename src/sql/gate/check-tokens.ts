import { type Call, isBuiltIn, isListed } from './allow-list.ts';
import type { Reason } from './refusal.ts';
import { isIdentifier, isMark, isWord, type Token, written } from './token.ts';
import type { TokenRules } from './token-rules.ts';

/** Throws the refusal of what stands at a token. */
export type Refuse = (reason: Reason, token: Token, what?: string) => never;

const LOCKS = ['update', 'share', 'no', 'key'];
const CHANGES = [
  'insert',
  'update',
  'delete',
  'merge',
  'replace',
  'truncate',
  'call',
  'exec',
  'execute',
  'do',
  'copy',
];

function checkWord(tokens: readonly Token[], index: number, rules: TokenRules, refuse: Refuse): void {
  const token = tokens[index]!;
  if (isMark(tokens[index - 1], '.')) return;
  if (rules.callWords?.has(token.value) && !isWord(tokens[index - 1], 'as'))
    refuse('function', token, token.value);
  const next = tokens[index + 1];
  if (isWord(token, 'into') && !(rules.unpivots && isWord(next, 'name'))) refuse('into', token, 'INTO');
  if (rules.words.has(token.value)) refuse('keyword', token, token.value.toUpperCase());
  if (isWord(token, 'for') && isWord(next, ...LOCKS))
    refuse('lock', token, `FOR ${next!.value.toUpperCase()}`);
  if (isWord(token, 'value') && isWord(next, 'for')) refuse('function', token, 'VALUE FOR');
  if (isWord(token, 'merge') && !isWord(next, 'join') && isWord(tokens[index - 1], 'with', ';')) {
    refuse('writes', token, 'MERGE');
  }
}

/** `… AS (DELETE …)`: the parser refuses it as well, but must not be the only one. */
function checkBody(tokens: readonly Token[], index: number, refuse: Refuse): void {
  if (!isMark(tokens[index], '(')) return;
  const isBody = isWord(tokens[index - 1], 'as', 'materialized');
  const first = tokens[index + 1];
  const second = tokens[index + 2];
  const isChange = isWord(first, ...CHANGES) && !isMark(second, '(') && !isMark(second, ')');
  if (isBody && first && isChange) refuse('writes', first, first.value.toUpperCase());
}

/** A name from one of its parts to its end, as it was written. */
function dottedName(tokens: readonly Token[], index: number): string {
  const parts = [written(tokens[index]!)];
  for (let at = index; isMark(tokens[at + 1], '.') && isIdentifier(tokens[at + 2]); at += 2)
    parts.push(written(tokens[at + 2]!));
  return parts.join('.');
}

function checkName(tokens: readonly Token[], index: number, rules: TokenRules, refuse: Refuse): void {
  const token = tokens[index]!;
  if (rules.names.has(token.value) || rules.namePatterns.some((pattern) => pattern.test(token.value))) {
    refuse('table', token, dottedName(tokens, index));
  }
  const isDotted = isMark(tokens[index + 1], '.');
  const isFirst = !isMark(tokens[index - 1], '.');
  if (isDotted && rules.schemas.has(token.value)) refuse('table', token, dottedName(tokens, index));
  if (isFirst) checkParts(tokens, index, rules, refuse);
}

/** `a..b` skips a schema, and a fourth part is another server. */
function checkParts(tokens: readonly Token[], index: number, rules: TokenRules, refuse: Refuse): void {
  let parts = 1;
  let at = index;
  for (; isMark(tokens[at + 1], '.'); at += 2) {
    if (isMark(tokens[at + 2], '.')) refuse('table', tokens[index]!);
    parts += 1;
  }
  if (parts > rules.maxParts) refuse('table', tokens[index]!);
}

const isRefusedSchema = (schema: string, { callSchemas, schemas }: TokenRules) =>
  callSchemas.has(schema) || schemas.has(schema);

/** Words behind which a name and its parentheses are an operand. */
const BEFORE_OPERANDS = [
  'select',
  'distinct',
  'all',
  'any',
  'some',
  'not',
  'case',
  'interval',
  'lateral',
  'only',
];

/** Whether what stands in the parentheses after a token is names alone, and the position of the closing one. */
function endOfNames(tokens: readonly Token[], index: number): number | null {
  for (let at = index + 2; isIdentifier(tokens[at]); at += 2) {
    if (isMark(tokens[at + 1], ')')) return at + 1;
    if (!isMark(tokens[at + 1], ',')) return null;
  }
  return null;
}

/** `AS t (a, b)`, `) t (a, b)` and `WITH t (a, b) AS (`: a list of columns and no call, though a function may have the name. */
function isColumnList(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1];
  // Columns of an alias may have types here, as in AS t (a int), and no call can follow.
  if (isWord(before, 'as') || isMark(before, ')')) return true;
  const end = endOfNames(tokens, index);
  if (end === null) return false;
  if (isWord(before, 'with', 'recursive') || isMark(before, ','))
    return (
      isWord(tokens[end + 1], 'as') &&
      (isMark(tokens[end + 2], '(') || isWord(tokens[end + 2], 'materialized', 'not'))
    );
  const isTable = isIdentifier(before) && !isWord(before, ...BEFORE_OPERANDS);
  return isTable && (isMark(tokens[index - 2], '.', ',') || isWord(tokens[index - 2], 'from', 'join'));
}

function callAt(tokens: readonly Token[], index: number, schema: string | undefined): Call {
  const token = tokens[index]!;
  const before = tokens[index - 1];
  const isString = before?.kind === 'string';
  return {
    name: written(token),
    schema,
    quoted: token.kind === 'name',
    before: isString ? '' : before?.value,
  };
}

function checkCall(
  tokens: readonly Token[],
  index: number,
  rules: TokenRules,
  { aliases, listed }: CallOptions,
  refuse: Refuse,
): void {
  const token = tokens[index]!;
  if (!isMark(tokens[index + 1], '(')) return;
  const holder = isMark(tokens[index - 1], '.') ? tokens[index - 2] : undefined;
  const isDeep = holder !== undefined && isMark(tokens[index - 3], '.');
  if (holder && isRefusedSchema(holder.value, rules)) refuse('function', token, token.value);
  if (!holder && aliases.has(token.value) && isColumnList(tokens, index)) return;
  if (!rules.allowList) {
    if (rules.refusesFunction?.(token.value, holder?.value, token.kind === 'name'))
      refuse('function', token, token.value);
    return;
  }
  const isMethod = rules.columnMethods?.has(token.text) && tokens[index + 2]?.kind === 'string';
  if (isMethod && holder && holder.value !== 'dbo') return;
  const call = callAt(tokens, index, holder && written(holder));
  if (!isDeep && (isBuiltIn(call, rules.allowList) || isListed(call, listed, rules.allowList.quotesKeepCase)))
    return;
  refuse('function', token, [call.schema, call.name].filter(Boolean).join('.'));
}

export interface CallOptions {
  /** Folded names that a column list may follow: aliases and CTEs. */
  readonly aliases: ReadonlySet<string>;
  /** What `settings.allowFunctions` of the datasource lists. */
  readonly listed: readonly string[];
}

/** The wall that trusts no parser: what must not stand in a statement however it is understood. */
export function checkTokens(
  tokens: readonly Token[],
  rules: TokenRules,
  options: CallOptions,
  refuse: Refuse,
): void {
  for (const [index, token] of tokens.entries()) {
    const previous = tokens[index - 1];
    if (isMark(token, ';')) refuse('statements', token);
    if (token.kind === 'string' && previous?.kind === 'string') refuse('ambiguous', token);
    checkBody(tokens, index, refuse);
    if (!isIdentifier(token)) continue;
    if (token.kind === 'word') checkWord(tokens, index, rules, refuse);
    checkName(tokens, index, rules, refuse);
    checkCall(tokens, index, rules, options, refuse);
  }
}
