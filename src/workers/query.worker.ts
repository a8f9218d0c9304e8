import { join } from 'node:path';
import type { QuerySummary } from '../domain/query-result.ts';
import { mapDuckDbError } from '../drivers/duckdb/errors.ts';
import { interruptible, openFenced } from '../drivers/duckdb/instance.ts';
import type { QueryJob, QueryWorkerOptions } from './query-job.ts';
import { runPivot } from './run-pivot.ts';
import { runRows } from './run-rows.ts';
import { serve } from './serve.ts';

/** A thread that runs queries over datasets: one fenced DuckDB, a connection a job. */
serve<QueryWorkerOptions, QueryJob, QuerySummary>(async (options) => {
  const instance = await openFenced({
    folders: [options.datasetsFolder],
    // Of this instance alone: two that spill into one folder overwrite each other's files.
    tempFolder: join(options.tempFolder, crypto.randomUUID()),
    memoryLimitBytes: options.memoryLimitBytes,
    tempMaxBytes: options.tempMaxBytes,
    threads: options.threads,
  });
  return async (job, context) => {
    const started = performance.now();
    const connection = await instance.connect();
    try {
      const summary = await interruptible(connection, context.signal, () =>
        job.kind === 'pivot' ? runPivot(connection, job, context) : runRows(connection, job, context),
      );
      return { ...summary, elapsedMs: Math.round(performance.now() - started) };
    } catch (error) {
      throw mapDuckDbError(error);
    } finally {
      connection.closeSync();
    }
  };
});
