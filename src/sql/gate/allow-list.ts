/** A call as it is written, quotes removed. */
export interface Call {
  readonly name: string;
  /** What stands before its dot. */
  readonly schema: string | undefined;
  readonly quoted: boolean;
  /** Folded text of the token before it; empty for a string, undefined where there is none. */
  readonly before: string | undefined;
}

/** The functions of an engine that a statement may call without being listed in the datasource's settings. */
export interface AllowList {
  readonly functions: ReadonlySet<string>;
  /** Words that a parenthesis may follow without being a call: clauses, operators and types. */
  readonly clauses: ReadonlySet<string>;
  /** Words that are a clause only behind one of these tokens, since a function could have the name. */
  readonly clausesAfter: Readonly<Record<string, ReadonlySet<string>>>;
  /** A quoted name of a function keeps its case on this engine. */
  readonly quotesKeepCase: boolean;
}

const asciiLower = (text: string) => text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** `entries` as of `settings.allowFunctions`: `name` or `schema.name`. */
export function isListed(
  { name, schema, quoted }: Call,
  entries: readonly string[],
  keepsCase: boolean,
): boolean {
  const written = schema === undefined ? name : `${schema}.${name}`;
  if (quoted && keepsCase) return entries.includes(written);
  const lower = asciiLower(written);
  return entries.some((entry) => asciiLower(entry) === lower);
}

/** Whether a call is one of the engine's own that reports need. Names are compared as written: an accent makes another function. */
export function isBuiltIn(call: Call, list: AllowList): boolean {
  if (call.schema !== undefined) return false;
  const name = call.quoted && list.quotesKeepCase ? call.name : asciiLower(call.name);
  if (list.functions.has(name)) return true;
  if (call.quoted) return false;
  const before = Object.hasOwn(list.clausesAfter, name) ? list.clausesAfter[name] : undefined;
  return before ? before.has(call.before ?? '-') : list.clauses.has(name);
}

/** The same for a name that the parser took as a call; it does not say what was quoted, so only the token rules tell cases apart. */
export function isKnownToParser(written: string, list: AllowList, entries: readonly string[]): boolean {
  const lower = asciiLower(written).replace(/ with ordinality$/, '');
  const last = lower.slice(lower.lastIndexOf('.') + 1);
  if (entries.some((entry) => asciiLower(entry) === lower)) return true;
  if (last !== lower) return false;
  return list.functions.has(lower) || list.clauses.has(lower) || lower === 'grouping sets';
}
