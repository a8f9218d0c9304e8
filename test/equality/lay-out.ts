import type { DuckDBConnection } from '@duckdb/node-api';
import type { PivotProgram } from '../../src/sql/pivot.ts';
import { runPivot } from '../../src/workers/run-pivot.ts';
import { stageRows } from '../../src/workers/stage-rows.ts';
import type { Cell, Engine } from './engines.ts';

const DEADLINE_MS = 60_000;

export interface Axis {
  members: Cell[][];
  level: number[];
}

export interface Grid {
  rows: Axis;
  columns: Axis;
  detail: unknown;
  cells: Cell[][];
}

/** Runs a pivot's statements on a connection of its own and reads the answer. */
export async function layOut(connection: DuckDBConnection, program: PivotProgram): Promise<Grid> {
  const parts: Uint8Array[] = [];
  const context = {
    signal: AbortSignal.timeout(DEADLINE_MS),
    send: async (bytes: Uint8Array) => void parts.push(bytes),
  };
  const caps = { rows: 0, bytes: 1e9, cells: 1e7 };
  await runPivot(connection, { kind: 'pivot', program, format: 'json', numbers: 'exact', caps }, context);
  return JSON.parse(`${Buffer.concat(parts)}}`);
}

/** Brings the groups of a database into the connection that lays the pivot out. */
export async function stageGroups(
  connection: DuckDBConnection,
  engine: Engine,
  program: PivotProgram,
): Promise<void> {
  for (const fetch of program.fetches) {
    const options = {
      signal: AbortSignal.timeout(DEADLINE_MS),
      timeoutMs: DEADLINE_MS,
      types: fetch.columns,
    };
    await stageRows(connection, fetch, engine.driver!.run(fetch.statement, options));
  }
}
