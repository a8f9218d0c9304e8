import { DuckDBInstance } from '@duckdb/node-api';
import type { Column } from '../../../src/domain/column.ts';
import { raw, render, type Sql } from '../../../src/sql/ast.ts';
import { duckdb } from '../../../src/sql/dialects/duckdb.ts';
import { columnsByName, type Scope } from '../../../src/sql/scope.ts';

export interface TestDatabase extends AsyncDisposable {
  run(text: string): Promise<void>;
  /** Rows as DuckDB's JSON: big numbers, dates and decimals as text. */
  rows(statement: Sql): Promise<unknown[][]>;
}

export async function openDatabase(): Promise<TestDatabase> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run(`SET GLOBAL TimeZone = 'UTC'`);
  return {
    run: async (text) => {
      await connection.run(text);
    },
    rows: async (statement) => {
      const { text, params } = render(statement, duckdb);
      return (await connection.runAndReadAll(text, params)).getRowsJson();
    },
    [Symbol.asyncDispose]: async () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

export function scopeOf(columns: readonly Column[], given: Partial<Scope> = {}): Scope {
  return {
    columns: columnsByName(columns),
    dialect: duckdb,
    timezone: 'UTC',
    weekStart: 'monday',
    nowMs: Date.UTC(2024, 2, 15, 12),
    ranges: [],
    ...given,
  };
}

export const table = (name: string): Sql => raw(name);
