import { join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { Lru } from '../base/lru.ts';
import type { QuerySummary } from '../domain/query-result.ts';
import type { Driver, Rows } from '../drivers/driver.ts';
import { hasNoRoom, mapDuckDbError } from '../drivers/duckdb/errors.ts';
import { interruptible, openFenced } from '../drivers/duckdb/instance.ts';
import { type CheckedSelect, type CheckOptions, checkSelect } from '../sql/gate/check-select.ts';
import { loadParser } from '../sql/gate/parser.ts';
import { copyToFiles } from './copy-to-files.ts';
import { encodeRows } from './encode-rows.ts';
import { runPivot } from './run-pivot.ts';
import { tooManyRows } from './run-rows.ts';
import { type JobContext, serve } from './serve.ts';
import { SourceDrivers } from './source-drivers.ts';
import type {
  SourceJob,
  SourcePivotJob,
  SourceQuery,
  SourceResultOf,
  SourceRowsJob,
  SourceWorkerOptions,
} from './source-job.ts';
import { STAGED_ROWS, stageRows } from './stage-rows.ts';

/** Tables without a schema of exactly these names; undefined leaves it to the gate. */
function allowed(tables: readonly string[] | undefined): CheckOptions {
  if (!tables) return {};
  return {
    allowedTables: ({ catalog, schema, name }) =>
      catalog === null && schema === null && tables.includes(name),
  };
}

const PREVIEW_MS = 30_000;
/** Statements come again with other parameters; checking one takes the parser tens of milliseconds. The memory is an estimate. */
const CHECKED_BYTES = 16 << 20;
const CHECKED_BYTES_PER_CHARACTER = 40;

type Summary = Omit<QuerySummary, 'elapsedMs'>;

/** Fails past the rows that a file may have: a file that broke off is seen, one that was cut is not. */
async function* uncut(rows: Rows, maxRows: number) {
  let seen = 0;
  for await (const batch of rows) {
    seen += batch.count;
    if (seen > maxRows) throw tooManyRows(maxRows);
    yield batch;
  }
}

async function countRows(
  driver: Driver,
  job: SourceRowsJob,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (!job.countStatement) return undefined;
  const types = [{ name: 'n', type: 'integer' }] as const;
  for await (const { columns, count } of driver.run(job.countStatement, {
    signal,
    timeoutMs: job.timeoutMs,
    types,
  }))
    if (count > 0) return columns[0]!.numbers[0]!;
  return undefined;
}

async function rowsOf(driver: Driver, job: SourceRowsJob, context: JobContext): Promise<Summary> {
  const { signal } = context;
  const rows = driver.run(job.statement, {
    signal,
    timeoutMs: job.timeoutMs,
    ...(job.columns ? { types: job.columns } : {}),
  });
  const columns = job.columns ?? (await rows.columns());
  const encoded = await encodeRows(
    job,
    columns,
    job.format === 'csv' ? uncut(rows, job.caps.rows) : rows,
    context,
  );
  const totalRows = await countRows(driver, job, signal);
  return totalRows === undefined ? encoded : { ...encoded, totalRows };
}

/** Nothing was sent when a value finds no room, so the pivot is asked for again with its values as text. */
async function pivotOf(
  driver: Driver,
  job: SourcePivotJob,
  context: JobContext,
  instance: DuckDBInstance,
): Promise<Summary> {
  try {
    return await laidOut(driver, job, context, instance).catch((error: unknown) => {
      if (!job.inTexts || !hasNoRoom(error)) throw error;
      return laidOut(driver, { ...job, program: job.inTexts }, context, instance);
    });
  } catch (error) {
    throw mapDuckDbError(error);
  }
}

async function laidOut(
  driver: Driver,
  job: SourcePivotJob,
  context: JobContext,
  instance: DuckDBInstance,
): Promise<Summary> {
  const { signal } = context;
  const connection = await instance.connect();
  const texts = new Map<string, string>();
  try {
    return await interruptible(connection, signal, async () => {
      for (const fetch of job.program.fetches) {
        const options = { signal, timeoutMs: job.timeoutMs, types: fetch.columns, batchRows: STAGED_ROWS };
        await stageRows(connection, fetch, driver.run(fetch.statement, options), texts);
      }
      return runPivot(connection, job, context);
    });
  } finally {
    connection.closeSync();
  }
}

/** The first rows of a statement, in the values of a JSON answer; the driver stops reading, so the statement needs no limit. */
async function preview(
  driver: Driver,
  { statement, columns, limit }: Extract<SourceJob, { kind: 'preview' }>,
  signal: AbortSignal,
): Promise<unknown[][]> {
  const rows = driver.run(statement, { signal, timeoutMs: PREVIEW_MS, types: columns, batchRows: limit });
  let text = '';
  const decoder = new TextDecoder();
  const caps = { rows: limit, bytes: Number.POSITIVE_INFINITY, cells: 0 };
  await encodeRows({ format: 'json', numbers: 'exact', caps }, columns, firstOf(rows, limit), {
    send: async (bytes) => {
      text += decoder.decode(bytes, { stream: true });
    },
  });
  return (JSON.parse(`${text}}`) as { rows: unknown[][] }).rows;
}

async function* firstOf(rows: Rows, limit: number) {
  let left = limit;
  for await (const batch of rows) {
    yield { columns: batch.columns, count: Math.min(batch.count, left) };
    left -= batch.count;
    if (left <= 0) return;
  }
}

/** The thread of a process that talks to databases: all pools are here, and a DuckDB that reads no file lays pivots out. */
serve<SourceWorkerOptions, SourceJob, SourceResultOf[SourceJob['kind']]>(async (options) => {
  const drivers = new SourceDrivers();
  const checked = new Lru<CheckedSelect>(CHECKED_BYTES);
  let instance: Promise<DuckDBInstance> | undefined;
  const layout = () => {
    instance ??= openFenced({
      ...options,
      folders: [],
      tempFolder: join(options.tempFolder, crypto.randomUUID()),
    });
    return instance;
  };

  async function query(driver: Driver, asked: SourceQuery, context: JobContext): Promise<QuerySummary> {
    const started = performance.now();
    const summary =
      asked.kind === 'pivot'
        ? await pivotOf(driver, asked, context, await layout())
        : await rowsOf(driver, asked, context);
    return { ...summary, elapsedMs: Math.round(performance.now() - started) };
  }

  return async (job, context) => {
    if (job.kind === 'pools') return drivers.pools();
    if (job.kind === 'stats') return drivers.stats(job.id);
    if (job.kind === 'forget') {
      await drivers.forget(job.id);
      return null;
    }
    if (job.kind === 'check') {
      await loadParser();
      const key = JSON.stringify([job.engine, job.text, job.tables, job.limits]);
      const known = checked.get(key);
      if (known) return known;
      const found = checkSelect(job.text, job.engine, { ...job.limits, ...allowed(job.tables) });
      checked.set(key, found, key.length * CHECKED_BYTES_PER_CHARACTER);
      return found;
    }
    const driver = await drivers.driver(job.connection);
    switch (job.kind) {
      case 'query':
        return query(driver, job.query, context);
      case 'copy':
        return copyToFiles(driver, job.copy, context);
      case 'facts':
        return driver.facts(context.signal);
      case 'schemas':
        return driver.schemas(context.signal);
      case 'tables':
        return driver.tables(job.schema, context.signal);
      case 'columns':
        return driver.columns(job.table, context.signal);
      case 'preview':
        return preview(driver, job, context.signal);
      case 'describe':
        return driver.describe(job.statement, context.signal);
    }
  };
});
