import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Column } from '../domain/column.ts';
import type { Loaded } from './jobs.ts';
import { syncPath } from './read-chunks.ts';
import { literal } from './sql-text.ts';
import { PARQUET } from './write-parquet.ts';

/** A number in 0 … modulo - 1 that depends on the row and the salt only. */
const pick = (salt: string, modulo: number) => `cast(hash(i, ${literal(salt)}) % ${modulo} AS BIGINT)`;
const oneOf = (salt: string, values: readonly string[]) =>
  `[${values.map(literal).join(', ')}][1 + ${pick(salt, values.length)}]`;

const COUNTRIES = {
  Europe: ['Germany', 'France', 'Italy', 'Spain', 'Poland'],
  'North America': ['United States', 'Canada', 'Mexico'],
  'Middle East': ['Saudi Arabia', 'United Arab Emirates', 'Egypt'],
  'Asia Pacific': ['Japan', 'India', 'Australia', 'Singapore'],
};
const PRODUCTS = {
  Electronics: ['Laptop', 'Phone', 'Headphones', 'Monitor'],
  Furniture: ['Desk', 'Chair', 'Shelf'],
  Stationery: ['Notebook', 'Pen', 'Paper'],
  Kitchen: ['Kettle', 'Toaster', 'Blender'],
};

const byKey = (key: string, table: Record<string, readonly string[]>, salt: string) =>
  `CASE ${key} ${Object.entries(table)
    .map(([name, values]) => `WHEN ${literal(name)} THEN ${oneOf(salt, values)}`)
    .join(' ')} END`;

const COLUMNS: readonly (Column & { sql: string })[] = [
  { name: 'order_id', type: 'integer', sql: 'i + 1' },
  {
    name: 'ordered_at',
    type: 'timestamp',
    sql: `TIMESTAMP '2023-01-01 00:00:00' + to_seconds(cast(i * 94.608 AS BIGINT) + ${pick('second', 90)})`,
  },
  { name: 'region', type: 'text', sql: 'region' },
  { name: 'country', type: 'text', sql: byKey('region', COUNTRIES, 'country') },
  {
    name: 'channel',
    type: 'text',
    sql: oneOf('channel', ['web', 'web', 'web', 'store', 'store', 'partner', 'phone']),
  },
  { name: 'category', type: 'text', sql: 'category' },
  { name: 'product', type: 'text', sql: byKey('category', PRODUCTS, 'product') },
  {
    name: 'status',
    type: 'text',
    sql: oneOf('status', ['paid', 'paid', 'paid', 'shipped', 'shipped', 'pending', 'cancelled', 'returned']),
  },
  { name: 'customer_id', type: 'integer', sql: `1 + ${pick('customer', 50_000)}` },
  { name: 'quantity', type: 'integer', sql: 'quantity' },
  {
    name: 'amount',
    type: 'decimal',
    scale: 2,
    sql: `cast(quantity * (500 + ${pick('price', 49_500)}) / cast(100 AS DECIMAL(18,2)) AS DECIMAL(18,2))`,
  },
  {
    name: 'discount',
    type: 'decimal',
    scale: 2,
    sql: `CASE WHEN ${pick('discounted', 10)} < 7 THEN NULL ELSE cast(${pick('discount', 30)} / cast(100 AS DECIMAL(18,2)) AS DECIMAL(18,2)) END`,
  },
];

/** Writes orders of three years: the same rows on every machine. */
export async function writeDemo(
  connection: DuckDBConnection,
  rowCount: number,
  target: string,
): Promise<Loaded> {
  const columns = COLUMNS.map(({ name, sql }) => `${sql} AS ${name}`).join(', ');
  const base = `SELECT i, ${oneOf('region', Object.keys(COUNTRIES))} AS region, ${oneOf('category', Object.keys(PRODUCTS))} AS category,
    1 + ${pick('quantity', 5)} AS quantity FROM (SELECT range AS i FROM range(${rowCount}))`;
  await connection.run(`COPY (SELECT ${columns} FROM (${base})) TO ${literal(target)} ${PARQUET}`);
  await syncPath(target);
  return {
    format: 'parquet',
    rowCount,
    bytes: (await stat(target)).size,
    columns: COLUMNS.map(({ sql: _, ...column }) => column),
    rejected: { count: 0 },
    warnings: [],
  };
}
