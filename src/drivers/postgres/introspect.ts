import { AppError } from '../../base/errors.ts';
import type { TableColumn, TableInfo } from '../../domain/datasource.ts';
import type { Field, PostgresSession } from './session.ts';
import { readTypes } from './types.ts';
import type { PgType } from './values.ts';

/** What an extension brought, such as the catalogs of Citus or TimescaleDB. */
const OF_EXTENSION = (catalog: string, oid: string) =>
  `exists (select 1 from pg_catalog.pg_depend d where d.classid = 'pg_catalog.${catalog}'::regclass and d.objid = ${oid} and d.deptype = 'e')`;

/** Schemas of the server itself. */
const NOT_SYSTEM = `n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'crdb_internal', 'pg_extension')
and n.nspname not like 'pg\\_temp\\_%' and n.nspname not like 'pg\\_toast\\_temp\\_%'`;

const SCHEMAS = `select n.nspname from pg_catalog.pg_namespace n
where ${NOT_SYSTEM} and not ${OF_EXTENSION('pg_namespace', 'n.oid')} and has_schema_privilege(n.oid, 'usage') order by 1`;

/** Tables, views, materialized views, foreign tables and partitioned tables; a partition stands behind its parent. */
const VISIBLE = `c.relkind in ('r', 'v', 'm', 'f', 'p') and has_schema_privilege(n.oid, 'usage')
and (has_table_privilege(c.oid, 'select') or has_any_column_privilege(c.oid, 'select'))`;

const TABLES = `select n.nspname, c.relname, c.relkind, obj_description(c.oid, 'pg_class'), c.reltuples
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where ${NOT_SYSTEM} and ${VISIBLE} and ($1 = '' or n.nspname = $1)
and not ${OF_EXTENSION('pg_namespace', 'n.oid')} and not ${OF_EXTENSION('pg_class', 'c.oid')}
and not exists (select 1 from pg_catalog.pg_inherits i join pg_catalog.pg_class p on p.oid = i.inhparent
  where i.inhrelid = c.oid and p.relkind = 'p')
order by 1, 2`;

const FIND_TABLE = `select c.oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where ${VISIBLE} and c.relname = $1 and case when $2 = '' then pg_table_is_visible(c.oid) else n.nspname = $2 end`;

const COLUMNS = `select a.attname, a.atttypid, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atttypmod,
col_description(a.attrelid, a.attnum), a.attnum
from pg_catalog.pg_attribute a where a.attrelid = cast($1 as oid) and a.attnum > 0 and not a.attisdropped
and has_column_privilege(a.attrelid, a.attnum, 'select') order by a.attnum`;

const KEYS = `select k.contype, cast(k.conkey as text), cast(k.confkey as text), k.confrelid, n.nspname, c.relname
from pg_catalog.pg_constraint k left join pg_catalog.pg_class c on c.oid = k.confrelid
left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where k.conrelid = cast($1 as oid) and k.contype in ('p', 'f') order by k.conname`;

const NAMES = `select a.attnum, a.attname from pg_catalog.pg_attribute a where a.attrelid = cast($1 as oid)`;

const KINDS: Readonly<Record<string, TableInfo['kind']>> = {
  r: 'table',
  p: 'table',
  v: 'view',
  m: 'materializedView',
  f: 'foreignTable',
};

export async function readSchemas(session: PostgresSession): Promise<string[]> {
  return (await session.query(SCHEMAS)).map(([name]) => name!);
}

export async function readTables(session: PostgresSession, schema: string | undefined): Promise<TableInfo[]> {
  const rows = await session.query(TABLES, [schema ?? '']);
  return rows.map(([schemaName, name, kind, comment, estimate]) => {
    const rowsEstimated = Number(estimate);
    // Never analysed, or kept on other servers: 0 before version 14, -1 since.
    const isKnown = kind !== 'v' && rowsEstimated > 0;
    return {
      schema: schemaName!,
      name: name!,
      kind: KINDS[kind!]!,
      ...(comment ? { comment } : {}),
      ...(isKnown ? { estimatedRows: rowsEstimated } : {}),
    };
  });
}

