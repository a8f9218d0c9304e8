import { join } from 'node:path';
import type { QuerySummary } from '../domain/query-result.ts';
import { mapStatementError } from '../drivers/duckdb/errors.ts';
import { interruptible, type OpenInstance, openInstance } from '../drivers/duckdb/instance.ts';
import type { QueryWorkerOptions, SqlJob } from './query-job.ts';
import { runSql } from './run-sql.ts';
import { serve } from './serve.ts';

/** A thread that runs callers' own SQL: an instance a statement, which can open the files of the datasets that it names and no others. */
serve<QueryWorkerOptions, SqlJob, QuerySummary>(async (options) => {
  const { tempFolder, memoryLimitBytes, tempMaxBytes, threads } = options;
  const open = () => {
    const folder = join(tempFolder, crypto.randomUUID());
    const opening = openInstance({ tempFolder: folder, memoryLimitBytes, tempMaxBytes, threads });
    // The statement that takes it gets the error; until then it is not unhandled.
    opening.catch(() => undefined);
    return opening;
  };
  // Opening an instance takes longer than most statements, so the next one waits ready.
  let next: Promise<OpenInstance> | undefined = open();
  const take = () => {
    const taken = next ?? open();
    next = undefined;
    return taken;
  };
  return async (job, context) => {
    const started = performance.now();
    const opened = await take();
    const { instance, close } = await opened.fence({ files: job.files, folders: [] });
    const connection = await instance.connect();
    try {
      const summary = await interruptible(connection, context.signal, () => runSql(connection, job, context));
      return { ...summary, elapsedMs: Math.round(performance.now() - started) };
    } catch (error) {
      throw mapStatementError(error);
    } finally {
      connection.closeSync();
      close();
      next ??= open();
    }
  };
});
