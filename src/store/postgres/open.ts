import { HandleEmptyInListsPlugin, Kysely, replaceWithNoncontingentExpression, sql } from 'kysely';
import { AppError } from '../../base/errors.ts';
import type { Marked, Tables } from '../tables.ts';
import { parseMetadataUrl } from './address.ts';
import { MetadataDialect } from './dialect.ts';
import { ReadLease } from './read-lease.ts';

export interface PostgresOptions {
  poolSize?: number | undefined;
  /** The longest statement. */
  statementMs?: number | undefined;
}

const POOL_SIZE = 4;
const STATEMENT_MS = 30_000;
const IDLE_IN_TRANSACTION_MS = 30_000;
/** As long as SQLite's busy_timeout. */
const LOCK_MS = 10_000;
/** Identity columns, and what we were tested with. */
const MIN_VERSION = 120_000;

/** The server as it presents itself. */
export interface MetadataServer {
  version: string;
  hasSchema: boolean;
}

/** Sessions are opened when first needed. Throws AppError `storage.unusable` for a URL that is not understood. */
function connectPostgres(
  url: string,
  { poolSize = POOL_SIZE, statementMs = STATEMENT_MS }: PostgresOptions = {},
): Kysely<Tables> & Marked {
  const lease = new ReadLease();
  const limits = { poolSize, statementMs, waitMs: LOCK_MS, lockMs: LOCK_MS, idleMs: IDLE_IN_TRANSACTION_MS };
  const db = new Kysely<Tables>({
    dialect: new MetadataDialect(parseMetadataUrl(url), limits, lease),
    plugins: [new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression })],
  });
  return Object.assign(db, { mark: () => lease.mark() });
}

/** Asks the server who it is. Throws AppError `storage.unusable` where it is none for our metadata. */
async function checkServer(db: Kysely<Tables>, schema: string): Promise<MetadataServer> {
  const { rows } = await sql<{
    said: string;
    number: number;
    encoding: string;
    standby: boolean;
    schemas: number;
  }>`
    select version() as said, cast(current_setting('server_version_num') as integer) as number,
      current_setting('server_encoding') as encoding, pg_is_in_recovery() as standby,
      (select count(*) from pg_catalog.pg_namespace where nspname = ${schema}) as schemas`.execute(db);
  const { said, number, encoding, standby, schemas } = rows[0]!;
  const fault = (text: string) => new AppError('storage.unusable', `METADATA_DB_PATH: ${text}`);
  if (!said.startsWith('PostgreSQL ') || /-YB-|Greenplum|Redshift/i.test(said))
    throw fault('the server is not PostgreSQL itself, whose locks the metadata needs');
  if (standby) throw fault('the server is a standby, which takes no writes; name the primary');
  if (number < MIN_VERSION) throw fault('the server is older than PostgreSQL 12');
  if (encoding !== 'UTF8') throw fault(`the database is encoded in ${encoding}; make one in UTF8`);
  return { version: said.split(/[ (]/)[1] ?? '', hasSchema: schemas > 0 };
}

/** The metadata on a PostgreSQL server, its schema made where it is missing. */
export async function openPostgres(
  url: string,
  options: PostgresOptions = {},
): Promise<Kysely<Tables> & Marked> {
  const { schema } = parseMetadataUrl(url);
  const db = connectPostgres(url, options);
  try {
    const { hasSchema } = await checkServer(db, schema);
    if (!hasSchema) await sql`create schema if not exists ${sql.id(schema)}`.execute(db);
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/** What is there, for `doctor`; makes nothing. */
export async function inspectPostgres(url: string): Promise<{ server: MetadataServer; applied: string[] }> {
  const { schema } = parseMetadataUrl(url);
  const db = connectPostgres(url, { poolSize: 1 });
  try {
    const server = await checkServer(db, schema);
    const { rows: found } = await sql`
      select 1 from pg_catalog.pg_tables where schemaname = ${schema} and tablename = 'migrations'`.execute(
      db,
    );
    if (found.length === 0) return { server, applied: [] };
    const { rows } = await sql<{ name: string }>`select name from migrations order by name`.execute(db);
    return { server, applied: rows.map(({ name }) => name) };
  } finally {
    await db.destroy();
  }
}
