import type { Clock } from '../../base/clock.ts';
import { SYNC_JOB } from '../../domain/sync-task.ts';
import type { Store } from '../../store/store.ts';
import type { Metrics } from '../../telemetry/metrics.ts';

export interface SyncLagDeps {
  store: Pick<Store, 'runs' | 'syncTasks'>;
  metrics: Pick<Metrics, 'syncLag' | 'syncFailing'>;
  clock: Clock;
}

/** How far behind sync tasks are, as the metadata tells it: the same in every process. */
export class SyncLag {
  /** By task, its newest run that succeeded: while later ones fail, those of long ago are not gone through again. */
  readonly #succeeded = new Map<string, { run: string; at: string }>();

  constructor(readonly deps: SyncLagDeps) {}

  async show(): Promise<void> {
    const { store, metrics, clock } = this.deps;
    const tasks = await store.syncTasks.freshness();
    metrics.syncLag.reset();
    metrics.syncFailing.reset();
    for (const { id, name: task, changedAt } of tasks) {
      const isFailing = (await this.#newest(id, 'failed')) > (await this.#lastSuccess(id));
      const since = this.#succeeded.get(id)?.at ?? changedAt;
      metrics.syncLag.set({ task }, Math.max(0, clock.now() - Date.parse(since)) / 1000);
      metrics.syncFailing.set({ task }, isFailing ? 1 : 0);
    }
    const known = new Set(tasks.map(({ id }) => id));
    for (const id of this.#succeeded.keys()) if (!known.has(id)) this.#succeeded.delete(id);
  }

  /** Ids of runs grow with time; '' for none. */
  async #newest(subject: string, state: 'failed'): Promise<string> {
    const [run] = await this.deps.store.runs.list({ kind: SYNC_JOB, subject, state }, 1);
    return run?.id ?? '';
  }

  async #lastSuccess(subject: string): Promise<string> {
    const after = this.#succeeded.get(subject)?.run;
    const filter = { kind: SYNC_JOB, subject, state: 'succeeded' as const, after };
    const [run] = await this.deps.store.runs.list(filter, 1);
    if (run?.endedAt) this.#succeeded.set(subject, { run: run.id, at: run.endedAt });
    return this.#succeeded.get(subject)?.run ?? '';
  }
}
