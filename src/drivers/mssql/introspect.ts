import type { ColumnType } from '../../domain/column.ts';
import type { TableColumn, TableInfo } from '../../domain/datasource.ts';
import type { Param } from '../../domain/statement.ts';

/** The catalogue as statements and what becomes of their rows. Views of `sys` show only what the login may see. */

export type CatalogRow = Readonly<Record<string, string | number | boolean | null>>;
export type Ask = (text: string, params: Param[]) => Promise<CatalogRow[]>;

const FIXED_SCHEMAS = [
  'sys',
  'INFORMATION_SCHEMA',
  'guest',
  'db_owner',
  'db_accessadmin',
  'db_securityadmin',
  'db_ddladmin',
  'db_backupoperator',
  'db_datareader',
  'db_datawriter',
  'db_denydatareader',
  'db_denydatawriter',
];

const NO_FIXED = `s.name NOT IN (${FIXED_SCHEMAS.map((name) => `N'${name}'`).join(', ')})`;

export const SCHEMAS = `SELECT s.name AS name FROM sys.schemas AS s WHERE ${NO_FIXED} ORDER BY s.name`;

/** `@p1` is the schema, or null for all. Synonyms stand among the views. */
export const TABLES = `SELECT s.name AS schema_name, o.name AS name, RTRIM(o.type) AS kind, o.object_id AS id
FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE o.type IN ('U', 'V', 'SN') AND ${NO_FIXED} AND (@p1 IS NULL OR s.name = @p1)
ORDER BY s.name, o.name`;

export const TABLE_COMMENTS = `SELECT p.major_id AS id, CONVERT(nvarchar(4000), p.value) AS comment
FROM sys.extended_properties AS p WHERE p.class = 1 AND p.minor_id = 0 AND p.name = N'MS_Description'`;

export const ROW_COUNTS = `SELECT p.object_id AS id, SUM(p.rows) AS n
FROM sys.partitions AS p WHERE p.index_id IN (0, 1) GROUP BY p.object_id`;

/** Views with a clustered index hold their rows. */
export const INDEXED_VIEWS = `SELECT i.object_id AS id FROM sys.indexes AS i
JOIN sys.views AS v ON v.object_id = i.object_id WHERE i.index_id = 1`;

export const EXTERNAL_TABLES = 'SELECT t.object_id AS id FROM sys.tables AS t WHERE t.is_external = 1';

/** `@p1` schema (null: the login's own), `@p2` table. */
export const OBJECT = `SELECT TOP (1) o.object_id AS id, RTRIM(o.type) AS kind, s.name AS schema_name, o.name AS name
FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE s.name = COALESCE(@p1, SCHEMA_NAME()) AND o.name = @p2 AND o.type IN ('U', 'V', 'SN')`;

/** An alias type is shown as its base type; CLR types have none. */
export const COLUMNS = `SELECT c.name AS name, c.column_id AS id, COALESCE(b.name, u.name) AS type, c.max_length AS size, c.precision AS precision, c.scale AS scale, c.is_nullable AS nullable
FROM sys.columns AS c
LEFT JOIN sys.types AS b ON b.user_type_id = c.system_type_id
LEFT JOIN sys.types AS u ON u.user_type_id = c.user_type_id
WHERE c.object_id = @p1 ORDER BY c.column_id`;

export const COLUMN_COMMENTS = `SELECT p.minor_id AS id, CONVERT(nvarchar(4000), p.value) AS comment
FROM sys.extended_properties AS p WHERE p.class = 1 AND p.major_id = @p1 AND p.minor_id > 0 AND p.name = N'MS_Description'`;

export const PRIMARY_KEY = `SELECT k.column_id AS id, k.key_ordinal AS position
FROM sys.indexes AS i JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id
WHERE i.object_id = @p1 AND i.is_primary_key = 1 AND k.key_ordinal > 0`;

export const FOREIGN_KEYS = `SELECT f.parent_column_id AS id, s.name AS schema_name, o.name AS table_name, c.name AS column_name
FROM sys.foreign_key_columns AS f
JOIN sys.objects AS o ON o.object_id = f.referenced_object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
JOIN sys.columns AS c ON c.object_id = f.referenced_object_id AND c.column_id = f.referenced_column_id
WHERE f.parent_object_id = @p1 ORDER BY f.constraint_object_id`;

/** `@p1` the statement, `@p2` the declarations of its parameters or null. */
export const DESCRIBE =
  'EXEC sp_describe_first_result_set @tsql = @p1, @params = @p2, @browse_information_mode = 0';

const TYPES: Readonly<Record<string, ColumnType>> = {
  bit: 'boolean',
  tinyint: 'integer',
  smallint: 'integer',
  int: 'integer',
  bigint: 'integer',
  decimal: 'decimal',
  numeric: 'decimal',
  money: 'decimal',
  smallmoney: 'decimal',
  float: 'float',
  real: 'float',
  date: 'date',
  time: 'time',
  datetime: 'timestamp',
  datetime2: 'timestamp',
  smalldatetime: 'timestamp',
  datetimeoffset: 'timestamptz',
  uniqueidentifier: 'uuid',
  json: 'json',
  binary: 'binary',
  varbinary: 'binary',
  image: 'binary',
  timestamp: 'binary',
  rowversion: 'binary',
  hierarchyid: 'binary',
  geography: 'binary',
  geometry: 'binary',
};

