import type { DuckDBConnection } from '@duckdb/node-api';
import { rows } from './raw-table.ts';
import { identifier } from './sql-text.ts';

/** What is counted of one column: texts made of it, kinds made of these, and aggregates over both. */
export interface Counting {
  texts: readonly string[];
  kinds: readonly string[];
  aggregates: readonly string[];
}

/**
 * Counts the same of many columns as one column of cells. DuckDB plans a statement of thousands of expressions for seconds, however few
 * rows there are; here it plans those of one column. `of` gives them for the column `cell`. One row of texts comes back for each source.
 */
export async function countCells(
  connection: DuckDBConnection,
  from: string,
  sources: readonly string[],
  of: (cell: string) => Counting,
): Promise<(string | null)[][]> {
  const { texts, kinds, aggregates } = of('cell');
  const more = kinds.map((sql) => `, ${sql}`).join('');
  const cells = sources.map(identifier).join(', ');
  const found = await rows(
    connection,
    `SELECT place, ${aggregates.join(', ')} FROM (SELECT *${more} FROM (SELECT place, ${texts.join(', ')} FROM (
       SELECT unnest(range(${sources.length})) AS place, unnest([${cells}]) AS cell FROM ${from}))) GROUP BY place`,
  );
  const byPlace = new Map(found.map(([at, ...counts]) => [Number(at), counts]));
  return sources.map((_, at) => byPlace.get(at) ?? aggregates.map(() => null));
}