/** Type modifier of numeric(p, s): `((p << 16) | s) + 4`; the scale has eleven bits with a sign. */
function precisionOf(type: PgType, modifier: number): { precision?: number; scale?: number } {
  if (type.name !== 'numeric' || modifier < 4) return {};
  const scale = (modifier - 4) & 0x7ff;
  return { precision: (modifier - 4) >> 16, scale: scale > 1023 ? scale - 2048 : scale };
}

const positions = (text: string | null): number[] =>
  (text ?? '').replace(/[{}]/g, '').split(',').filter(Boolean).map(Number);

async function learn(
  session: PostgresSession,
  oids: readonly number[],
  types: Map<number, PgType>,
): Promise<void> {
  const unknown = new Set(oids.filter((oid) => !types.has(oid)));
  if (unknown.size > 0) await readTypes(session, unknown, types);
}

/** Key places and references by the number of the column. */
async function readKeys(session: PostgresSession, table: string) {
  const places = new Map<number, number>();
  const references = new Map<number, NonNullable<TableColumn['references']>>();
  for (const [kind, columns, foreign, foreignTable, schema, name] of await session.query(KEYS, [table])) {
    const own = positions(columns!);
    if (kind === 'p') for (const [i, column] of own.entries()) places.set(column, i + 1);
    // A reference of several columns is none of each of them.
    else if (own.length === 1 && name) {
      const names = new Map(
        (await session.query(NAMES, [foreignTable!])).map(([n, text]) => [Number(n), text!]),
      );
      const column = names.get(positions(foreign!)[0]!);
      if (column) references.set(own[0]!, { schema: schema!, table: name, column });
    }
  }
  return { places, references };
}

export async function readColumns(
  session: PostgresSession,
  table: { schema?: string | undefined; name: string },
  types: Map<number, PgType>,
): Promise<TableColumn[]> {
  const [found] = await session.query(FIND_TABLE, [table.name, table.schema ?? '']);
  const oid = found?.[0];
  if (!oid)
    throw new AppError('resource.notFound', 'There is no such table in the database, or it may not be read');
  const rows = await session.query(COLUMNS, [oid]);
  await learn(
    session,
    rows.map((row) => Number(row[1])),
    types,
  );
  const { places, references } = await readKeys(session, oid);
  return rows.map(([name, type, nativeType, notNull, modifier, comment, number]) => {
    const known = types.get(Number(type))!;
    const place = places.get(Number(number));
    const reference = references.get(Number(number));
    return {
      name: name!,
      type: known.type,
      nativeType: nativeType!,
      nullable: notNull !== 't',
      ...precisionOf(known, Number(modifier)),
      ...(comment ? { comment } : {}),
      ...(place ? { keyPosition: place } : {}),
      ...(reference ? { references: reference } : {}),
    };
  });
}

const MODIFIER = `select atttypmod from pg_catalog.pg_attribute where attrelid = cast($1 as oid) and attnum = cast($2 as int2)`;

/** What an answer's columns are; digits are known of those that come straight from a table. */
export async function readDescription(
  session: PostgresSession,
  fields: readonly Field[],
  types: Map<number, PgType>,
): Promise<TableColumn[]> {
  const described: TableColumn[] = [];
  for (const field of fields) {
    const known = types.get(field.type)!;
    const isColumn = field.table !== 0 && known.name === 'numeric';
    const [row] = isColumn ? await session.query(MODIFIER, [String(field.table), String(field.number)]) : [];
    const [named] = await session.query('select format_type(cast($1 as oid), cast($2 as int4))', [
      String(field.type),
      row?.[0] ?? '-1',
    ]);
    described.push({
      name: field.name,
      type: known.type,
      nativeType: named?.[0] ?? known.name,
      nullable: true,
      ...precisionOf(known, Number(row?.[0] ?? -1)),
    });
  }
  return described;
}
