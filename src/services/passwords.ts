import { AppError } from '../base/errors.ts';
import { QueueFull, Semaphore, WaitTimeout } from '../base/semaphore.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** OWASP's recommended least for argon2id: 19 MiB and two passes. More memory would stay with the process after each sign-in. */
const ARGON2ID = { algorithm: 'argon2id', memoryCost: 19_456, timeCost: 2 } as const;
const WAIT_MS = 10_000;
const QUEUE = 256;

/** Of no password, made with the same costs: verifying against it takes as long as against a real one. */
const NOBODY =
  '$argon2id$v=19$m=19456,t=2,p=1$xf89ep/MiaYaMXGMr41DVjRljK8/gsoRe3RigB2RzRc$/BqclpRb34FlpTmjJDH7fTMyJnQ0x4cVB9F0CnKzv0M';

/** Argon2id off the event loop, few at once because each takes 19 MiB. Throws AppError `overloaded` when too many wait. */
export class Passwords {
  readonly #slots: Semaphore;

  constructor(
    concurrency: number,
    readonly metrics: Metrics,
  ) {
    this.#slots = new Semaphore(concurrency, QUEUE);
  }

  hash(password: string): Promise<string> {
    return this.#inSlot(() => Bun.password.hash(password.normalize('NFC'), ARGON2ID));
  }

  /** Without a hash, as for an unknown user, it takes as long and is false. */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    const matches = await this.#inSlot(() => Bun.password.verify(password.normalize('NFC'), hash ?? NOBODY));
    return matches && hash !== undefined;
  }

  async #inSlot<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.#acquire();
    try {
      return await work();
    } finally {
      release();
    }
  }

  async #acquire(): Promise<() => void> {
    try {
      return await this.#slots.acquire(WAIT_MS);
    } catch (error) {
      if (!(error instanceof QueueFull || error instanceof WaitTimeout)) throw error;
      this.metrics.limitsHit.inc({ limit: 'PASSWORD_HASH_CONCURRENCY' });
      throw new AppError('overloaded', 'Too many sign-ins at once', { retryAfterS: 5, cause: error });
    }
  }
}
