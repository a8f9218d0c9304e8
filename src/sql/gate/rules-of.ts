import type { Engine } from '../dialect.ts';
import { DUCKDB_RULES } from './rules/duckdb.ts';
import { MSSQL_RULES } from './rules/mssql.ts';
import { MYSQL_RULES } from './rules/mysql.ts';
import { POSTGRES_RULES } from './rules/postgres.ts';
import type { TokenRules } from './token-rules.ts';

export const TOKEN_RULES: Readonly<Record<Engine, TokenRules>> = {
  postgres: POSTGRES_RULES,
  mysql: MYSQL_RULES,
  mssql: MSSQL_RULES,
  duckdb: DUCKDB_RULES,
};