/** The type of a server's type name, with or without its length; text where nothing else fits. */
export const typeOf = (native: string): ColumnType =>
  TYPES[native.toLowerCase().replace(/\(.*$/, '')] ?? 'text';

const MONEY_SCALE = 4;
const MONEY_DIGITS: Readonly<Record<string, number>> = { money: 19, smallmoney: 10 };

/** Digits of a decimal, as its `TableColumn` has them. */
export function digitsOf(
  native: string,
  precision: number,
  scale: number,
): { precision?: number; scale?: number } {
  const base = native.toLowerCase().replace(/\(.*$/, '');
  const moneyDigits = MONEY_DIGITS[base];
  if (moneyDigits !== undefined) return { precision: moneyDigits, scale: MONEY_SCALE };
  return base === 'decimal' || base === 'numeric' ? { precision, scale } : {};
}

const SIZED = new Set(['char', 'varchar', 'binary', 'varbinary']);
const WIDE = new Set(['nchar', 'nvarchar']);
const FRACTIONAL = new Set(['time', 'datetime2', 'datetimeoffset']);

/** The type as T-SQL spells it: `nvarchar(40)`, `decimal(10,2)`, `datetime2(3)`. */
export function nativeType(type: string, size: number, precision: number, scale: number): string {
  if (type === 'decimal' || type === 'numeric') return `${type}(${precision},${scale})`;
  if (FRACTIONAL.has(type)) return `${type}(${scale})`;
  if (!SIZED.has(type) && !WIDE.has(type)) return type;
  if (size < 0) return `${type}(max)`;
  return `${type}(${WIDE.has(type) ? size / 2 : size})`;
}

const byId = (rows: readonly CatalogRow[]) => new Map(rows.map((row) => [Number(row.id), row]));

export interface TableExtras {
  comments: readonly CatalogRow[];
  counts: readonly CatalogRow[];
  indexedViews: readonly CatalogRow[];
  externalTables: readonly CatalogRow[];
}

export function tablesOf(rows: readonly CatalogRow[], extras: TableExtras): TableInfo[] {
  const comments = byId(extras.comments);
  const counts = byId(extras.counts);
  const indexed = byId(extras.indexedViews);
  const external = byId(extras.externalTables);
  return rows.map((row) => {
    const id = Number(row.id);
    const isTable = row.kind === 'U';
    const comment = comments.get(id)?.comment;
    const count = counts.get(id)?.n;
    return {
      schema: String(row.schema_name),
      name: String(row.name),
      kind: isTable
        ? external.has(id)
          ? 'foreignTable'
          : 'table'
        : indexed.has(id)
          ? 'materializedView'
          : 'view',
      ...(comment ? { comment: String(comment) } : {}),
      ...(isTable && count !== undefined && count !== null ? { estimatedRows: Number(count) } : {}),
    };
  });
}

export interface ColumnExtras {
  comments: readonly CatalogRow[];
  primaryKey: readonly CatalogRow[];
  foreignKeys: readonly CatalogRow[];
}

export function columnsOf(rows: readonly CatalogRow[], extras: ColumnExtras): TableColumn[] {
  const comments = byId(extras.comments);
  const keys = byId(extras.primaryKey);
  const references = byId([...extras.foreignKeys].reverse());
  return rows.map((row) => {
    const id = Number(row.id);
    const type = String(row.type);
    const precision = Number(row.precision);
    const scale = Number(row.scale);
    const comment = comments.get(id)?.comment;
    const key = keys.get(id);
    const reference = references.get(id);
    return {
      name: String(row.name),
      type: typeOf(type),
      nativeType: nativeType(type, Number(row.size), precision, scale),
      nullable: Boolean(row.nullable),
      ...digitsOf(type, precision, scale),
      ...(comment ? { comment: String(comment) } : {}),
      ...(key ? { keyPosition: Number(key.position) } : {}),
      ...(reference
        ? {
            references: {
              schema: String(reference.schema_name),
              table: String(reference.table_name),
              column: String(reference.column_name),
            },
          }
        : {}),
    };
  });
}

/** The rows of `sp_describe_first_result_set`. */
export function describedColumns(rows: readonly CatalogRow[]): TableColumn[] {
  return rows
    .filter((row) => row.is_hidden !== true)
    .map((row) => {
      const native = String(row.system_type_name ?? row.user_type_name ?? 'sql_variant');
      return {
        name: String(row.name ?? ''),
        type: typeOf(native),
        nativeType: native,
        nullable: row.is_nullable !== false,
        ...digitsOf(native, Number(row.precision), Number(row.scale)),
      };
    });
}
