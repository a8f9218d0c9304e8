import type { ServerFacts } from '../../domain/datasource.ts';
import { connectionLost } from '../network-errors.ts';
import { postgresError } from './errors.ts';
import type { PostgresSession } from './session.ts';

/** What `version()` holds for each product that speaks the protocol; the first that fits counts. */
const PRODUCTS: readonly (readonly [mark: RegExp, product: string])[] = [
  [/cockroach/i, 'cockroachdb'],
  [/redshift/i, 'redshift'],
  [/greenplum/i, 'greenplum'],
  [/yugabyte|-YB-/i, 'yugabytedb'],
  [/materialize/i, 'materialize'],
];

/** What a server may lack, each with a statement that only a server which has it runs. */
const PROBES: Readonly<Record<string, string>> = {
  groupingSets: 'select count(*) from (values (1)) as v(a) group by grouping sets ((a), ())',
  filterClause: 'select count(*) filter (where a = 1) from (values (1)) as v(a)',
  percentileCont: 'select percentile_cont(0.5) within group (order by a) from (values (1)) as v(a)',
  icu: `select 1 / count(*) from pg_catalog.pg_collation where collname = 'und-x-icu'`,
  lateral: 'select b from (values (1)) as v(a), lateral (select a) as w(b)',
  money: "select cast('1' as money)",
  citus: "select 1 / count(*) from pg_catalog.pg_extension where extname = 'citus'",
};

async function canRun(session: PostgresSession, probe: string): Promise<boolean> {
  try {
    await session.query(probe);
    return true;
  } catch (error) {
    if (!session.usable) throw postgresError(error);
    return false;
  }
}

export async function readFacts(
  session: PostgresSession,
  refused: ReadonlySet<string>,
): Promise<ServerFacts> {
  const [row] = await session.query(`select version(), current_setting('server_version_num')`).catch(() => {
    return session.query('select version(), 0');
  });
  const version = row?.[0] ?? '';
  const capabilities: Record<string, boolean | number> = {
    versionNumber: Number(row?.[1] ?? 0),
    readOnlyTransaction: !refused.has('transaction'),
    readOnlyDefault: !refused.has('default_transaction_read_only'),
    statementTimeout: !refused.has('transaction') || !refused.has('statement_timeout'),
  };
  for (const [name, probe] of Object.entries(PROBES)) capabilities[name] = await canRun(session, probe);
  const [text] = await session
    .query(`select lower(chr(201)) = chr(233), pg_catalog.getdatabaseencoding() = 'UTF8'`)
    .catch(() => [[null, null]]);
  if (!session.usable) throw postgresError(connectionLost());
  // A server that does not say is taken to be as most are.
  capabilities.foldsCase = text?.[0] !== 'f';
  capabilities.unicode = text?.[1] !== 'f';
  const product = PRODUCTS.find(([mark]) => mark.test(version))?.[1];
  return { version, product: product ?? (capabilities.citus ? 'citus' : 'postgresql'), capabilities };
}
