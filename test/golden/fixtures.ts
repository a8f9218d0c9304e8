import { COLUMN_TYPES, type Column, type ColumnType, type SourceColumn } from '../../src/domain/column.ts';
import { ident, type Sql } from '../../src/sql/ast.ts';
import type { Engine } from '../../src/sql/dialect.ts';

const HOSTILE: Column[] = [
  { name: 'text"; drop table fixture; --', type: 'text' },
  { name: "integer's", type: 'integer' },
  { name: 'a.decimal', type: 'decimal' },
  { name: '🦆 date', type: 'date' },
  { name: 'd0', type: 'float' },
  { name: 'select', type: 'timestamptz' },
];

/** Columns that are called like their types, and some whose names want to be more than names. */
export const COLUMNS: Column[] = [...COLUMN_TYPES.map((type) => ({ name: type, type })), ...HOSTILE];

const DUCKDB: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  decimal: 'DECIMAL(18,2)',
  float: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
  uuid: 'UUID',
  json: 'JSON',
  binary: 'BLOB',
};

export const NATIVE_TYPES: Readonly<Record<Engine, Readonly<Record<ColumnType, string>>>> = {
  duckdb: DUCKDB,
  postgres: { ...DUCKDB, float: 'DOUBLE PRECISION', binary: 'BYTEA' },
  mysql: {
    ...DUCKDB,
    text: 'VARCHAR(100)',
    boolean: 'TINYINT(1)',
    time: 'TIME(6)',
    timestamp: 'DATETIME(6)',
    timestamptz: 'TIMESTAMP(6) NULL',
    uuid: 'CHAR(36)',
  },
  mssql: {
    ...DUCKDB,
    text: 'nvarchar(100)',
    float: 'float',
    boolean: 'bit',
    time: 'time(6)',
    timestamp: 'datetime2(6)',
    timestamptz: 'datetimeoffset(6)',
    uuid: 'uniqueidentifier',
    json: 'nvarchar(max)',
    binary: 'varbinary(max)',
  },
};

/** Columns of SQL Server's own types, which are called like them. */
export const MSSQL_COLUMNS: readonly SourceColumn[] = (
  [
    ['char(5)', 'text'],
    ['nchar(5)', 'text'],
    ['text', 'text'],
    ['ntext', 'text'],
    ['xml', 'text'],
    ['sql_variant', 'text'],
    ['image', 'binary'],
    ['geography', 'binary'],
    ['hierarchyid', 'binary'],
    ['money', 'decimal'],
    ['smallmoney', 'decimal'],
    ['real', 'float'],
    ['time(7)', 'time'],
    ['datetime', 'timestamp'],
    ['smalldatetime', 'timestamp'],
    ['datetime2(3)', 'timestamp'],
    ['datetime2(7)', 'timestamp'],
    ['datetimeoffset(3)', 'timestamptz'],
    ['datetimeoffset(7)', 'timestamptz'],
  ] as const
).map(([nativeType, type]) => ({ name: nativeType, type, nativeType }));

/** MySQL's names have no characters past the first plane of Unicode, so its table calls such a column otherwise. */
export const MYSQL_NAMES: ReadonlyMap<string, Sql> = new Map([['🦆 date', ident('duck date')]]);
