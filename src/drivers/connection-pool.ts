import { AppError } from '../base/errors.ts';

/** One connection with its session settings made. */
export interface Session {
  /** False once its socket has ended or its state is unknown. */
  readonly usable: boolean;
  /** A round trip; throws when the session is gone. */
  ping(): Promise<void>;
  /** Ends it at once; never throws. */
  close(): void;
}

export interface PoolTimes {
  /** An unused session is closed after it. */
  idleMs: number;
  /** A session is not used again after it. */
  maxAgeMs: number;
  /** A session that was unused for longer is asked whether it lives before it is given out. */
  pingAfterMs: number;
}

export const POOL_TIMES: PoolTimes = { idleMs: 300_000, maxAgeMs: 1_800_000, pingAfterMs: 15_000 };
const PING_MS = 3_000;

export interface PoolStats {
  inUse: number;
  idle: number;
  waiting: number;
  created: number;
  failed: number;
}

export interface PoolOptions<S> {
  open(signal: AbortSignal): Promise<S>;
  /** Sessions that are kept. */
  size: number;
  /** Sessions on top of them under load; closed when they come back. */
  maxOverflow: number;
  waitMs: number;
  times: PoolTimes;
  onEvent(event: 'created' | 'failed' | 'closed'): void;
}

interface Idle<S> {
  session: S;
  sinceMs: number;
}

/** What a waiter is given: a session, or the right to open one. */
interface Waiter<S> {
  grant(session: Idle<S> | undefined): void;
  fail(error: unknown): void;
}

/** Sessions of one database. The counts are exact: each session is in use, idle or gone. */
export class ConnectionPool<S extends Session> {
  readonly #options: PoolOptions<S>;
  /** The last one back is the first one out. */
  readonly #idle: Idle<S>[] = [];
  readonly #bornMs = new Map<S, number>();
  readonly #waiters = new Set<Waiter<S>>();
  readonly #closing = new AbortController();
  /** Taken places: sessions in use and those being opened. */
  #taken = 0;
  #created = 0;
  #failed = 0;
  #reaper: Timer | undefined;
  #drained: (() => void) | undefined;

  constructor(options: PoolOptions<S>) {
    this.#options = options;
  }

  stats(): PoolStats {
    return {
      inUse: this.#taken,
      idle: this.#idle.filter(({ session }) => session.usable).length,
      waiting: this.#waiters.size,
      created: this.#created,
      failed: this.#failed,
    };
  }

