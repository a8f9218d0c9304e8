import type { EngineSettings } from '../driver.ts';

export const MSSQL_SETTINGS: EngineSettings = {
  engine: 'mssql',
  defaultPort: 1433,
  schemes: ['mssql', 'mssql+pyodbc', 'mssql+pymssql', 'sqlserver'],
  options: {
    applicationIntent: {
      type: 'string',
      values: ['ReadOnly', 'ReadWrite'],
      help: 'ReadOnly (the default) lets an availability group answer from a readable replica',
    },
    encrypt: {
      type: 'string',
      values: ['true', 'strict'],
      help: 'strict speaks TDS 8: the certificate is always verified (SQL Server 2022 and later)',
    },
    instanceName: {
      type: 'string',
      help: 'A named instance, whose port is asked of the SQL Server Browser; the port is then not used',
    },
    multiSubnetFailover: {
      type: 'boolean',
      help: 'Tries all addresses of the name at once, for listeners of availability groups',
    },
    isolation: {
      type: 'string',
      values: ['readCommitted', 'readUncommitted', 'snapshot'],
      help: 'Isolation of the statements; readCommitted unless given',
    },
    idleTimeoutS: { type: 'number', help: 'Seconds after which an unused connection is closed; 300' },
  },
};

/** What a parameter of an ODBC-style DSN becomes; `ignored` says nothing to this driver but is understood. */
export type OdbcMeaning =
  | 'ignored'
  | 'encrypt'
  | 'trustServerCertificate'
  | 'hostNameInCertificate'
  | { option: string };

/**
 * Query parameters of `mssql+pyodbc://` and `mssql+pymssql://` URLs, names in lower case without spaces or underscores.
 * `encrypt`: yes, mandatory, true → TLS `verify`; strict → also option encrypt=strict; no, optional, false → `off`.
 * `trustServerCertificate`: yes, true → TLS `require` instead of `verify`. `hostNameInCertificate` → `tls.serverName`.
 */
export const MSSQL_ODBC_PARAMETERS: Readonly<Record<string, OdbcMeaning>> = {
  driver: 'ignored',
  charset: 'ignored',
  tdsversion: 'ignored',
  autocommit: 'ignored',
  marsconnection: 'ignored',
  app: 'ignored',
  encrypt: 'encrypt',
  trustservercertificate: 'trustServerCertificate',
  hostnameincertificate: 'hostNameInCertificate',
  applicationintent: { option: 'applicationIntent' },
  multisubnetfailover: { option: 'multiSubnetFailover' },
};
