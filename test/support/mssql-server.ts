import { Connection, Request } from 'tedious';
import type { DatasourceSettings } from '../../src/domain/datasource.ts';
import { parseDsn } from '../../src/domain/dsn.ts';
import { ENGINE_TABLE } from '../../src/drivers/engine-table.ts';

/** The settings of a DSN such as `mssql://user:password@host:1433/database?Encrypt=yes&TrustServerCertificate=yes`; without Encrypt it is not encrypted. */
export function mssqlSettings(dsn: string): DatasourceSettings {
  return {
    port: ENGINE_TABLE.mssql.defaultPort,
    database: 'master',
    ...parseDsn(dsn, 'mssql', ENGINE_TABLE),
  } as DatasourceSettings;
}

/** Runs batches that may write, beside the driver, whose sessions undo what they write. */
export async function runBatches(settings: DatasourceSettings, batches: readonly string[]): Promise<void> {
  const { host, port, user, password = '', database, tls } = settings;
  const connection = new Connection({
    server: host,
    authentication: { type: 'default', options: { userName: user, password } },
    options: {
      port,
      database,
      encrypt: tls !== undefined && tls.mode !== 'off',
      trustServerCertificate: tls?.mode !== 'verify',
    },
  });
  const settle = (resolve: () => void, reject: (error: Error) => void) => (error?: Error | null) =>
    error ? reject(error) : resolve();
  try {
    await new Promise<void>((resolve, reject) => connection.connect(settle(resolve, reject)));
    for (const batch of batches)
      await new Promise<void>((resolve, reject) =>
        connection.execSqlBatch(new Request(batch, settle(resolve, reject))),
      );
  } finally {
    connection.close();
  }
}
