import type { Reason } from './refusal.ts';
import { isIdentifier, isMark, isWord, type Token } from './token.ts';
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

function checkName(tokens: readonly Token[], index: number, rules: TokenRules, refuse: Refuse): void {
  const token = tokens[index]!;
  if (rules.names.has(token.value) || rules.namePatterns.some((pattern) => pattern.test(token.value))) {
    refuse('table', token, token.value);
  }
  const isDotted = isMark(tokens[index + 1], '.');
  const isFirst = !isMark(tokens[index - 1], '.');
  if (isDotted && rules.schemas.has(token.value)) refuse('table', token, token.value);
  const allowed = Object.hasOwn(rules.schemaTables, token.value)
    ? rules.schemaTables[token.value]
    : undefined;
  const object = tokens[index + 2];
  if (isDotted && allowed && isIdentifier(object) && !allowed.has(object.value))
    refuse('table', object, object.value);
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

function checkCall(
  tokens: readonly Token[],
  index: number,
  rules: TokenRules,
  exempt: ReadonlySet<string>,
  refuse: Refuse,
): void {
  const token = tokens[index]!;
  if (!isMark(tokens[index + 1], '(')) return;
  const isQualified = isMark(tokens[index - 1], '.');
  const schema = isQualified ? (tokens[index - 2]?.value ?? '') : undefined;
  const isDeep = isQualified && isMark(tokens[index - 3], '.');
  if (isDeep && rules.methods && !rules.methods.has(token.value)) refuse('function', token, token.value);
  const refusedSchema = schema !== undefined && (rules.callSchemas.has(schema) || rules.schemas.has(schema));
  if (!refusedSchema && !rules.refusesFunction(token.value, schema, token.kind === 'name')) return;
  if (!isQualified && exempt.has(token.value)) return;
  refuse('function', token, token.value);
}

/**
 * The wall that trusts no parser: what must not stand in a statement however it is understood. `exempt` are names that a column
 * list may follow (aliases, CTEs).
 */
export function checkTokens(
  tokens: readonly Token[],
  rules: TokenRules,
  exempt: ReadonlySet<string>,
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
    checkCall(tokens, index, rules, exempt, refuse);
  }
}
