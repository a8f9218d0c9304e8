import type { Ask } from './introspect.ts';

const SERVER_ROLES = [
  'sysadmin',
  'securityadmin',
  'serveradmin',
  'setupadmin',
  'processadmin',
  'bulkadmin',
  'dbcreator',
];
const DATABASE_ROLES = [
  'db_owner',
  'db_datawriter',
  'db_ddladmin',
  'db_securityadmin',
  'db_accessadmin',
  'db_backupoperator',
];
const READING = [
  'CONNECT',
  'CONNECT SQL',
  'SELECT',
  'SHOWPLAN',
  'VIEW ANY DATABASE',
  'VIEW DATABASE STATE',
  'VIEW DEFINITION',
];

const listed = (names: readonly string[]) => names.map((name) => `(N'${name}')`).join(', ');

export const ROLES_OF_SERVER = `SELECT r.name AS name FROM (VALUES ${listed(SERVER_ROLES)}) AS r(name) WHERE IS_SRVROLEMEMBER(r.name) = 1`;
export const ROLES_OF_DATABASE = `SELECT r.name AS name FROM (VALUES ${listed(DATABASE_ROLES)}) AS r(name) WHERE IS_ROLEMEMBER(r.name) = 1`;

const permissions = (of: 'SERVER' | 'DATABASE') =>
  `SELECT p.permission_name AS name FROM sys.fn_my_permissions(NULL, N'${of}') AS p
WHERE p.permission_name NOT LIKE N'VIEW ANY %' AND p.permission_name NOT IN (${READING.map((name) => `N'${name}'`).join(', ')}) ORDER BY 1`;
export const RIGHTS_ON_SERVER = permissions('SERVER');
export const RIGHTS_ON_DATABASE = permissions('DATABASE');

export const RIGHTS_ON_TABLES = `SELECT p.name AS name, COUNT(*) AS n, MIN(s.name + N'.' + t.name) AS example
FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id
CROSS JOIN (VALUES (N'INSERT'), (N'UPDATE'), (N'DELETE'), (N'ALTER'), (N'CONTROL')) AS p(name)
WHERE HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), N'OBJECT', p.name) = 1 GROUP BY p.name ORDER BY p.name`;

/** What the login may do beyond reading, by the names of the rights; those of sysadmin and db_owner say nothing more. */
export async function rightsOf(optional: Ask): Promise<string[]> {
  const names = async (text: string) => (await optional(text, [])).map(({ name }) => String(name));
  const roles = [...(await names(ROLES_OF_SERVER)), ...(await names(ROLES_OF_DATABASE))];
  const members = roles.map((role) => `member of ${role}`);
  if (roles.includes('sysadmin') || roles.includes('db_owner')) return members;
  const server = (await names(RIGHTS_ON_SERVER)).map((name) => `${name} on the server`);
  const database = (await names(RIGHTS_ON_DATABASE)).map((name) => `${name} on the database`);
  const tables = (await optional(RIGHTS_ON_TABLES, [])).map(({ name, n, example }) => {
    const others = Number(n) - 1;
    return `${name} on table ${example}${others > 0 ? ` and ${others} more` : ''}`;
  });
  return [...members, ...server, ...database, ...tables];
}
