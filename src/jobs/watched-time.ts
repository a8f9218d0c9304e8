import type { Clock } from '../base/clock.ts';

/** The part of the lease time that may pass between two looks and count as watched. A sign of life comes at least as often as each quarter of it. */
const MOST = 0.4;

/**
 * Milliseconds in which somebody looked. Who stands still may be dead only as far as he was watched: while the metadata is away, or this process is
 * stopped, nobody could have been seen to move.
 */
export class WatchedTime {
  #ms = 0;
  #lookedMs: number;

  constructor(
    readonly steady: Clock,
    readonly leaseMs: number,
  ) {
    this.#lookedMs = steady.now();
  }

  /** To be called when a look has succeeded; gives the time until then. */
  look(): number {
    const nowMs = this.steady.now();
    this.#ms += Math.min(nowMs - this.#lookedMs, this.leaseMs * MOST);
    this.#lookedMs = nowMs;
    return this.#ms;
  }
}
