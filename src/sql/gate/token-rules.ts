import type { AllowList } from './allow-list.ts';

/** What an engine's statements must not hold, whatever the parser makes of them. All names are folded (see foldName). */
export interface TokenRules {
  /** Keywords that are refused wherever they stand unquoted, unless behind a dot. */
  readonly words: ReadonlySet<string>;
  /** Names refused anywhere, quoted or not: tables of secrets, types that look up objects. */
  readonly names: ReadonlySet<string>;
  readonly namePatterns: readonly RegExp[];
  /** Schemas and databases refused as the first part of a dotted name. */
  readonly schemas: ReadonlySet<string>;
  /** Schemas whose functions and tables are refused, though an alias of a table may have the name. */
  readonly callSchemas: ReadonlySet<string>;
  /** Whether a name before a parenthesis may be called. `schema` is what stands before its dot. Not asked where there is an allow-list. */
  refusesFunction?(name: string, schema: string | undefined, quoted: boolean): boolean;
  /** The functions of a database; others must be listed in its settings. */
  readonly allowList?: AllowList;
  /** Words that call a function without a parenthesis, such as current_user. */
  readonly callWords?: ReadonlySet<string>;
  /** What to write in place of a word that the engine does not have, by the word; only where one of the tokens of `before` follows. */
  readonly lacking?: Readonly<Record<string, { before: readonly string[]; advice: string }>>;
  /** Methods of a column, which look like functions of a schema; their first argument is a string. */
  readonly columnMethods?: ReadonlySet<string>;
  /** Kinds of nodes and names of functions that may stand in FROM; null for all that are not refused otherwise. */
  readonly rowSources: ReadonlySet<string> | null;
  /** Refuses a table by a rule that would be too broad for columns, of datasets; databases have `isReadable`. Names are folded. */
  refusesTable?(name: string, schema: string | null): boolean;
  /** INTO NAME may stand in a statement: DuckDB's UNPIVOT names its columns so, and DuckDB has no SELECT INTO. */
  readonly unpivots?: true;
  /** How many parts a dotted name may have. */
  readonly maxParts: number;
}

export const names = (text: string): ReadonlySet<string> =>
  new Set(text.split(/\s+/).filter((name) => name !== ''));
