import ipaddr from 'ipaddr.js';
import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Nouns, Store } from '../store/store.ts';
import type { Limit, Metrics } from '../telemetry/metrics.ts';

export interface ThrottleOptions {
  LOGIN_MAX_FAILURES: number;
  LOGIN_ACCOUNT_MAX_FAILURES: number;
  LOGIN_NETWORK_MAX_FAILURES: number;
  LOGIN_WINDOW_SECONDS: number;
}

type Failures = Pick<Nouns, 'loginFailures'>;

/** A sign-in in progress: it counts towards the limits until it has succeeded. */
export interface Attempt {
  failed(nouns: Failures): Promise<void>;
  succeeded(): Promise<void>;
  /** It could not be judged: the service failed, not the caller. */
  withdraw(): Promise<void>;
}

/** Failures that are counted together, and the limit on them. */
interface Rule {
  subject: string;
  limit: Extract<Limit, keyof ThrottleOptions>;
  /** Whether failures below the limit cost a growing delay. */
  slows: boolean;
}

interface Refusal {
  waitMs: number;
  limit: Limit;
}

/** Failures without a delay; each further one doubles it, from one second. */
const FREE_FAILURES = 3;

/** The addresses that one customer of a provider can have. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  const [kind, bits] = parsed.kind() === 'ipv4' ? [ipaddr.IPv4, 24] : [ipaddr.IPv6, 64];
  return `${kind.networkAddressFromCIDR(`${parsed.toString()}/${bits}`).toString()}/${bits}`;
}

/**
 * Limits failed sign-ins, for all processes and across restarts: of an account from a network, of an account from everywhere, and of a network. A
 * device that the account was signed in from before has a count of its own, so strangers cannot keep the owner out.
 */
export class LoginThrottle {
  /** Until when nothing is removed again. */
  #prunedUntilMs = 0;

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
  async begin(email: string, address: string, device: string | undefined): Promise<Attempt> {
    const rules = rulesFor(email, address, device);
    const now = this.clock.now();
    const refused = await this.#refused(this.store, rules, now);
    if (refused) throw this.#refusal(refused);
    const counted = await this.store.transaction(async (nouns) => {
      await this.#prune(nouns, now);
      const late = await this.#refused(nouns, rules, now);
      if (late) return late;
      const ids: number[] = [];
      for (const { subject } of rules) ids.push(await nouns.loginFailures.begin(subject, iso(now)));
      return { ids };
    });
    if (!('ids' in counted)) throw this.#refusal(counted);
    return this.#attempt(rules[0]!.subject, counted.ids);
  }

  /** Once a window: an attack that goes on for days would fill the table between two sweeps. */
  async #prune({ loginFailures }: Failures, now: number): Promise<void> {
    if (now < this.#prunedUntilMs) return;
    const windowMs = this.options.LOGIN_WINDOW_SECONDS * 1000;
    this.#prunedUntilMs = now + windowMs;
    await loginFailures.removeBefore(iso(now - windowMs));
  }

  async #refused(nouns: Failures, rules: readonly Rule[], now: number): Promise<Refusal | undefined> {
    let longest: Refusal | undefined;
    for (const rule of rules) {
      const waitMs = await this.#waitMs(nouns, rule, now);
      if (waitMs > (longest?.waitMs ?? 0)) longest = { waitMs, limit: rule.limit };
    }
    return longest;
  }

  async #waitMs({ loginFailures }: Failures, { subject, limit, slows }: Rule, now: number): Promise<number> {
    const max = this.options[limit];
    const windowMs = this.options.LOGIN_WINDOW_SECONDS * 1000;
    const recent = await loginFailures.recent(subject, iso(now - windowMs), max);
    const oldest = recent[max - 1];
    if (oldest) return Math.max(1, Date.parse(oldest.at) + windowMs - now);
    const judged = recent.filter(({ isJudged }) => isJudged);
    if (!slows || judged.length < FREE_FAILURES) return 0;
    const delayMs = Math.min(windowMs, 2 ** (judged.length - FREE_FAILURES) * 1000);
    return Math.min(delayMs, Math.max(0, Date.parse(judged[0]!.at) + delayMs - now));
  }

  #refusal({ waitMs, limit }: Refusal): AppError {
    this.metrics.limitsHit.inc({ limit });
    const retryAfterS = Math.ceil(waitMs / 1000);
    return new AppError('auth.throttled', `Too many failed sign-ins; try again in ${retryAfterS} s`, {
      retryAfterS,
      params: { limit },
    });
  }

  #attempt(subject: string, ids: readonly number[]): Attempt {
    const { store } = this;
    return {
      failed: ({ loginFailures }) => loginFailures.judge(ids),
      withdraw: () => store.loginFailures.takeBack(ids),
      succeeded: () =>
        store.transaction(async ({ loginFailures }) => {
          await loginFailures.takeBack(ids);
          await loginFailures.removeOf(subject);
        }),
    };
  }
}

/** The first one is cleared by a sign-in; the others are not: an attacker could sign in as another user to clear them. */
function rulesFor(email: string, address: string, device: string | undefined): Rule[] {
  if (device !== undefined)
    return [{ subject: `device:${device}`, limit: 'LOGIN_MAX_FAILURES', slows: true }];
  const network = networkOf(address);
  return [
    { subject: `pair:${network} ${email}`, limit: 'LOGIN_MAX_FAILURES', slows: true },
    { subject: `account:${email}`, limit: 'LOGIN_ACCOUNT_MAX_FAILURES', slows: false },
    { subject: `network:${network}`, limit: 'LOGIN_NETWORK_MAX_FAILURES', slows: false },
  ];
}
