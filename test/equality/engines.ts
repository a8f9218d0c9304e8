import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Column } from '../../src/domain/column.ts';
import { ColumnData, fixed, NULL, TEXT } from '../../src/domain/column-data.ts';
import type { DatasourceSettings, SourceEngine } from '../../src/domain/datasource.ts';
import type { Driver, OpenDriver } from '../../src/drivers/driver.ts';
import { storeVector } from '../../src/drivers/duckdb/read.ts';
import { openMssql } from '../../src/drivers/mssql/driver.ts';
import { openMysql } from '../../src/drivers/mysql/driver.ts';
import { openPostgres } from '../../src/drivers/postgres/driver.ts';
import type { Statement } from '../../src/sql/ast.ts';
import type { Dialect } from '../../src/sql/dialect.ts';
import { duckdb } from '../../src/sql/dialects/duckdb.ts';
import { dialectFor } from '../../src/sql/dialects/for-engine.ts';
import { zoneTable } from '../../src/sql/dialects/zone-table.ts';
import { startMariadb } from '../support/mariadb-server.ts';
import { mssqlSettings, runBatches } from '../support/mssql-server.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';

/** One value of an answer: exact numbers as text. */
export type Cell = string | number | boolean | null;

/** An engine that holds the corpus. */
export interface Engine extends AsyncDisposable {
  name: 'duckdb' | SourceEngine;
  dialect: Dialect;
  /** Statements of the test itself, such as those that load the corpus. */
  load(statements: readonly string[]): Promise<void>;
  rows(statement: Statement, columns: readonly Column[]): Promise<Cell[][]>;
  /** What a database is reached by; DuckDB needs none. */
  driver?: Driver;
  /** Of DuckDB itself: where pivots are laid out. */
  connection?: DuckDBConnection;
  /** Names and types of the answer's columns as the engine itself calls them, where names are the caller's. */
  shape?(statement: Statement): Promise<{ name: string; type: string }[]>;
}

const ZONES = zoneTable();
const DEADLINE_MS = 60_000;

function cellAt(data: ColumnData, i: number): Cell {
  if (data.states[i] === NULL) return null;
  if (data.states[i] === TEXT) return data.texts[i]!;
  const number = data.numbers[i]!;
  if (data.physical === 'boolean') return number === 1;
  return data.physical === 'whole' ? fixed(BigInt(number), data.scale) : number;
}

const rowsOf = (columns: readonly ColumnData[], count: number): Cell[][] =>
  Array.from({ length: count }, (_, i) => columns.map((data) => cellAt(data, i)));

export async function openDuckdb(): Promise<Engine> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection: DuckDBConnection = await instance.connect();
  await connection.run(`SET TimeZone = 'UTC'`);
  return {
    name: 'duckdb',
    dialect: duckdb,
    connection,
    async load(statements) {
      for (const statement of statements) await connection.run(statement);
    },
    async rows({ text, params }, columns) {
      const result = await connection.run(text, params);
      const rows: Cell[][] = [];
      for (const chunk of await result.fetchAllChunks()) {
        const data = columns.map(({ type }) => new ColumnData(type, chunk.rowCount));
        for (const [c, into] of data.entries())
          storeVector(chunk.getColumnVector(c), into, undefined, chunk.rowCount);
        rows.push(...rowsOf(data, chunk.rowCount));
      }
      return rows;
    },
    async shape({ text, params }) {
      const result = await connection.run(text, params);
      return result.columnNames().map((name, i) => ({ name, type: String(result.columnType(i)) }));
    },
    async [Symbol.asyncDispose]() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function driverRows(driver: Driver, statement: Statement, columns: readonly Column[]) {
  const rows: Cell[][] = [];
  const signal = AbortSignal.timeout(DEADLINE_MS);
  for await (const batch of driver.run(statement, { signal, timeoutMs: DEADLINE_MS, types: columns }))
    rows.push(...rowsOf(batch.columns, batch.count));
  return rows;
}

const DRIVERS: Readonly<Record<SourceEngine, OpenDriver>> = {
  postgres: openPostgres,
  mysql: openMysql,
  mssql: openMssql,
};

/** An engine behind its driver, as the service would reach it. */
function engineOf(
  name: SourceEngine,
  settings: DatasourceSettings,
  load: (statements: readonly string[]) => Promise<void>,
  close: () => Promise<void>,
): Engine {
  const driver = DRIVERS[name](settings, { applicationName: 'equality', onPoolEvent: () => undefined });
  return {
    name,
    driver,
    dialect: dialectFor(name, { textComparison: 'exact', zones: ZONES }),
    load,
    rows: (statement, columns) => driverRows(driver, statement, columns),
    async [Symbol.asyncDispose]() {
      await driver[Symbol.asyncDispose]();
      await close();
    },
  };
}

export function ofServer(name: SourceEngine, server: TestServer): Engine {
  const { host, port, user, password, database } = server;
  return engineOf(
    name,
    { host, port, user, password, database, tls: { mode: 'off' } },
    async (statements) => {
      server.admin(`${statements.join(';\n')};`);
    },
    async () => server[Symbol.asyncDispose](),
  );
}

export const openPostgresEngine = async () => ofServer('postgres', await startPostgres());
export const openMariadbEngine = async () => ofServer('mysql', await startMariadb());

/**
 * A SQL Server that is named in the environment by a DSN, which says whether the connection is encrypted; its database is the test's own. Tables
 * that a run before left are replaced, and those of this run are dropped.
 */
export async function openMssqlEngine(dsn: string): Promise<Engine> {
  const settings = mssqlSettings(dsn);
  const made = new Set<string>();
  const dropping = (name: string) => `DROP TABLE IF EXISTS ${name}`;
  return engineOf(
    'mssql',
    settings,
    async (statements) => {
      const batches = statements.flatMap((statement) => {
        const name = /^CREATE TABLE (\S+)/.exec(statement)?.[1];
        if (name === undefined) return [statement];
        made.add(name);
        return [dropping(name), statement];
      });
      await runBatches(settings, batches);
    },
    () => runBatches(settings, [...made].map(dropping)),
  );
}
