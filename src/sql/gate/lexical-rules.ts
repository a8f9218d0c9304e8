import type { Engine } from '../dialect.ts';

/** How an engine cuts text into tokens. What its settings could change is written so that each setting reads it alike. */
export interface LexicalRules {
  /** Opening quote of a name → its closing quote, which is doubled inside. */
  readonly nameQuotes: Readonly<Record<string, string>>;
  readonly stringQuotes: string;
  readonly quoteName: (name: string) => string;
  readonly quoteString: (value: string) => string;
  /** A backslash in a plain string escapes. */
  readonly backslash: boolean;
  /** A backslash at the end of a line inside a string swallows both. */
  readonly continuesLines: boolean;
  readonly dollarQuotes: boolean;
  /** Letters that may stand before a string, upper case, with the alphabet of what stands inside (null: any text). */
  readonly prefixes: Readonly<Record<string, RegExp | null>>;
  readonly word: RegExp;
  /** PostgreSQL's scanner takes the longest run of operator characters; the others know their operators. */
  readonly greedyOperators: boolean;
  readonly operators: ReadonlySet<string>;
  readonly hashComments: boolean;
  /** `--` begins a comment only before white space. */
  readonly dashNeedsSpace: boolean;
  readonly marks: string;
  readonly doubleColon: boolean;
}

const double = (text: string, quote: string) => text.replaceAll(quote, quote + quote);
const plain = (value: string) => `'${double(value, "'")}'`;
const PLAIN_WORD = /[\p{L}_][\p{L}\p{M}\p{N}_$]*/uy;
const HEX = /^[0-9a-f]*$/i;
const BITS = /^[01]*$/;
const set = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const POSTGRES_OPERATORS =
  '+ - * / % ^ < > = <= >= <> != || -> ->> #> #>> #- @> <@ ? ?| ?& @? @@ ~ ~* !~ !~* ~~ ~~* !~~ !~~* && & | # << >> <<= >>= <-> -|- &< &> |/ ||/ @ => <<| |>> |&> &<|';
const DUCKDB_OPERATORS =
  '+ - * / % ^ < > = <= >= <> != || -> ->> ~ ~* !~ !~* ~~ ~~* !~~ !~~* ~~~ && & | << >> <-> <=> // ** @> <@ => ^@ == @';

export const LEXICAL_RULES: Readonly<Record<Engine, LexicalRules>> = {
  postgres: {
    nameQuotes: { '"': '"' },
    stringQuotes: "'",
    quoteName: (name) => `"${double(name, '"')}"`,
    // E'' means the same whatever standard_conforming_strings says.
    quoteString: (value) => (value.includes('\\') ? `E'${double(double(value, "'"), '\\')}'` : plain(value)),
    backslash: false,
    continuesLines: false,
    dollarQuotes: true,
    prefixes: { E: null, B: BITS, X: HEX, N: null },
    word: PLAIN_WORD,
    greedyOperators: true,
    operators: set(POSTGRES_OPERATORS),
    hashComments: false,
    dashNeedsSpace: false,
    marks: '()[],.;:',
    doubleColon: true,
  },
  mysql: {
    nameQuotes: { '`': '`' },
    stringQuotes: `'"`,
    quoteName: (name) => `\`${double(name, '`')}\``,
    // Doubled backslashes and quotes end the string at the same place with and without NO_BACKSLASH_ESCAPES.
    quoteString: (value) => `'${double(double(value, "'"), '\\')}'`,
    backslash: true,
    continuesLines: false,
    dollarQuotes: false,
    prefixes: { B: BITS, X: HEX, N: null },
    word: PLAIN_WORD,
    greedyOperators: false,
    operators: set('+ - * / % < > = <= >= <> != <=> << >> || && -> ->> ! & | ^ ~'),
    hashComments: true,
    dashNeedsSpace: true,
    marks: '(),.;:',
    doubleColon: false,
  },
  mssql: {
    nameQuotes: { '[': ']', '"': '"' },
    stringQuotes: "'",
    quoteName: (name) => `[${double(name, ']')}]`,
    quoteString: plain,
    backslash: false,
    continuesLines: true,
    dollarQuotes: false,
    prefixes: { N: null },
    word: /[\p{L}_][\p{L}\p{M}\p{N}_$#]*/uy,
    greedyOperators: false,
    operators: set('+ - * / % < > = <= >= <> != & | ^ ~'),
    hashComments: false,
    dashNeedsSpace: false,
    marks: '(),.;:',
    doubleColon: false,
  },
  duckdb: {
    nameQuotes: { '"': '"' },
    stringQuotes: "'",
    quoteName: (name) => `"${double(name, '"')}"`,
    quoteString: plain,
    backslash: false,
    continuesLines: false,
    dollarQuotes: true,
    prefixes: { E: null },
    word: PLAIN_WORD,
    greedyOperators: true,
    operators: set(DUCKDB_OPERATORS),
    hashComments: false,
    dashNeedsSpace: false,
    marks: '()[]{},.;:',
    doubleColon: true,
  },
};
