import { Pool, TimeoutError } from 'tarn';
import { AppError } from '../../base/errors.ts';
import type { DatasourceSettings } from '../../domain/datasource.ts';
import { connectTimeoutMs } from '../dial.ts';
import type { DriverContext, PoolStats } from '../driver.ts';
import { connectTimeout } from '../network-errors.ts';
import { poolLimits } from '../pool-limits.ts';
import { Session } from './session.ts';

const DEFAULT_IDLE_S = 300;

/** tarn (3.1.2) lets go of a resource only by age; this one also at once. */
class TakeOutPool extends Pool<Session> {
  takeOut(session: Session): void {
    for (const list of [this.used, this.free]) {
      const index = list.findIndex(({ resource }) => resource === session);
      if (index < 0) continue;
      const [resource] = list.splice(index, 1);
      resource!.resolve();
      session.close();
    }
    this._tryAcquireOrCreate();
  }
}

/** The sessions of a datasource: `size` are kept, up to `maxOverflow` more are opened under load and closed after use. */
export class SessionPool {
  readonly #pool: TakeOutPool;
  readonly #size: number;
  readonly #max: number;
  readonly #waitMs: number;
  #created = 0;
  #failed = 0;

  constructor(settings: DatasourceSettings, context: DriverContext) {
    const { size, maxOverflow, waitMs } = poolLimits(settings);
    this.#size = size;
    this.#max = size + maxOverflow;
    this.#waitMs = waitMs;
    const idleS = settings.options?.idleTimeoutS;
    this.#pool = new TakeOutPool({
      create: () => this.#open(settings, context),
      destroy: (session) => session.close(),
      validate: (session) => !session.closed,
      min: 0,
      max: this.#max,
      acquireTimeoutMillis: waitMs,
      // The connection's own timeout comes first and says more.
      createTimeoutMillis: connectTimeoutMs(settings) + 5000,
      createRetryIntervalMillis: 50,
      idleTimeoutMillis: (typeof idleS === 'number' ? idleS : DEFAULT_IDLE_S) * 1000,
      propagateCreateError: true,
    });
  }

  async #open(settings: DatasourceSettings, context: DriverContext): Promise<Session> {
    try {
      const session = await Session.open(settings, context.applicationName, (ended) => {
        this.#pool.takeOut(ended);
        context.onPoolEvent('closed');
      });
      this.#created++;
      context.onPoolEvent('created');
      return session;
    } catch (error) {
      this.#failed++;
      context.onPoolEvent('failed');
      throw error;
    }
  }

  /** A session of its own until `release`. Throws `datasource.busy` when none is free in time, or why none could be opened. */
  async acquire(signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    const pending = this.#pool.acquire();
    const abort = () => pending.abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      const session = await pending.promise;
      session.used++;
      return session;
    } catch (error) {
      signal.throwIfAborted();
      throw this.#acquireError(error);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  #acquireError(error: unknown): unknown {
    if (!(error instanceof TimeoutError)) return error;
    if (this.#pool.numUsed() < this.#max) return connectTimeout();
    return new AppError(
      'datasource.busy',
      `No connection to the database came free within ${this.#waitMs / 1000} s`,
      { retryAfterS: Math.max(1, Math.ceil(this.#waitMs / 1000)), params: { limit: 'pool' } },
    );
  }

  /** Gives a session back; one that is not clean, or is more than are kept, is closed. */
  release(session: Session, clean: boolean): void {
    const kept =
      this.#pool.numUsed() + this.#pool.numFree() <= this.#size || this.#pool.numPendingAcquires() > 0;
    if (clean && kept && !session.closed) this.#pool.release(session);
    else this.#pool.takeOut(session);
  }

  stats(): PoolStats {
    return {
      inUse: this.#pool.numUsed(),
      idle: this.#pool.numFree(),
      waiting: this.#pool.numPendingAcquires(),
      created: this.#created,
      failed: this.#failed,
    };
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}
