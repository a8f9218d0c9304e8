import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { Lru } from '../base/lru.ts';
import type { Caller } from '../domain/audit.ts';
import type { Store } from '../store/store.ts';
import type { UserRecord } from '../store/users.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Audit } from './audit.ts';
import { countFailedSignIn } from './failed-sign-ins.ts';
import { type Attempt, type LoginThrottle, networkOf } from './login-throttle.ts';
import type { Passwords } from './passwords.ts';

export interface PasswordCheckDeps {
  store: Store;
  clock: Clock;
  metrics: Metrics;
  audit: Audit;
  passwords: Passwords;
  throttle: LoginThrottle;
}

export interface AskedPassword {
  email: string;
  /** Undefined for an unknown address. */
  user: UserRecord | undefined;
  password: string;
  /** What its failures count for, where it is known. */
  device: string | undefined;
  origin: Caller & { address: string };
}

/** Refused sign-ins of an account from a network are logged at most so often; an attacker would fill the log. */
const NOTED_EVERY_MS = 60_000;
const MAX_NOTED = 10_000;

/** Passwords, checked within the limits on failures. */
export class PasswordCheck {
  /** When refusals were last logged. */
  readonly #noted = new Lru<number>(MAX_NOTED);

  constructor(readonly deps: PasswordCheckDeps) {}

  /**
   * What `open` makes of the user whose password is right. Throws AppError `auth.invalid`, also where it makes nothing, or `auth.throttled`.
   */
  async login<T>(asked: AskedPassword, open: (user: UserRecord) => Promise<T | undefined>): Promise<T> {
    const { store, audit, metrics, clock } = this.deps;
    const { email, user, origin } = asked;
    const opened = await this.#judged(asked, open, async (attempt) => {
      metrics.logins.inc({ outcome: 'failed' });
      await store.transaction(async (nouns) => {
        await attempt.failed(nouns);
        await countFailedSignIn(nouns.facts, user?.id, iso(clock.now()), origin.address);
        const event = { action: 'auth.loginFailed', target: user?.id ?? null, detail: { email } };
        await audit.within(nouns).record(event, origin);
      });
    });
    if (opened === undefined)
      throw new AppError('auth.invalid', 'The e-mail address or the password is not right');
    metrics.logins.inc({ outcome: 'ok' });
    return opened;
  }

  /** Throws AppError `auth.invalid` at `/currentPassword`, or `auth.throttled`. */
  async current(asked: AskedPassword & { user: UserRecord }): Promise<void> {
    const { store, audit } = this.deps;
    const { user, origin } = asked;
    const right = await this.#judged(
      asked,
      async () => true,
      (attempt) =>
        store.transaction(async (nouns) => {
          await attempt.failed(nouns);
          await audit.within(nouns).record({ action: 'auth.changePasswordFailed', target: user.id }, origin);
        }),
    );
    if (!right)
      throw new AppError('auth.invalid', 'The current password is not right', {
        pointer: '/currentPassword',
      });
  }

  async #judged<T>(
    asked: AskedPassword,
    open: (user: UserRecord) => Promise<T | undefined>,
    fail: (attempt: Attempt) => Promise<void>,
  ): Promise<T | undefined> {
    const { user, password } = asked;
    const attempt = await this.#begin(asked);
    try {
      const isRight = await this.deps.passwords.verify(password, user?.passwordHash);
      const opened = isRight && user ? await open(user) : undefined;
      if (opened === undefined) await fail(attempt);
      else await attempt.succeeded();
      return opened;
    } catch (error) {
      await attempt.withdraw();
      throw error;
    }
  }

  async #begin({ email, origin, device }: AskedPassword): Promise<Attempt> {
    try {
      return await this.deps.throttle.begin(email, origin.address, device);
    } catch (error) {
      if (error instanceof AppError && error.code === 'auth.throttled') {
        this.deps.metrics.logins.inc({ outcome: 'throttled' });
        await this.#noteThrottled(email, origin);
      }
      throw error;
    }
  }

  async #noteThrottled(email: string, origin: AskedPassword['origin']): Promise<void> {
    const subject = `${networkOf(origin.address)} ${email}`;
    const now = this.deps.clock.now();
    const noted = this.#noted.get(subject);
    if (noted !== undefined && now - noted < NOTED_EVERY_MS) return;
    this.#noted.set(subject, now, 1);
    await this.deps.audit.record({ action: 'auth.loginThrottled', detail: { email } }, origin);
  }
}
