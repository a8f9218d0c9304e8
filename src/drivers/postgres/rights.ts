import type { PostgresSession } from './session.ts';

const ROLE = `select rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls
from pg_catalog.pg_roles where rolname = current_user`;
const ATTRIBUTES = ['SUPERUSER', 'CREATEDB', 'CREATEROLE', 'REPLICATION', 'BYPASSRLS'];

const MEMBERSHIPS = `select r.rolname from pg_catalog.pg_roles r where r.rolname <> current_user and pg_has_role(r.oid, 'member')
and (r.rolsuper or r.rolname in ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program', 'pg_write_all_data',
  'pg_signal_backend', 'pg_read_all_settings', 'pg_read_all_stats', 'pg_monitor', 'pg_checkpoint', 'pg_create_subscription',
  'pg_maintain', 'rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin')) order by 1`;

const OF_USERS = `n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'`;

const ON_TABLES = `select p.name, count(*), min(format('%I.%I', n.nspname, c.relname))
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
cross join (values (1, 'INSERT'), (2, 'UPDATE'), (3, 'DELETE'), (4, 'TRUNCATE')) as p(place, name)
where ${OF_USERS} and c.relkind in ('r', 'p', 'f', 'v')
and (has_table_privilege(c.oid, p.name) or (p.place <= 2 and has_any_column_privilege(c.oid, p.name)))
group by p.place, p.name order by p.place`;

const ON_SCHEMAS = `select count(*), min(quote_ident(n.nspname)) from pg_catalog.pg_namespace n
where ${OF_USERS} and has_schema_privilege(n.oid, 'CREATE')`;

const ON_DATABASE = `select quote_ident(current_database()) where has_database_privilege(current_database(), 'CREATE')`;

const more = (count: number) => (count > 1 ? ` and ${count - 1} more` : '');

/** What the login may do beyond reading, by the names of the rights; a superuser's other rights say nothing more. */
export async function readRights(session: PostgresSession): Promise<string[]> {
  const [role = []] = await session.query(ROLE);
  const attributes = ATTRIBUTES.filter((_, i) => role[i] === 't');
  if (attributes.includes('SUPERUSER')) return attributes;
  const memberships = await session.query(MEMBERSHIPS);
  const tables = await session.query(ON_TABLES);
  const [[schemas, schema] = []] = await session.query(ON_SCHEMAS);
  const databases = await session.query(ON_DATABASE);
  return [
    ...attributes,
    ...memberships.map(([name]) => `member of ${name}`),
    ...tables.map(([right, count, table]) => `${right} on table ${table}${more(Number(count))}`),
    ...(Number(schemas) > 0 ? [`CREATE on schema ${schema}${more(Number(schemas))}`] : []),
    ...databases.map(([name]) => `CREATE on database ${name}`),
  ];
}
