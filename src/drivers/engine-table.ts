import type { EngineTable } from '../domain/engine-settings.ts';
import { MSSQL_ODBC_PARAMETERS, MSSQL_SETTINGS } from './mssql/settings.ts';
import { mysqlSettings } from './mysql/settings.ts';
import { postgresSettings } from './postgres/settings.ts';

/** Settings of every engine; loads no driver. */
export const ENGINE_TABLE: EngineTable = {
  postgres: postgresSettings,
  mysql: mysqlSettings,
  mssql: { ...MSSQL_SETTINGS, dsnParameters: MSSQL_ODBC_PARAMETERS },
};
