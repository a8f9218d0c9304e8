import type { DuckDBConnection } from '@duckdb/node-api';
import type { Column } from '../domain/column.ts';
import type { Cell } from './jobs.ts';
import { identifier } from './sql-text.ts';

/** SQL that gives a value in the form in which it travels: exact numbers and times as text (a safe integer becomes a number later). */
export function travelling(column: Column, value: string = identifier(column.name)): string {
  switch (column.type) {
    case 'decimal':
      // DuckDB 1.5 writes a DECIMAL(38,38) without the zero before its point.
      return column.scale === 38
        ? `regexp_replace(cast(${value} AS VARCHAR), '^(-?)\\.', '\\10.')`
        : `cast(${value} AS VARCHAR)`;
    case 'date':
    case 'time':
    case 'uuid':
      return `cast(${value} AS VARCHAR)`;
    case 'timestamp':
      return isoText(value);
    case 'timestamptz':
      return isoText(`(${value} AT TIME ZONE 'UTC')`, 'Z');
    case 'binary':
      return `base64(${value})`;
    default:
      return value;
  }
}

/** ISO 8601 with as many digits of the second as there are, ` (BC)` after it; infinity stays. */
const isoText = (timestamp: string, zone = '') =>
  `regexp_replace(cast(${timestamp} AS VARCHAR), '^(\\S+)( .BC.)? (\\S+)$', '\\1T\\3${zone}\\2')`;

/** Rows in their JSON form: integers past 2^53 are text, as are numbers that JSON lacks. */
export async function readCells(connection: DuckDBConnection, sql: string): Promise<Cell[][]> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRowsJS().map((row) => row.map(toCell));
}

function toCell(value: unknown): Cell {
  if (typeof value === 'bigint') {
    const safe = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
    return safe ? Number(value) : String(value);
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  return value === null || value === undefined ? null : String(value);
}
