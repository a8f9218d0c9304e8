import type { MysqlSession } from './session.ts';

const READING = new Set(['SELECT', 'USAGE', 'SHOW VIEW', 'SHOW DATABASES']);
const GRANT = /^GRANT (.+?) ON (?:TABLE |FUNCTION |PROCEDURE )?(\S+) TO (.*)$/is;
/** A list of columns behind a right. */
const COLUMNS = /\s*\([^)]*\)/g;

/** The rights of one line of SHOW GRANTS beyond reading. Lines without ON name roles, whose own rights follow in lines of their own. */
export function rightsOfGrant(line: string): string[] {
  const [, granted, on, rest = ''] = GRANT.exec(line) ?? [];
  if (granted === undefined || on === undefined) return [];
  const names = granted
    .replace(COLUMNS, '')
    .split(',')
    .map((name) => name.trim().toUpperCase())
    .filter((name) => !READING.has(name));
  const place = on.replaceAll('`', '');
  const rights = names.length > 0 ? [`${names.join(', ')} on ${place}`] : [];
  return /\bWITH\b.*\bGRANT OPTION\b/is.test(rest) ? [...rights, `GRANT OPTION on ${place}`] : rights;
}

/** What the login may do beyond reading, by the names of the rights. */
export async function readRights(session: MysqlSession): Promise<string[]> {
  const grants = await session.query('SHOW GRANTS');
  return grants.flatMap(([line]) => rightsOfGrant(String(line)));
}
