import { expect, test } from 'bun:test';
import type { RunContext } from '../../../src/domain/run.ts';
import type { SyncJobInput } from '../../../src/domain/sync-task.ts';
import { syncJob } from '../../../src/jobs/sync.ts';

const RESULT = { datasetId: 'dst_1', generation: 1, rowsRead: 0, rowsAdded: 0, rowsRemoved: 0, rowCount: 0 };

test('the run of a schedule has its instant beside the task', async () => {
  const given: SyncJobInput[] = [];
  const job = syncJob({
    async run(_, input) {
      given.push(input);
      return RESULT;
    },
  });
  const input = { task: 'tsk_1', scheduledFor: '2026-05-04T10:00:00.000Z' };
  expect(await job.run(input, {} as RunContext)).toEqual(RESULT);
  expect(given).toEqual([input]);
});
