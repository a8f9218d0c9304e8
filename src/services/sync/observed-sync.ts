import type { Clock } from '../../base/clock.ts';
import type { RunContext } from '../../domain/run.ts';
import type { SyncRunInput } from '../../domain/sync-task.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { runSync, type SyncResult, type SyncRunDeps } from './sync-run.ts';

export interface ObservedSyncDeps {
  run: SyncRunDeps;
  metrics: Metrics;
  clock: Clock;
}

/** Runs of sync tasks with their metrics. */
export class ObservedSync {
  readonly #succeededMs = new Map<string, number>();

  constructor(readonly deps: ObservedSyncDeps) {}

  async run(taskId: string, input: SyncRunInput, context: RunContext): Promise<SyncResult> {
    const { run, metrics, clock } = this.deps;
    const { mode, name } = await run.task(taskId);
    let outcome = 'error';
    try {
      const result = await runSync(run, taskId, input, context);
      outcome = 'ok';
      this.#succeededMs.set(name, clock.now());
      return result;
    } finally {
      metrics.syncRuns.inc({ mode, outcome: context.signal.aborted ? 'aborted' : outcome });
    }
  }

  showLag(): void {
    const { metrics, clock } = this.deps;
    for (const [task, ms] of this.#succeededMs) metrics.syncLag.set({ task }, (clock.now() - ms) / 1000);
  }
}
