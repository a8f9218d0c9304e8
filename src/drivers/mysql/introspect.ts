import { AppError } from '../../base/errors.ts';
import type { ColumnType } from '../../domain/column.ts';
import type { TableColumn, TableInfo } from '../../domain/datasource.ts';
import type { IsBoolean } from './booleans.ts';
import type { MysqlSession } from './session.ts';
import { type Field, wireTypeOf } from './values.ts';

const NOT_SYSTEM = `NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys', 'metrics_schema', '_statistics_', '__internal_schema')`;

// Names are text columns of binary collation on some servers and case-blind on others; BINARY compares what the caller wrote.
const SCHEMAS = `SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE LOWER(SCHEMA_NAME) ${NOT_SYSTEM} ORDER BY SCHEMA_NAME`;

const TABLES = `SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_COMMENT, TABLE_ROWS FROM information_schema.TABLES
WHERE LOWER(TABLE_SCHEMA) ${NOT_SYSTEM} AND (? = '' OR TABLE_SCHEMA = ?) ORDER BY TABLE_SCHEMA, TABLE_NAME`;

const COLUMNS = `SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, NUMERIC_PRECISION, NUMERIC_SCALE, COLUMN_COMMENT, TABLE_SCHEMA
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = COALESCE(NULLIF(?, ''), DATABASE()) AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`;

const KEYS = `SELECT COLUMN_NAME, CONSTRAINT_NAME, ORDINAL_POSITION, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME
FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = COALESCE(NULLIF(?, ''), DATABASE()) AND TABLE_NAME = ?`;

/** JSON of MariaDB is text with a check. */
const JSON_CHECKS = `SELECT CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS
WHERE CONSTRAINT_SCHEMA = COALESCE(NULLIF(?, ''), DATABASE()) AND TABLE_NAME = ? AND CHECK_CLAUSE LIKE 'json_valid(%'`;

/** By `DATA_TYPE`; what is not here is text. */
const TYPES: Readonly<Record<string, ColumnType>> = {
  tinyint: 'integer',
  smallint: 'integer',
  mediumint: 'integer',
  int: 'integer',
  integer: 'integer',
  bigint: 'integer',
  largeint: 'integer',
  year: 'integer',
  decimal: 'decimal',
  numeric: 'decimal',
  float: 'float',
  double: 'float',
  boolean: 'boolean',
  date: 'date',
  time: 'time',
  datetime: 'timestamp',
  timestamp: 'timestamptz',
  json: 'json',
  uuid: 'uuid',
  binary: 'binary',
  varbinary: 'binary',
  tinyblob: 'binary',
  blob: 'binary',
  mediumblob: 'binary',
  longblob: 'binary',
  vector: 'binary',
  geometry: 'binary',
  point: 'binary',
  linestring: 'binary',
  polygon: 'binary',
  multipoint: 'binary',
  multilinestring: 'binary',
  multipolygon: 'binary',
  geometrycollection: 'binary',
  geomcollection: 'binary',
};

export async function readSchemas(session: MysqlSession): Promise<string[]> {
  return (await session.query(SCHEMAS)).map(([name]) => String(name));
}

export async function readTables(session: MysqlSession, schema: string | undefined): Promise<TableInfo[]> {
  const rows = await session.ask(TABLES, [schema ?? '', schema ?? '']);
  return rows.map(([tableSchema, name, type, comment, estimate]) => {
    const isView = String(type).includes('VIEW');
    // Views have the word VIEW for a comment.
    const hasComment = !isView && comment !== null && comment !== '';
    return {
      schema: String(tableSchema),
      name: String(name),
      kind: isView ? 'view' : 'table',
      ...(hasComment ? { comment: String(comment) } : {}),
      ...(isView || estimate === null ? {} : { estimatedRows: Number(estimate) }),
    };
  });
}

/** Columns that a `json_valid` check makes JSON; servers that keep no such list have a type of that name instead. */
async function jsonColumns(session: MysqlSession, table: readonly [string, string]): Promise<Set<string>> {
  try {
    const clauses = await session.ask(JSON_CHECKS, table);
    return new Set(
      clauses.map(
        ([clause]) => /^json_valid\(`(.*)`\)$/.exec(String(clause))?.[1]?.replaceAll('``', '`') ?? '',
      ),
    );
  } catch (error) {
    if (!session.usable) throw error;
    return new Set();
  }
}

export async function readColumns(
  session: MysqlSession,
  table: { schema?: string | undefined; name: string },
  isBoolean: IsBoolean,
): Promise<TableColumn[]> {
  const key = [table.schema ?? '', table.name] as const;
  const rows = await session.ask(COLUMNS, key);
  if (rows.length === 0)
    throw new AppError('resource.notFound', 'There is no such table in the database, or it may not be read');
  const json = await jsonColumns(session, key);
  const keys = await session.ask(KEYS, key);
  const places = new Map(keys.filter((row) => row[1] === 'PRIMARY').map((row) => [row[0], Number(row[2])]));
  const foreign = Map.groupBy(
    keys.filter((row) => row[4] !== null),
    (row) => row[1],
  );
  // A reference of several columns is none of each of them.
  const single = [...foreign.values()].filter((parts) => parts.length === 1).map(([part]) => part!);
  const references = new Map(
    single.map(([name, , , schema, target, column]) => [
      name,
      { schema: String(schema), table: String(target), column: String(column) },
    ]),
  );
  return rows.map(([name, dataType, nativeType, nullable, precision, scale, comment, schema]) => {
    const column = { schema: String(schema), table: table.name, name: String(name) };
    const isTruth = nativeType === 'bit(1)' || (nativeType === 'tinyint(1)' && isBoolean(column));
    const plain = isTruth ? 'boolean' : (TYPES[String(dataType)] ?? 'text');
    const type = json.has(String(name)) ? 'json' : plain;
    const place = places.get(name!);
    const reference = references.get(name!);
    return {
      name: String(name),
      type,
      nativeType: String(nativeType),
      nullable: nullable === 'YES',
      ...(type === 'decimal' ? { precision: Number(precision), scale: Number(scale) } : {}),
      ...(comment ? { comment: String(comment) } : {}),
      ...(place ? { keyPosition: place } : {}),
      ...(reference ? { references: reference } : {}),
    };
  });
}

/** What an answer's columns are. The length of a decimal counts its sign and its point. */
export function describeFields(fields: readonly Field[], isBoolean: IsBoolean): TableColumn[] {
  return fields.map((field) => {
    const { type, name } = wireTypeOf(field, isBoolean);
    const scale = field.decimals;
    const precision = field.columnLength - (scale > 0 ? 2 : 1);
    return {
      name: field.name,
      type,
      nativeType: type === 'decimal' ? `${name}(${precision},${scale})` : name,
      nullable: true,
      ...(type === 'decimal' ? { precision, scale } : {}),
    };
  });
}
