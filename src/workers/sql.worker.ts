import { join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import type { QuerySummary } from '../domain/query-result.ts';
import { mapStatementError } from '../drivers/duckdb/errors.ts';
import { interruptible, openInstance } from '../drivers/duckdb/instance.ts';
import { FencedInstances } from './fenced-instances.ts';
import type { QueryWorkerOptions, SqlJob } from './query-job.ts';
import { runSql } from './run-sql.ts';
import { type JobContext, serve } from './serve.ts';

async function runIn(instance: DuckDBInstance, job: SqlJob, context: JobContext) {
  const connection = await instance.connect();
  try {
    return await interruptible(connection, context.signal, () => runSql(connection, job, context));
  } finally {
    connection.closeSync();
  }
}

/** A thread that runs callers' own SQL, in instances that can open the files of the datasets that a statement names and no others. */
serve<QueryWorkerOptions, SqlJob, QuerySummary>(async ({ tempFolder, datasetsFolder: _, ...limits }) => {
  const instances = new FencedInstances(() =>
    openInstance({ tempFolder: join(tempFolder, crypto.randomUUID()), ...limits }),
  );
  return async (job, context) => {
    const started = performance.now();
    try {
      const summary = await instances.with(job.files, (instance) => runIn(instance, job, context));
      return { ...summary, elapsedMs: Math.round(performance.now() - started) };
    } catch (error) {
      throw mapStatementError(error);
    }
  };
});
