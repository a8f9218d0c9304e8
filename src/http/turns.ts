/**
 * What a burst of requests may take before the event loop looks at its sockets again. All that have come are read in one go, and what they
 * ask for runs as they are read: without turns, the answer to the last one, such as a look at the health, waits for all of them.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #endsMs = 0;
  #isOpen = false;

  /** Each turn begins work for `lengthMs`; what began then runs to its next wait. */
  constructor(readonly lengthMs = 2) {}

  /** Undefined where the work may begin at once; else resolves when it may. Those that wait go in order. */
  take(): Promise<void> | undefined {
    const nowMs = performance.now();
    if (!this.#isOpen) this.#open(nowMs);
    if (this.#waiting.length === 0 && nowMs < this.#endsMs) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #open(nowMs: number): void {
    this.#isOpen = true;
    this.#endsMs = nowMs + this.lengthMs;
    setImmediate(() => this.#next());
  }

  /** One a pass of the loop: what a promise starts runs after this function has ended, so that a second one could not be measured. */
  #next(): void {
    this.#isOpen = false;
    const begin = this.#waiting.shift();
    if (!begin) return;
    this.#open(performance.now());
    begin();
  }
}
