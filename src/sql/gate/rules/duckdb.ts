import { names, type TokenRules } from '../token-rules.ts';
import { AGGREGATES, SCALARS } from './duckdb-functions.ts';

/** Words that a parenthesis may follow without being a call: clauses, operators and types. */
const CLAUSES = names(`
  select from where having qualify window values with as materialized recursive key in not and or any all some exists
  between like ilike similar is escape case when then else on using over by partition order group sets cube rollup filter
  within distinct limit offset union except intersect name join left right full inner outer cross semi anti asof positional
  lateral exclude replace rename interval end collate to for of ordinality range rows groups preceding following lambda
  varchar char bpchar text string decimal numeric dec integer int int1 int2 int4 int8 bigint smallint tinyint hugeint double
  real float timestamp timestamptz time date bit blob struct enum union map tablesample sample percent reservoir bernoulli
  system array pivot unpivot nulls`);

/** Clauses that the parser keeps as functions. */
const GROUPINGS = new Set(['rollup', 'cube', 'grouping sets']);

/** The functions of datasets' SQL are an allow-list: pure ones, and of those that give rows only generate_series, range and unnest. */
export const DUCKDB_RULES: TokenRules = {
  words: names('table pragma summarize describe show pivot_wider pivot_longer'),
  unpivots: true,
  names: names(''),
  namePatterns: [],
  schemas: names('information_schema pg_catalog'),
  callSchemas: names(''),
  maxParts: 8,
  rowSources: names('table subquery select union intersect except values unnest generate_series range'),
  refusesTable: (_name, schema) => schema !== null,
  refusesFunction: (name, schema, quoted) =>
    schema !== undefined ||
    !(SCALARS.has(name) || GROUPINGS.has(name) || AGGREGATES.has(name) || (!quoted && CLAUSES.has(name))),
};
