import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { PivotSpec } from '../../src/domain/pivot-spec.ts';
import { openFenced } from '../../src/drivers/duckdb/instance.ts';
import { duckdb } from '../../src/sql/dialects/duckdb.ts';
import { compilePivot, type PivotProgram } from '../../src/sql/pivot.ts';
import { columnsByName } from '../../src/sql/scope.ts';
import { compileSource } from '../../src/sql/source.ts';
import { COLUMNS, writeOrders } from './orders.ts';
import { PIVOTS } from './pivots.ts';
import { startService, uploadParquet } from './service-process.ts';
import { inTurn, median, rounded } from './statistics.ts';

export interface PivotResult {
  rows: number;
  pivot: string;
  bareMs: number;
  httpMs: number;
  ratio: number;
  answerBytes: number;
}

function compile(spec: PivotSpec, file: string): PivotProgram {
  const scope = {
    columns: columnsByName(COLUMNS),
    dialect: duckdb,
    timezone: 'UTC',
    weekStart: 'monday',
    nowMs: Date.now(),
    ranges: [],
  } as const;
  return compilePivot(spec, compileSource([file], duckdb), { ...scope, ranges: [] });
}

const MOST = 2 ** 31 - 1;
/** The complaint was about 1.5 million. */
const MOST_ROWS_OF_MANY_MEASURES = 2_000_000;

async function drain(connection: DuckDBConnection, text: string, params: readonly number[]): Promise<void> {
  const result = await connection.stream(text, [...params]);
  while ((await result.fetchChunk())?.rowCount);
}

/** The same statements, their chunks fetched and dropped: what DuckDB itself needs. */
async function bareRun(connection: DuckDBConnection, program: PivotProgram): Promise<void> {
  for (const { text, params } of program.setup) await connection.run(text, params);
  for (const axis of [program.rows, program.columns]) {
    const members = axis.dimensions.length > 0 ? [[axis.details, [0, MOST]] as const] : [];
    const plain = [axis.count, axis.groups, ...axis.groupMembers.map(([, text]) => text)];
    for (const text of plain) if (text !== undefined) await drain(connection, text, []);
    for (const [text, params] of members) await drain(connection, text, params);
  }
  for (const { text, params } of program.cells) {
    const bounds = { rowFrom: 0, rowTo: MOST, columnFrom: 0, columnTo: MOST };
    await drain(
      connection,
      text,
      params.map((name) => bounds[name]),
    );
  }
  for (const table of ['fine', 'row_leaf', 'column_leaf', 'coded', 'base'])
    await connection.run(`DROP TABLE IF EXISTS ${table}`);
}

/** What a pivot through HTTP takes over the bare run of its plan. */
export async function benchPivots(
  command: string[] | undefined,
  sizes: readonly number[],
  rounds: number,
): Promise<PivotResult[]> {
  const results: PivotResult[] = [];
  for (const rows of sizes) {
    const file = join(tmpdir(), `reporting-bench-${process.pid}-${rows}.parquet`);
    await writeOrders(file, rows);
    await using service = await startService(command);
    await uploadParquet(service, 'orders', file);
    const instance = await openFenced({
      folders: [tmpdir()],
      tempFolder: join(tmpdir(), `reporting-bench-${process.pid}-tmp`),
      memoryLimitBytes: 4e9,
      tempMaxBytes: 4e9,
      threads: navigator.hardwareConcurrency,
    });
    const connection = await instance.connect();
    for (const [pivot, spec] of Object.entries(PIVOTS)) {
      if (spec.measures.length > 30 && rows > MOST_ROWS_OF_MANY_MEASURES) continue;
      const program = compile(spec, file);
      let answerBytes = 0;
      const times = await inTurn(rounds, {
        bare: () => bareRun(connection, program),
        async http() {
          const headers = { ...service.headers, 'cache-control': 'no-cache' };
          const answer = await fetch(`${service.url}/api/query/pivot`, {
            method: 'POST',
            headers,
            body: JSON.stringify(spec),
          });
          if (!answer.ok) throw new Error(await answer.text());
          answerBytes = (await answer.arrayBuffer()).byteLength;
        },
      });
      const bareMs = median(times.bare!);
      const httpMs = median(times.http!);
      results.push({
        rows,
        pivot,
        bareMs: rounded(bareMs),
        httpMs: rounded(httpMs),
        ratio: rounded(httpMs / bareMs),
        answerBytes,
      });
    }
    connection.closeSync();
    await rm(file);
  }
  return results;
}
