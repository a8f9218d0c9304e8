import type { DuckDBConnection } from '@duckdb/node-api';
import { identifier } from './sql-text.ts';

const COLUMNS_AT_ONCE = 100;
const VALUES = 200;

/** Some values of columns that begin without any; a statement for a hundred columns. */
export async function someValues(
  connection: DuckDBConnection,
  from: string,
  sources: readonly string[],
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (let at = 0; at < sources.length; at += COLUMNS_AT_ONCE) {
    const some = sources.slice(at, at + COLUMNS_AT_ONCE);
    const values = some
      .map(identifier)
      .map((text) => `min(trim(${text}), ${VALUES}) FILTER (trim(${text}) <> '')`);
    const reader = await connection.runAndReadAll(`SELECT ${values.join(', ')} FROM ${from}`);
    const [row = []] = reader.getRowsJson() as (string[] | null)[][];
    for (const [index, source] of some.entries()) found.set(source, row[index] ?? []);
  }
  return found;
}
