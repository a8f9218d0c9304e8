import { DuckDBInstance } from '@duckdb/node-api';
import type { Column } from '../../src/domain/column.ts';

export const COLUMNS: Column[] = [
  { name: 'region', type: 'text' },
  { name: 'product', type: 'text' },
  { name: 'customer', type: 'integer' },
  { name: 'channel', type: 'text' },
  { name: 'ordered_on', type: 'date' },
  { name: 'quantity', type: 'integer' },
  { name: 'amount', type: 'decimal' },
];

/** Writes deterministic orders: 12 regions, 500 products, 50,000 customers, 6 channels, three years. */
export async function writeOrders(file: string, rows: number): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`
    COPY (
      SELECT 'region ' || (hash(i) % 12) AS region, 'product ' || (hash(i + 1) % 500) AS product,
        (hash(i * 13) % 50000)::BIGINT AS customer, 'channel ' || (hash(i * 3) % 6) AS channel,
        DATE '2023-01-01' + (hash(i * 7) % 1096)::INTEGER AS ordered_on, (1 + hash(i * 5) % 20)::BIGINT AS quantity,
        ((hash(i * 11) % 1000000) / 100)::DECIMAL(18, 2) AS amount
      FROM range(${rows}) AS t (i)
    ) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
  connection.closeSync();
}
