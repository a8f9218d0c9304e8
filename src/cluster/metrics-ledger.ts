import { AggregatorRegistry } from 'prom-client';

/** One metric as prom-client tells it to another process. */
export interface MetricObject {
  name: string;
  help: string;
  type: unknown;
  aggregator: string;
  values: unknown[];
}

const GROWING = new Set(['counter', 'histogram']);

/** The metrics of several processes as one registry. */
export function aggregated(all: MetricObject[][]) {
  // The types of prom-client 15.1 leave out that it takes an array of what getMetricsAsJSON gives.
  return AggregatorRegistry.aggregate(all as unknown as object[]);
}

/** So many ended processes are kept apart before they become one. */
const MOST_APART = 8;

/** What ended processes had counted: without it, each end would look to Prometheus like a counter that began anew. */
export class MetricsLedger {
  #ended: MetricObject[][] = [];
  #isMerging = false;

  add(metrics: MetricObject[]): void {
    this.#ended.push(
      metrics.filter(({ type, name }) => GROWING.has(String(type)) && !name.startsWith('process_')),
    );
    if (this.#ended.length > MOST_APART && !this.#isMerging) void this.#merge(this.#ended.length);
  }

  /** The metrics of ended processes; added up they are right. */
  get ended(): readonly MetricObject[][] {
    return this.#ended;
  }

  async #merge(count: number): Promise<void> {
    this.#isMerging = true;
    const merged = await aggregated(this.#ended.slice(0, count)).getMetricsAsJSON();
    this.#ended.splice(0, count, merged as unknown as MetricObject[]);
    this.#isMerging = false;
  }
}
