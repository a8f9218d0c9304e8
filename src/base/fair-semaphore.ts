import { WaitTimeout } from './semaphore.ts';

export interface FairLimits {
  /** Holders at once. */
  capacity: number;
  /** Holders at once of one key. */
  perKey: number;
  /** Waiters at once. */
  maxQueue: number;
  /** Waiters at once of one key. */
  maxQueuePerKey: number;
}

export type FullQueue = 'all' | 'key';

export class FairQueueFull extends Error {
  constructor(readonly queue: FullQueue) {
    super();
  }
}

type Waiter = () => void;

/** A counting semaphore whose waiters take turns by key: a key with many waiters does not hold up the others. */
export class FairSemaphore {
  readonly #holders = new Map<string, number>();
  /** Keys in the order of their turns. */
  readonly #queues = new Map<string, Set<Waiter>>();
  #inUse = 0;
  #waiting = 0;

  constructor(readonly limits: FairLimits) {}

  get inUse(): number {
    return this.#inUse;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Which queue is too full for one more of this key; undefined where it would run or wait. */
  fullFor(key: string): FullQueue | undefined {
    if (this.#canHold(key)) return;
    if ((this.#queues.get(key)?.size ?? 0) >= this.limits.maxQueuePerKey) return 'key';
    return this.#waiting >= this.limits.maxQueue ? 'all' : undefined;
  }

  /**
   * Gives a release function that may be called many times. Throws FairQueueFull at once, WaitTimeout after `waitMs`, or the signal's reason when
   * it aborts. Time that passes while the key has all the holders it may have is not counted as waiting.
   */
  acquire(key: string, waitMs: number, signal?: AbortSignal): Promise<() => void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#canHold(key)) return Promise.resolve(this.#hold(key));
    const full = this.fullFor(key);
    if (full) return Promise.reject(new FairQueueFull(full));
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#dequeue(key, grant);
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const grant = () => {
        leave();
        resolve(this.#hold(key));
      };
      const onAbort = () => {
        leave();
        reject(signal?.reason);
      };
      const onTimeout = () => {
        if (this.#isAtMost(key)) {
          timer = setTimeout(onTimeout, waitMs);
          return;
        }
        leave();
        reject(new WaitTimeout());
      };
      let timer = setTimeout(onTimeout, waitMs);
      signal?.addEventListener('abort', onAbort);
      this.#enqueue(key, grant);
    });
  }

  #isAtMost(key: string): boolean {
    const { perKey, capacity } = this.limits;
    return (this.#holders.get(key) ?? 0) >= Math.min(perKey, capacity);
  }

  #canHold(key: string): boolean {
    return this.#inUse < this.limits.capacity && !this.#isAtMost(key);
  }

  #enqueue(key: string, waiter: Waiter): void {
    this.#waiting++;
    const queue = this.#queues.get(key);
    if (queue) queue.add(waiter);
    else this.#queues.set(key, new Set([waiter]));
  }

  #dequeue(key: string, waiter: Waiter): void {
    const queue = this.#queues.get(key);
    if (!queue?.delete(waiter)) return;
    this.#waiting--;
    if (queue.size === 0) this.#queues.delete(key);
  }

  #hold(key: string): () => void {
    this.#inUse++;
    this.#holders.set(key, (this.#holders.get(key) ?? 0) + 1);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#release(key);
    };
  }

  #release(key: string): void {
    this.#inUse--;
    const left = this.#holders.get(key)! - 1;
    if (left === 0) this.#holders.delete(key);
    else this.#holders.set(key, left);
    for (const [next, queue] of this.#queues) {
      if (!this.#canHold(next)) continue;
      this.#queues.delete(next);
      this.#queues.set(next, queue);
      const [waiter] = queue;
      waiter!();
      return;
    }
  }
}
