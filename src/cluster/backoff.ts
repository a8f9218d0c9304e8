/** A process that lived shorter has failed fast. */
const FAST_MS = 10_000;
const FIRST_MS = 250;
const MOST_MS = 30_000;

/** How long to wait before a process that failed is started again: not at all after a long life, then ever longer. */
export class Backoff {
  #fast = 0;

  /** Fast failures in a row. */
  get failures(): number {
    return this.#fast;
  }

  /** Counts an end after so long a life; gives the wait. */
  failed(livedMs: number): number {
    this.#fast = livedMs < FAST_MS ? this.#fast + 1 : 0;
    return this.#fast <= 1 ? 0 : Math.min(MOST_MS, FIRST_MS * 2 ** (this.#fast - 2));
  }
}
