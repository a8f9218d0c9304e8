import ipaddr from 'ipaddr.js';
import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Store } from '../store/store.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface ThrottleOptions {
  LOGIN_MAX_FAILURES: number;
  LOGIN_WINDOW_SECONDS: number;
}

/** A sign-in under way: it counts as a failure until it has succeeded. */
export interface Attempt {
  succeeded(): Promise<void>;
  /** It could not be judged: the service failed, not the caller. */
  withdraw(): Promise<void>;
}

/** One home has a whole /64 of IPv6 addresses, so they count as one. */
function addressSubject(address: string): string {
  if (!ipaddr.isValid(address)) return `address:${address}`;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return `address:${parsed.toString()}`;
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`);
  return `address:${network.toString()}/64`;
}

/** Counts failed sign-ins of an account and of an address, for all processes and across restarts. */
export class LoginThrottle {
  constructor(
    readonly store: Store,
    readonly clock: Clock,
    readonly metrics: Metrics,
    readonly options: ThrottleOptions,
  ) {}

  /**
   * To be called before the password is looked at: the attempt is counted first, so attempts in parallel cannot slip through.
   * Throws AppError `auth.throttled`.
   */
  async begin(email: string, address: string): Promise<Attempt> {
    const account = `account:${email}`;
    const subjects = [account, addressSubject(address)];
    const now = this.clock.now();
    const counted = await this.store.transaction(async ({ loginFailures }) => {
      const waitsMs = [];
      for (const subject of subjects) waitsMs.push(await this.#waitMs(loginFailures, subject, now));
      const waitMs = Math.max(...waitsMs);
      if (waitMs > 0) return { waitMs };
      const ids: number[] = [];
      for (const subject of subjects) ids.push(await loginFailures.add(subject, iso(now)));
      return { ids };
    });
    if ('waitMs' in counted) throw this.#refusal(counted.waitMs);
    return this.#attempt(account, counted.ids);
  }

  /** Until the oldest of the failures that fill the limit leaves the window. */
  async #waitMs(failures: Store['loginFailures'], subject: string, now: number): Promise<number> {
    const { LOGIN_MAX_FAILURES: max, LOGIN_WINDOW_SECONDS: windowS } = this.options;
    const times = await failures.times(subject, iso(now - windowS * 1000), max);
    const oldest = times[max - 1];
    return oldest === undefined ? 0 : Math.max(1, Date.parse(oldest) + windowS * 1000 - now);
  }

  #refusal(waitMs: number): AppError {
    this.metrics.limitsHit.inc({ limit: 'LOGIN_MAX_FAILURES' });
    return new AppError('auth.throttled', 'Too many failed sign-ins; wait before the next one', {
      retryAfterS: Math.ceil(waitMs / 1000),
    });
  }

  #attempt(account: string, ids: readonly number[]): Attempt {
    const { store } = this;
    return {
      withdraw: () => store.loginFailures.takeBack(ids),
      succeeded: () =>
        store.transaction(async ({ loginFailures }) => {
          await loginFailures.takeBack(ids);
          await loginFailures.removeOf(account);
        }),
    };
  }
}
