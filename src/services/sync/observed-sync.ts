import type { RunContext } from '../../domain/run.ts';
import type { SyncRunInput } from '../../domain/sync-task.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { runSync, type SyncResult, type SyncRunDeps } from './sync-run.ts';

export interface ObservedSyncDeps {
  run: SyncRunDeps;
  metrics: Metrics;
}

/** Runs of sync tasks with their metrics. */
export class ObservedSync {
  constructor(readonly deps: ObservedSyncDeps) {}

  async run(taskId: string, input: SyncRunInput, context: RunContext): Promise<SyncResult> {
    const { run, metrics } = this.deps;
    const { mode } = await run.task(taskId);
    let outcome = 'error';
    try {
      const result = await runSync(run, taskId, input, context);
      outcome = 'ok';
      return result;
    } finally {
      metrics.syncRuns.inc({ mode, outcome: context.signal.aborted ? 'aborted' : outcome });
    }
  }
}