  /** A session that lives; `release` must follow. Throws `datasource.busy` when none came free in time, or the signal's reason. */
  async acquire(signal: AbortSignal): Promise<S> {
    signal.throwIfAborted();
    if (this.#closing.signal.aborted) throw closed();
    let candidate = this.#idle.pop();
    if (candidate || this.#taken < this.#options.size + this.#options.maxOverflow) this.#taken++;
    else candidate = await this.#wait(signal);
    try {
      return await this.#checked(candidate, signal);
    } catch (error) {
      this.#giveUpPlace();
      throw error;
    }
  }

  /** Takes a session back; one that is not usable any more is closed. */
  release(session: S): void {
    if (!this.#mayKeep(session)) {
      this.#end(session);
      this.#giveUpPlace();
      return;
    }
    const [waiter] = this.#waiters;
    if (waiter) waiter.grant({ session, sinceMs: performance.now() });
    else if (this.#taken + this.#idle.length > this.#options.size) {
      this.#end(session);
      this.#giveUpPlace();
    } else {
      this.#taken--;
      this.#idle.push({ session, sinceMs: performance.now() });
      this.#reaper ??= this.#startReaper();
    }
  }

  /** Refuses what waits, closes what is idle and waits up to `graceMs` for what is in use. */
  async close(graceMs = 5_000): Promise<void> {
    this.#closing.abort(closed());
    clearInterval(this.#reaper);
    for (const waiter of [...this.#waiters]) waiter.fail(closed());
    for (const { session } of this.#idle.splice(0)) this.#end(session);
    if (this.#taken > 0) {
      const timer = Promise.withResolvers<void>();
      const timeout = setTimeout(timer.resolve, graceMs);
      this.#drained = timer.resolve;
      await timer.promise;
      clearTimeout(timeout);
    }
    for (const session of [...this.#bornMs.keys()]) this.#end(session);
  }

  #mayKeep(session: S): boolean {
    const born = this.#bornMs.get(session) ?? Number.NEGATIVE_INFINITY;
    const young = performance.now() - born < this.#options.times.maxAgeMs;
    return session.usable && young && !this.#closing.signal.aborted;
  }

  /** The session if it lives, else another idle one that does, else a new one. */
  async #checked(first: Idle<S> | undefined, signal: AbortSignal): Promise<S> {
    const { pingAfterMs } = this.#options.times;
    for (let candidate = first; candidate; candidate = this.#idle.pop()) {
      const { session, sinceMs } = candidate;
      const isFresh = performance.now() - sinceMs < pingAfterMs;
      if (this.#mayKeep(session) && (isFresh || (await this.#answers(session)))) return session;
      this.#end(session);
    }
    return this.#open(signal);
  }

  async #answers(session: S): Promise<boolean> {
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('no answer to a ping')), PING_MS).unref();
    });
    return Promise.race([session.ping(), late]).then(
      () => session.usable,
      () => false,
    );
  }

  async #open(signal: AbortSignal): Promise<S> {
    try {
      const session = await this.#options.open(AbortSignal.any([signal, this.#closing.signal]));
      this.#bornMs.set(session, performance.now());
      this.#created++;
      this.#options.onEvent('created');
      return session;
    } catch (error) {
      if (!signal.aborted) {
        this.#failed++;
        this.#options.onEvent('failed');
      }
      throw error;
    }
  }

  #end(session: S): void {
    if (!this.#bornMs.delete(session)) return;
    session.close();
    this.#options.onEvent('closed');
  }

  #giveUpPlace(): void {
    const [waiter] = this.#waiters;
    if (waiter) waiter.grant(undefined);
    else if (--this.#taken === 0) this.#drained?.();
  }

  #wait(signal: AbortSignal): Promise<Idle<S> | undefined> {
    const { waitMs } = this.#options;
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiters.delete(waiter);
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter<S> = {
        grant: (session) => {
          leave();
          resolve(session);
        },
        fail: (error) => {
          leave();
          reject(error);
        },
      };
      const onAbort = () => waiter.fail(signal.reason);
      const timer = setTimeout(() => waiter.fail(busy(waitMs)), waitMs);
      signal.addEventListener('abort', onAbort);
      this.#waiters.add(waiter);
    });
  }

  #startReaper(): Timer {
    const { idleMs } = this.#options.times;
    const timer = setInterval(() => this.#reap(), Math.min(idleMs / 2, 10_000));
    timer.unref();
    return timer;
  }

  #reap(): void {
    const { idleMs } = this.#options.times;
    const now = performance.now();
    const stays = ({ session, sinceMs }: Idle<S>) => this.#mayKeep(session) && now - sinceMs < idleMs;
    const gone = this.#idle.filter((idle) => !stays(idle));
    for (const idle of gone) {
      this.#idle.splice(this.#idle.indexOf(idle), 1);
      this.#end(idle.session);
    }
    if (this.#idle.length > 0) return;
    clearInterval(this.#reaper);
    this.#reaper = undefined;
  }
}

const closed = () => new AppError('datasource.unreachable', 'The datasource was closed');

const busy = (waitMs: number) =>
  new AppError('datasource.busy', `No connection to the database came free within ${waitMs / 1000} s`, {
    retryAfterS: Math.max(1, Math.ceil(waitMs / 1000)),
    params: { limit: 'pool' },
  });
