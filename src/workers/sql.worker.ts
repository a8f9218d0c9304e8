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
  const open = () =>
    openInstance({
      tempFolder: join(tempFolder, crypto.randomUUID()),
      memoryLimitBytes,
      tempMaxBytes,
      threads,
    });
  // Opening one takes longer than most statements, so the next one waits ready.
  let next: Promise<OpenInstance> | undefined = open();
  const take = async () => {
    const taken = next ?? open();
    next = undefined;
    return taken;
  };
  return async (job, context) => {
    const started = performance.now();
    const { instance, close } = await take().then((opened) =>
      opened.fence({ files: job.files, folders: [] }),
    );
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
