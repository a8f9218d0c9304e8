import type { ServerFacts } from '../../domain/datasource.ts';
import type { Ask, CatalogRow } from './introspect.ts';

export const VERSION = `SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')) AS version,
CONVERT(nvarchar(4000), @@VERSION) AS banner, CONVERT(int, SERVERPROPERTY('EngineEdition')) AS edition`;

/** Each stands alone, since compatible servers lack some. */
export const WRITE_RIGHT = `SELECT CONVERT(int, CASE WHEN HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'INSERT') = 1
OR HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'UPDATE') = 1 OR HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'DELETE') = 1
OR HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'CREATE TABLE') = 1 OR IS_SRVROLEMEMBER('sysadmin') = 1 THEN 1 ELSE 0 END) AS n`;
export const READ_ONLY = `SELECT CONVERT(int, CASE WHEN CONVERT(nvarchar(32), DATABASEPROPERTYEX(DB_NAME(), 'Updateability')) = N'READ_ONLY' THEN 1 ELSE 0 END) AS n`;
export const SNAPSHOT =
  'SELECT CONVERT(int, d.snapshot_isolation_state) AS n FROM sys.databases AS d WHERE d.name = DB_NAME()';

const AZURE_SQL = 5;
const VERSION_2022 = 16;

const isOne = (rows: readonly CatalogRow[]) => Number(rows[0]?.n ?? 0) === 1;

function productOf(banner: string, edition: number): string {
  if (/babelfish/i.test(banner)) return 'babelfish';
  return edition === AZURE_SQL ? 'azuresql' : 'sqlserver';
}

/**
 * `canWrite` warns that the login may change data: SQL Server has no read-only session, so that only the parser and the rollback
 * after each statement stand between a statement and the data. `optional` gives no rows where the server cannot answer.
 */
export async function factsOf(ask: Ask, optional: Ask): Promise<ServerFacts> {
  const [about] = await ask(VERSION, []);
  const version = String(about?.version ?? '');
  const major = Number(version.split('.')[0]);
  const product = productOf(String(about?.banner ?? ''), Number(about?.edition ?? 0));
  const readOnlyDatabase = isOne(await optional(READ_ONLY, []));
  const modern = product === 'azuresql' || (product === 'sqlserver' && major >= VERSION_2022);
  return {
    version,
    product,
    capabilities: {
      major,
      readOnlyDatabase,
      canWrite: !readOnlyDatabase && isOne(await optional(WRITE_RIGHT, [])),
      snapshotIsolation: isOne(await optional(SNAPSHOT, [])),
      dateTrunc: modern,
      isDistinctFrom: modern,
    },
  };
}
