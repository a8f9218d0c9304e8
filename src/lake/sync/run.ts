import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../../base/errors.ts';
import { identifier, list } from '../sql-text.ts';
import { apply } from './apply.ts';
import { bounds } from './bounds.ts';
import type { SyncJob, SyncResultOf } from './jobs.ts';
import { stage } from './stage.ts';
import { storedType } from './types.ts';
import { writeQuery } from './write.ts';

/** Runs a sync job on a connection of its own. */
export async function runSyncJob(
  connection: DuckDBConnection,
  job: SyncJob,
): Promise<SyncResultOf[SyncJob['kind']]> {
  try {
    return await run(connection, job);
  } catch (error) {
    if (error instanceof Error && /^(Conversion|Out of Range) Error/.test(error.message))
      throw new AppError('sync.value', 'A value of the source does not fit the rows that the dataset has', {
        cause: error,
      });
    throw error;
  }
}

function run(connection: DuckDBConnection, job: SyncJob): Promise<SyncResultOf[SyncJob['kind']]> {
  switch (job.kind) {
    case 'stage':
      return stage(connection, job);
    case 'bounds':
      return bounds(connection, job);
    case 'apply':
      return apply(connection, job);
    case 'compact': {
      const from = `read_parquet(${list(job.files)}, union_by_name = true)`;
      return writeQuery(connection, `SELECT * FROM ${from}`, job.target);
    }
    case 'empty': {
      const columns = job.columns.map(
        (column) => `CAST(NULL AS ${storedType(column)}) AS ${identifier(column.name)}`,
      );
      return writeQuery(connection, `SELECT ${columns.join(', ')} WHERE false`, job.target);
    }
  }
}
