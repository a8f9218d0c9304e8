import type { Engine } from '../../dialect.ts';
import { duckdbExpressions } from './duckdb.ts';
import type { ExpressionDialect } from './expression-dialect.ts';
import { mssqlExpressions } from './mssql.ts';
import { mysqlExpressions } from './mysql.ts';
import { postgresExpressions } from './postgres.ts';

/** How each engine spells expressions. */
export const EXPRESSIONS: Readonly<Record<Engine, ExpressionDialect>> = {
  duckdb: duckdbExpressions,
  postgres: postgresExpressions,
  mysql: mysqlExpressions,
  mssql: mssqlExpressions,
};
