import type { DuckDBConnection } from '@duckdb/node-api';
import { interruptible, openFenced } from '../drivers/duckdb/instance.ts';
import { writeDemo } from '../lake/demo.ts';
import { toAppError } from '../lake/engine-errors.ts';
import { extractRows } from '../lake/extract-rows.ts';
import type { IngestJob, IngestOptions, ResultOf } from '../lake/jobs.ts';
import { loadFile } from '../lake/load-file.ts';
import { preview } from '../lake/preview.ts';
import { profile } from '../lake/profile.ts';
import { runSyncJob } from '../lake/sync/run.ts';
import { writeViews } from '../lake/views.ts';
import { serve } from './serve.ts';

async function work(
  connection: DuckDBConnection,
  job: IngestJob,
  options: IngestOptions,
  signal: AbortSignal,
): Promise<ResultOf[IngestJob['kind']]> {
  switch (job.kind) {
    case 'load':
      return loadFile(connection, job, options, signal);
    case 'extract':
      return extractRows(job, options, signal);
    case 'demo':
      return writeDemo(connection, job.rows, job.target);
    case 'preview':
      return preview(connection, job.files, job.columns, job.limit, job.offset);
    case 'profile':
      return profile(connection, job.files, job.columns);
    case 'views':
      return writeViews(job.viewsFile, job);
    default:
      return runSyncJob(connection, job);
  }
}

serve<IngestOptions, IngestJob, ResultOf[IngestJob['kind']]>(async (options) => {
  const { datasets, uploads, ...limits } = options;
  const instance = await openFenced({ folders: [datasets, uploads], ...limits });
  return async (job, { signal }) => {
    const connection = await instance.connect();
    try {
      return await interruptible(connection, signal, () => work(connection, job, options, signal));
    } catch (error) {
      throw toAppError(error);
    } finally {
      connection.closeSync();
    }
  };
});
