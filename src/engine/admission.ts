import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { FairQueueFull, FairSemaphore, type FullQueue } from '../base/fair-semaphore.ts';
import { WaitTimeout } from '../base/semaphore.ts';
import type { Limit, Metrics } from '../telemetry/metrics.ts';
import { TokenBuckets } from './token-buckets.ts';

export interface AdmissionLimits {
  concurrency: number;
  queue: number;
  waitS: number;
  userConcurrency: number;
  userQueue: number;
  ratePerSecond: number;
  burst: number;
}

/** Who may ask, and whose turn it is: slots go round by user. A slot is taken once a query and never inside another. */
export class Admission {
  readonly #slots: FairSemaphore;
  readonly #rate: TokenBuckets;

  constructor(
    readonly limits: AdmissionLimits,
    readonly metrics: Metrics,
    clock: Clock,
  ) {
    this.#slots = new FairSemaphore({
      capacity: limits.concurrency,
      perKey: limits.userConcurrency,
      maxQueue: limits.queue,
      maxQueuePerKey: limits.userQueue,
    });
    this.#rate = new TokenBuckets(limits.ratePerSecond, limits.burst, clock);
  }

  stats(): { running: number; waiting: number } {
    return { running: this.#slots.inUse, waiting: this.#slots.waiting };
  }

  #hit(limit: Limit): void {
    this.metrics.limitsHit.inc({ limit });
  }

  /** Counts one query of the user against the rate; AppError `limit.rate`. */
  checkRate(userId: string): void {
    const waitS = this.#rate.take(userId);
    if (waitS === 0) return;
    this.#hit('QUERY_RATE_PER_SEC');
    throw new AppError('limit.rate', `A user may start ${this.limits.ratePerSecond} queries a second`, {
      retryAfterS: Math.ceil(waitS),
      params: { limit: 'QUERY_RATE_PER_SEC' },
    });
  }

  /** Why a query of the user that asked now would neither run nor wait, counted; undefined where it would. */
  refusal(userId: string): AppError | undefined {
    const full = this.#slots.fullFor(userId);
    return full && this.#queueFull(full);
  }

  #queueFull(queue: FullQueue): AppError {
    if (queue === 'all') return this.#overloaded('HEAVY_QUERY_QUEUE', 'Too many queries wait already');
    this.#hit('USER_QUERY_QUEUE');
    const { userConcurrency, userQueue } = this.limits;
    const detail = `A user may run ${userConcurrency} queries at once, and ${userQueue} more may wait`;
    return new AppError('limit.user', detail, { retryAfterS: 1, params: { limit: 'USER_QUERY_QUEUE' } });
  }

  /**
   * A slot, to be given back by the function returned. AppError `limit.user` when too many of the user wait, `overloaded` when too many of all
   * wait or the wait is too long.
   */
  async slot(userId: string, signal: AbortSignal): Promise<() => void> {
    const waiting = this.#slots.acquire(userId, this.limits.waitS * 1000, signal);
    this.#gauge();
    try {
      const release = await waiting;
      this.#gauge();
      return () => {
        release();
        this.#gauge();
      };
    } catch (error) {
      this.#gauge();
      throw this.#refusal(error);
    }
  }

  #gauge(): void {
    this.metrics.queriesRunning.set(this.#slots.inUse);
    this.metrics.queriesWaiting.set(this.#slots.waiting);
  }

  #overloaded(limit: Limit, detail: string): AppError {
    this.#hit(limit);
    return new AppError('overloaded', detail, {
      retryAfterS: Math.max(1, Math.ceil(this.limits.waitS / 4)),
      params: { limit },
    });
  }

  #refusal(error: unknown): unknown {
    if (error instanceof FairQueueFull) return this.#queueFull(error.queue);
    if (error instanceof WaitTimeout)
      return this.#overloaded(
        'HEAVY_QUERY_WAIT_SECONDS',
        `The query waited ${this.limits.waitS} s for its turn`,
      );
    return error;
  }
}
