export class QueueFull extends Error {}
export class WaitTimeout extends Error {}

interface Waiter {
  grant: () => void;
  fail: (error: unknown) => void;
}

/** A counting semaphore with a bounded FIFO queue. `acquire` gives a release function that may be called many times. */
export class Semaphore {
  #free: number;
  readonly #waiters = new Set<Waiter>();

  constructor(
    readonly capacity: number,
    readonly maxQueue: number,
  ) {
    this.#free = capacity;
  }

  get inUse(): number {
    return this.capacity - this.#free;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /** Throws QueueFull at once, WaitTimeout after `waitMs`, or the signal's reason when it aborts. */
  acquire(waitMs: number, signal?: AbortSignal): Promise<() => void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve(this.#releaser());
    }
    if (this.#waiters.size >= this.maxQueue) return Promise.reject(new QueueFull());
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiters.delete(waiter);
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        grant: () => {
          leave();
          resolve(this.#releaser());
        },
        fail: (error) => {
          leave();
          reject(error);
        },
      };
      const onAbort = () => waiter.fail(signal?.reason);
      const timer = setTimeout(() => waiter.fail(new WaitTimeout()), waitMs);
      signal?.addEventListener('abort', onAbort);
      this.#waiters.add(waiter);
    });
  }

  #releaser(): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const [next] = this.#waiters;
      if (next) next.grant();
      else this.#free++;
    };
  }
}
