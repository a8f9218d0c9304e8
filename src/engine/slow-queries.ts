import { type Clock, iso } from '../base/clock.ts';
import type { Log } from '../telemetry/log.ts';

/** A query that took long; neither its text nor its values. */
export interface SlowQuery {
  at: string;
  requestId: string;
  userId: string;
  kind: string;
  engine: string;
  source: string;
  ms: number;
  outcome: string;
  rows: number | null;
}

const KEPT = 100;

/** The newest of the queries that took longer than `thresholdMs`; each is a line of the log too. */
export class SlowQueries {
  readonly #kept: SlowQuery[] = [];

  constructor(
    readonly thresholdMs: number,
    readonly log: Log,
    readonly clock: Clock,
  ) {}

  /** The newest first. */
  list(): readonly SlowQuery[] {
    return this.#kept.toReversed();
  }

  record(query: Omit<SlowQuery, 'at'>): void {
    if (query.ms < this.thresholdMs) return;
    this.#kept.push({ at: iso(this.clock.now()), ...query });
    if (this.#kept.length > KEPT) this.#kept.shift();
    this.log.warning('query.slow', { ...query });
  }
}
