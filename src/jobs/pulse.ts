import { steadyClock } from '../base/clock.ts';
import { describe } from '../base/errors.ts';
import type { Log } from '../telemetry/log.ts';

/** Failures that come one after another are logged no more often. */
const LOG_MS = 30_000;

/**
 * Work done again and again, never twice at once; after a failure the next time is tried again. The first of several failures is logged, then
 * one now and then with how many there were, and the end of them: while the metadata is away, every pulse of every process fails.
 */
export class Pulse {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #isStopped = true;
  #isWanted = false;
  /** One after another, until now. */
  #failures = 0;
  #loggedMs = Number.NEGATIVE_INFINITY;

  constructor(
    readonly name: string,
    readonly everyMs: number,
    readonly work: () => Promise<void>,
    readonly log: Log,
  ) {}

  start(): void {
    this.#isStopped = false;
    this.#schedule(0);
  }

  /** Does the work now, or once more right after the one that runs. */
  soon(): void {
    if (this.#isStopped) return;
    if (this.#running) this.#isWanted = true;
    else this.#schedule(0);
  }

  /** Resolves when the work that runs has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.#once();
    }, ms);
  }

  async #once(): Promise<void> {
    this.#isWanted = false;
    try {
      await this.work();
      this.#recovered();
    } catch (error) {
      this.#failed(error);
    }
    this.#running = undefined;
    if (!this.#isStopped) this.#schedule(this.#isWanted ? 0 : this.everyMs);
  }

  #failed(error: unknown): void {
    this.#failures++;
    const nowMs = steadyClock.now();
    if (this.#failures > 1 && nowMs - this.#loggedMs < LOG_MS) return;
    this.#loggedMs = nowMs;
    this.log.error('jobs.pulseFailed', {
      ...{ pulse: this.name, failures: this.#failures, cause: describe(error) },
    });
  }

  #recovered(): void {
    if (this.#failures > 0)
      this.log.info('jobs.pulseRecovered', { pulse: this.name, failures: this.#failures });
    this.#failures = 0;
  }
}
