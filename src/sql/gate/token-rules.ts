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
  /** Schemas of which only these objects may be named. */
  readonly schemaTables: Readonly<Record<string, ReadonlySet<string>>>;
  /** Whether a name before a parenthesis may be called. `schema` is what stands before its dot. */
  refusesFunction(name: string, schema: string | undefined, quoted: boolean): boolean;
  /** Kinds of nodes and names of functions that may stand in FROM; null for all that are not refused otherwise. */
  readonly rowSources: ReadonlySet<string> | null;
  /** Refuses a table by a rule that would be too broad for columns. Names are folded. */
  refusesTable(name: string, schema: string | null): boolean;
  /** What may be called as `a.b.name(`, where that may be a function of another database or a method of a column; null for all. */
  readonly methods: ReadonlySet<string> | null;
  /** INTO NAME may stand in a statement: DuckDB's UNPIVOT names its columns so, and DuckDB has no SELECT INTO. */
  readonly unpivots?: true;
  /** How many parts a dotted name may have. */
  readonly maxParts: number;
}

export const names = (text: string): ReadonlySet<string> =>
  new Set(text.split(/\s+/).filter((name) => name !== ''));
