import type { RunContext } from '../domain/run.ts';
import { parse } from '../domain/schema.ts';
import { SYNC_JOB, SyncJobInput } from '../domain/sync-task.ts';
import type { SyncResult } from '../services/sync/sync-run.ts';
import type { Job } from './job.ts';

export interface SyncJobDeps {
  run(task: string, input: SyncJobInput, context: RunContext): Promise<SyncResult>;
}

/** Reads the source of a sync task into its dataset. */
export const syncJob = ({ run }: SyncJobDeps): Job => ({
  kind: SYNC_JOB,
  async run(input, context) {
    const given = parse(SyncJobInput, input);
    return { ...(await run(given.task, given, context)) };
  },
});
