import type { ServerFacts } from '../../domain/datasource.ts';
import type { MysqlSession } from './session.ts';

/** What `version()` or `version_comment` hold for each product that speaks the protocol; the first that fits counts. */
const PRODUCTS: readonly (readonly [mark: RegExp, product: string])[] = [
  [/mariadb/i, 'mariadb'],
  [/tidb/i, 'tidb'],
  [/starrocks/i, 'starrocks'],
  [/doris/i, 'doris'],
  [/singlestore|memsql/i, 'singlestore'],
  [/oceanbase/i, 'oceanbase'],
];

/** What a server may lack, each with a statement that only a server which has it runs. */
const PROBES: Readonly<Record<string, string>> = {
  windowFunctions: 'SELECT ROW_NUMBER() OVER (ORDER BY a) FROM (SELECT 1 AS a) AS t',
  commonTableExpressions: 'WITH t AS (SELECT 1 AS a) SELECT a FROM t',
  groupingFunction: 'SELECT GROUPING(a) FROM (SELECT 1 AS a) AS t GROUP BY a WITH ROLLUP',
  regexpReplace: "SELECT REGEXP_REPLACE('a', 'a', 'b')",
  jsonTable: `SELECT * FROM JSON_TABLE('[1]', '$[*]' COLUMNS (a INT PATH '$')) AS t`,
  timeZoneNames:
    "SELECT 1 FROM (SELECT CONVERT_TZ('2024-01-01', 'UTC', 'Europe/Rome') AS a) AS t HAVING MAX(a) IS NOT NULL",
};

async function canRun(session: MysqlSession, probe: string): Promise<boolean> {
  try {
    return (await session.query(probe)).length > 0;
  } catch (error) {
    if (!session.usable) throw error;
    return false;
  }
}

async function text(session: MysqlSession, query: string): Promise<string> {
  const [row] = await session.query(query);
  return String(row?.[0] ?? '');
}

export async function readFacts(session: MysqlSession, refused: ReadonlySet<string>): Promise<ServerFacts> {
  const version = await text(session, 'SELECT VERSION()');
  const comment = await text(session, 'SELECT @@version_comment').catch(() => '');
  const [, major = 0, minor = 0, patch = 0] = version.match(/(\d+)\.(\d+)\.(\d+)/)?.map(Number) ?? [];
  const capabilities: Record<string, boolean | number> = {
    versionNumber: major * 10_000 + minor * 100 + patch,
    readOnlyTransaction: !refused.has('transaction'),
    readOnlyDefault: !refused.has('readOnly'),
    statementTimeout: !refused.has('query_timeout'),
  };
  for (const [name, probe] of Object.entries(PROBES)) capabilities[name] = await canRun(session, probe);
  const product = PRODUCTS.find(([mark]) => mark.test(`${version} ${comment}`))?.[1] ?? 'mysql';
  return { version: comment === '' ? version : `${version} (${comment})`, product, capabilities };
}
