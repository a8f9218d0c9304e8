import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { QuerySummary } from '../domain/query-result.ts';
import { mapDuckDbError } from '../drivers/duckdb/errors.ts';
import { attestFence } from '../drivers/duckdb/fence.ts';
import { interruptible, openFenced } from '../drivers/duckdb/instance.ts';
import type { AttestJob, PingJob, PivotJob, QueryWorkerOptions, RowsJob } from './query-job.ts';
import { runPivot } from './run-pivot.ts';
import { runRows } from './run-rows.ts';
import { type JobContext, serve } from './serve.ts';

function runJob(
  connection: DuckDBConnection,
  job: RowsJob | PivotJob,
  context: JobContext,
): Promise<Omit<QuerySummary, 'elapsedMs'>> {
  return job.kind === 'pivot' ? runPivot(connection, job, context) : runRows(connection, job, context);
}

/** A thread that runs queries over datasets: one fenced DuckDB, a connection a job. */
serve<QueryWorkerOptions, RowsJob | PivotJob | AttestJob | PingJob, QuerySummary | string[]>(
  async (options) => {
    const instance = await openFenced({
      folders: [options.datasetsFolder],
      // Of this instance alone: two that spill into one folder overwrite each other's files.
      tempFolder: join(options.tempFolder, crypto.randomUUID()),
      memoryLimitBytes: options.memoryLimitBytes,
      tempMaxBytes: options.tempMaxBytes,
      threads: options.threads,
    });
    return async (job, context) => {
      if (job.kind === 'attest') return attestFence(instance, job.targets);
      const started = performance.now();
      const connection = await instance.connect();
      try {
        if (job.kind === 'ping') {
          await connection.run('SELECT 1');
          return [];
        }
        const summary = await interruptible(connection, context.signal, () =>
          runJob(connection, job, context),
        );
        return { ...summary, elapsedMs: Math.round(performance.now() - started) };
      } catch (error) {
        throw mapDuckDbError(error);
      } finally {
        connection.closeSync();
      }
    };
  },
);
