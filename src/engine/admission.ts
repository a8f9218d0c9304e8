import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { QueueFull, Semaphore, WaitTimeout } from '../base/semaphore.ts';
import type { Limit, Metrics } from '../telemetry/metrics.ts';
import { TokenBuckets } from './token-buckets.ts';

export interface AdmissionLimits {
  concurrency: number;
  queue: number;
  waitS: number;
  userConcurrency: number;
  ratePerSecond: number;
  burst: number;
}

/** Who may ask, and whose turn it is. A slot is taken once a query and never inside another. */
export class Admission {
  readonly #slots: Semaphore;
  readonly #rate: TokenBuckets;
  readonly #running = new Map<string, number>();

  constructor(
    readonly limits: AdmissionLimits,
    readonly metrics: Metrics,
    clock: Clock,
  ) {
    this.#slots = new Semaphore(limits.concurrency, limits.queue);
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
    throw new AppError('limit.rate', `A user may send ${this.limits.ratePerSecond} queries a second`, {
      retryAfterS: Math.ceil(waitS),
      params: { limit: 'QUERY_RATE_PER_SEC' },
    });
  }

  /** Whether a query of the user that asked now would run or wait. */
  hasRoom(userId: string): boolean {
    const isFull = this.#slots.inUse >= this.limits.concurrency && this.#slots.waiting >= this.limits.queue;
    return !isFull && this.#hasPlace(userId);
  }

  /** Why it would not, counted. */
  refusal(userId: string): AppError {
    return this.#hasPlace(userId) ? this.#tooManyWait() : this.#tooManyOf();
  }

  #hasPlace(userId: string): boolean {
    return (this.#running.get(userId) ?? 0) < this.limits.userConcurrency;
  }

  #tooManyOf(): AppError {
    this.#hit('USER_QUERY_CONCURRENCY');
    return new AppError('limit.user', `A user may run ${this.limits.userConcurrency} queries at once`, {
      retryAfterS: 1,
      params: { limit: 'USER_QUERY_CONCURRENCY' },
    });
  }

  /** One of the user's own places, to be given back by the function returned; AppError `limit.user`. */
  enter(userId: string): () => void {
    if (!this.#hasPlace(userId)) throw this.#tooManyOf();
    this.#running.set(userId, (this.#running.get(userId) ?? 0) + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const now = this.#running.get(userId)! - 1;
      if (now === 0) this.#running.delete(userId);
      else this.#running.set(userId, now);
    };
  }

  /** A slot, to be given back by the function returned; AppError `overloaded` when too many wait or the wait is too long. */
  async slot(signal: AbortSignal): Promise<() => void> {
    const waiting = this.#slots.acquire(this.limits.waitS * 1000, signal);
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

  #tooManyWait(): AppError {
    return this.#overloaded('HEAVY_QUERY_QUEUE', 'Too many queries wait already');
  }

  #overloaded(limit: Limit, detail: string): AppError {
    this.#hit(limit);
    return new AppError('overloaded', detail, {
      retryAfterS: Math.max(1, Math.ceil(this.limits.waitS / 4)),
      params: { limit },
    });
  }

  #refusal(error: unknown): unknown {
    if (error instanceof QueueFull) return this.#tooManyWait();
    if (error instanceof WaitTimeout)
      return this.#overloaded(
        'HEAVY_QUERY_WAIT_SECONDS',
        `The query waited ${this.limits.waitS} s for its turn`,
      );
    return error;
  }
}
