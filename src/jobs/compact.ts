import { parse } from '../domain/schema.ts';
import { COMPACT_JOB, CompactJobInput } from '../domain/sync-task.ts';
import type { Job } from './job.ts';

export interface CompactJobDeps {
  compact(datasetId: string, signal: AbortSignal): Promise<number>;
}

/** Makes few files of a dataset's many small ones. */
export const compactJob = ({ compact }: CompactJobDeps): Job => ({
  kind: COMPACT_JOB,
  async run(input, context) {
    const { dataset } = parse(CompactJobInput, input);
    context.progress({ phase: 'compact' });
    return { merged: await compact(dataset, context.signal) };
  },
});
