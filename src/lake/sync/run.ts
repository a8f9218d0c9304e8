import type { DuckDBConnection } from '@duckdb/node-api';
import { identifier, list } from '../sql-text.ts';
import { apply } from './apply.ts';
import { bounds } from './bounds.ts';
import type { SyncJob, SyncResultOf } from './jobs.ts';
import { stage } from './stage.ts';
import { storedType } from './types.ts';
import { writeQuery } from './write.ts';

/** Runs a sync job on a connection of its own. */
export function runSyncJob(
  connection: DuckDBConnection,
  job: SyncJob,
): Promise<SyncResultOf[SyncJob['kind']]> {
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
