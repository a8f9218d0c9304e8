import type { SourceEngine } from '../../domain/datasource.ts';
import type { Dialect } from '../dialect.ts';
import { mssqlDialect } from './mssql.ts';
import { mysqlDialect } from './mysql.ts';
import type { DialectOptions } from './options.ts';
import { postgresDialect } from './postgres.ts';

const DIALECTS: Readonly<Record<SourceEngine, (options: DialectOptions) => Dialect>> = {
  postgres: postgresDialect,
  mysql: mysqlDialect,
  mssql: mssqlDialect,
};

/** How an engine spells the language, with one datasource's choices. */
export const dialectFor = (engine: SourceEngine, options: DialectOptions): Dialect =>
  DIALECTS[engine](options);
