import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { difference } from '../support/oracle/differences.ts';
import { DATA, SignedIn } from './service-kit.ts';

const FILE = 'flights-3m.parquet';
const TIMEOUT_MS = 300_000;

let user: SignedIn;
beforeAll(async () => {
  user = await SignedIn.open();
});
afterAll(() => user[Symbol.asyncDispose]());

interface Cell {
  count: number;
  delays: number;
  sum: number;
}

/** Adds up every row by hand: by origin and month, by each alone, and all. */
async function addUp(): Promise<{ cells: Map<string, Cell>; origins: string[]; months: string[] }> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const cells = new Map<string, Cell>();
  const origins = new Set<string>();
  const months = new Set<string>();
  const result = await connection.stream(
    `SELECT origin, CAST(date AS VARCHAR), CAST(delay AS INTEGER) FROM read_parquet('${join(DATA, FILE)}')`,
  );
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    const [origin, date, delay] = [0, 1, 2].map((c) => chunk.getColumnValues(c));
    for (let i = 0; i < chunk.rowCount; i++) {
      const from = origin![i] as string;
      const month = `${(date![i] as string).slice(0, 7)}-01`;
      const late = delay![i] as number | null;
      origins.add(from);
      months.add(month);
      for (const key of [`${from} ${month}`, `${from} `, ` ${month}`, ' ']) {
        const cell = cells.get(key) ?? { count: 0, delays: 0, sum: 0 };
        cell.count++;
        if (late !== null) {
          cell.delays++;
          cell.sum += late;
        }
        cells.set(key, cell);
      }
    }
  }
  connection.closeSync();
  instance.closeSync();
  return { cells, origins: [...origins].sort(), months: [...months].sort() };
}

test(
  'a pivot over three million flights has the cells that adding up each row gives',
  async () => {
    const { body: dataset } = await user.upload(FILE);
    expect(dataset.rowCount).toBe(3_000_000);
    expect(dataset.columns.map(({ type }) => type)).toEqual([
      'timestamp',
      'integer',
      'integer',
      'text',
      'text',
    ]);
    const { body } = await user.pivot({
      from: { dataset: FILE },
      rows: ['origin'],
      columns: [{ field: 'date', grain: 'month', as: 'month' }],
      measures: [
        { agg: 'count', as: 'n' },
        { agg: 'sum', field: 'delay', as: 'delay' },
        { agg: 'avg', field: 'delay', as: 'mean' },
      ],
      totals: { rows: 'all', columns: 'all' },
    });
    const { cells, origins, months } = await addUp();
    const rows = [...origins, ''];
    const columns = [...months, ''];
    expect(body.rows.members).toEqual(rows.map((origin) => (origin === '' ? [] : [origin])));
    expect(body.columns.members).toEqual(columns.map((month) => (month === '' ? [] : [month])));
    const expected = rows.map((origin) =>
      columns.flatMap((month) => {
        const cell = cells.get(`${origin} ${month}`);
        if (!cell) return [null, null, null];
        return cell.delays === 0 ? [cell.count, null, null] : [cell.count, cell.sum, cell.sum / cell.delays];
      }),
    );
    expect(difference(body.cells, expected)).toBeUndefined();
  },
  TIMEOUT_MS,
);
