import { Registry } from 'prom-client';
import { processMetrics, type Replacement } from '../telemetry/process-metrics.ts';
import type { MemberState } from './member.ts';
import type { MetricObject } from './metrics-ledger.ts';

const STATES = ['starting', 'ready', 'leaving'] as const;

/** What the supervisor counts itself; it is shown among the metrics of its processes. */
export class SupervisorMetrics {
  readonly #registry = new Registry();
  readonly #metrics = processMetrics(this.#registry);
  #snapshot: MetricObject[] = [];

  replaced(reason: Replacement): void {
    this.#metrics.processesReplaced.inc({ reason });
    void this.#keep();
  }

  count(states: readonly MemberState[]): void {
    for (const state of STATES)
      this.#metrics.processes.set({ state }, states.filter((each) => each === state).length);
    void this.#keep();
  }

  async #keep(): Promise<void> {
    this.#snapshot = (await this.#registry.getMetricsAsJSON()) as unknown as MetricObject[];
  }

  snapshot(): MetricObject[] {
    return this.#snapshot;
  }
}
