import { type Sql, sql } from '../ast.ts';
import type { Dialect, NativeType } from '../dialect.ts';
import { duckdb } from './duckdb.ts';

/** The text of a value that stands behind the key of its order (`KEY_END`). */
const behindKey = (value: Sql) => sql`split_part(${value}, chr(31), 2)`;
/** The key itself. */
export const keyBefore = (value: Sql) => sql`split_part(${value}, chr(31), 1)`;

const INTERVAL: NativeType = {
  forms: { shown: behindKey, given: duckdb.given.text, expected: 'text' },
};

/** DuckDB over the groups of a database: values that it has no type for came as text behind a key of their order. */
export const STAGED: Dialect = {
  ...duckdb,
  nativeType: (name) => (/^interval\b/.test(name) && !name.endsWith('[]') ? INTERVAL : undefined),
  shown: { ...duckdb.shown, binary: behindKey },
};

/** The same where all came so whose values may be past DuckDB's types. */
export const STAGED_IN_TEXTS: Dialect = {
  ...STAGED,
  shown: {
    ...STAGED.shown,
    decimal: behindKey,
    date: behindKey,
    time: behindKey,
    timestamp: behindKey,
    timestamptz: behindKey,
  },
};
