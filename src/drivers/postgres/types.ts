import type { PostgresSession } from './session.ts';
import { NAMED_TYPES, type PgType } from './values.ts';

const QUERY = `select t.oid, t.typname, t.typtype, t.typelem, t.typbasetype, t.typdelim, t.typlen
from pg_catalog.pg_type t where t.oid = any(cast($1 as oid[]))`;

/** Learns types by their object ids, with the types that they are made of. One that the server does not know is text. */
export async function readTypes(
  session: PostgresSession,
  wanted: ReadonlySet<number>,
  known: Map<number, PgType>,
): Promise<void> {
  const rows = await session.query(QUERY, [`{${[...wanted].join(',')}}`]);
  const parts = new Set<number>();
  for (const row of rows) {
    for (const part of [Number(row[3]), Number(row[4])]) if (part !== 0 && !known.has(part)) parts.add(part);
  }
  if (parts.size > 0) await readTypes(session, parts, known);
  for (const [oid, name, kind, element, base, delimiter, length] of rows) {
    const isArray = Number(element) !== 0 && length === '-1';
    const domain = kind === 'd' ? known.get(Number(base)) : undefined;
    if (domain) known.set(Number(oid), domain);
    else if (isArray)
      known.set(Number(oid), {
        type: 'json',
        name: name!,
        element: Number(element),
        delimiter: delimiter ?? ',',
      });
    else known.set(Number(oid), { type: NAMED_TYPES[name!] ?? 'text', name: name! });
  }
  for (const oid of wanted) if (!known.has(oid)) known.set(oid, { type: 'text', name: 'unknown' });
}

/** Digits behind the point of an amount of money; only a server that has the type is asked. */
export async function readMoneyScale(session: PostgresSession): Promise<number> {
  const [row] = await session.query(`select cast(cast('1' as money) as numeric)`);
  return row?.[0]?.split('.')[1]?.length ?? 0;
}
