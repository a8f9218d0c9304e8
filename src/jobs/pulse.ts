import { describe } from '../base/errors.ts';
import type { Log } from '../telemetry/log.ts';

/** Work done again and again, never twice at once; a failure is logged and the next time is tried again. */
export class Pulse {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #isStopped = true;
  #isWanted = false;

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
    } catch (error) {
      this.log.error('jobs.pulseFailed', { pulse: this.name, cause: describe(error) });
    }
    this.#running = undefined;
    if (!this.#isStopped) this.#schedule(this.#isWanted ? 0 : this.everyMs);
  }
}
