import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Caller } from '../domain/audit.ts';
import type { Principal } from '../domain/principal.ts';
import { type Login, type PasswordChange, toEmail, type UserSummary } from '../domain/user.ts';
import type { LiveSession } from '../store/sessions.ts';
import type { Store } from '../store/store.ts';
import type { UserRecord } from '../store/users.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Audit } from './audit.ts';
import { type Authenticator, bearerOf, checkCsrf } from './authenticator.ts';
import { COOKIES, readCookie } from './cookies.ts';
import type { LoginThrottle } from './login-throttle.ts';
import type { Passwords } from './passwords.ts';
import { randomText, sha256 } from './secrets.ts';
import type { SessionTokens } from './session-token.ts';
import { START_USER } from './start-key.ts';

export interface SignInOptions {
  ACCESS_TOKEN_MINUTES: number;
  SESSION_DAYS: number;
}

export interface SignInDeps {
  store: Store;
  clock: Clock;
  metrics: Metrics;
  audit: Audit;
  passwords: Passwords;
  throttle: LoginThrottle;
  tokens: SessionTokens;
  authenticator: Authenticator;
  options: SignInOptions;
}

/** A session's tokens as the client gets them. */
export interface Grant {
  token: string;
  expiresAtMs: number;
  refresh: string;
  csrf: string;
  sessionExpiresAtMs: number;
  user: UserSummary;
}

interface Origin extends Caller {
  address: string;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const MAX_AGENT = 200;

const refused = () => new AppError('auth.invalid', 'The e-mail address or the password is not right');
const ended = () => new AppError('auth.invalid', 'The session has ended; sign in again');

export const summaryOf = ({ id, email, name, role }: UserSummary): UserSummary => ({ id, email, name, role });

/** Sessions of people: how they begin, go on and end. */
export class SignIn {
  constructor(readonly deps: SignInDeps) {}

  /** Throws AppError `auth.invalid` (the same for an unknown address, a wrong password and a disabled user) or `auth.throttled`. */
  async login(input: Login, agent: string, origin: Origin): Promise<Grant> {
    const { store, audit, metrics, passwords } = this.deps;
    const email = toEmail(input.email);
    const attempt = await this.#begin(email, origin);
    try {
      const user = await store.users.byEmail(email);
      const isRight = await passwords.verify(input.password, user?.passwordHash);
      const grant = isRight && user && (await this.#open(user, agent, origin));
      if (grant) {
        metrics.logins.inc({ outcome: 'ok' });
        await attempt.succeeded();
        return grant;
      }
      metrics.logins.inc({ outcome: 'failed' });
      await audit.record({ action: 'auth.loginFailed', target: user?.id ?? null, detail: { email } }, origin);
    } catch (error) {
      await attempt.withdraw();
      throw error;
    }
    throw refused();
  }

  /** By the access token while it is good, or by the refresh cookie, which is good once: whoever shows it again ends the session. */
  async refresh(
    headers: { authorization?: string; cookie?: string; csrf?: string },
    origin: Origin,
  ): Promise<Grant> {
    const bearer = bearerOf(headers.authorization);
    if (bearer !== undefined) {
      const session = await this.deps.authenticator.session(bearer);
      if (!session) throw ended();
      return this.#renew(session, origin);
    }
    const cookie = readCookie(headers.cookie, COOKIES.refresh);
    if (cookie === undefined) throw new AppError('auth.required', 'Send the token, or the refresh cookie');
    const claims = this.deps.tokens.verify(cookie, 'refresh', this.deps.clock.now());
    const session = claims && (await this.deps.authenticator.sessionById(claims.session));
    if (!session) throw ended();
    checkCsrf(session, headers.csrf);
    return this.#renew(session, origin, sha256(cookie));
  }

  async logout(principal: Principal, caller: Caller): Promise<void> {
    if (principal.via.kind !== 'session')
      throw new AppError('auth.forbidden', 'Only a session can be signed out; a key is revoked');
    const { store, audit, authenticator, clock } = this.deps;
    await store.transaction(async (nouns) => {
      await nouns.sessions.revoke(principal.via.id, iso(clock.now()));
      await audit.within(nouns).record({ action: 'auth.logout', target: principal.via.id }, caller);
    });
    authenticator.forget();
  }

  /** Ends the user's other sessions. Throws AppError `auth.invalid` at `/currentPassword`, or `auth.throttled`. */
  async changePassword(principal: Principal, change: PasswordChange, origin: Origin): Promise<void> {
    if (principal.via.kind !== 'session')
      throw new AppError('auth.forbidden', 'A password is changed in a session, not with a key');
    const { store, audit, passwords, authenticator, clock } = this.deps;
    const user = await store.users.byId(principal.userId);
    if (!user) throw ended();
    await this.#checkCurrent(user, change.currentPassword, origin);
    const passwordHash = await passwords.hash(change.newPassword);
    await store.transaction(async (nouns) => {
      const at = iso(clock.now());
      await nouns.users.update(user.id, { passwordHash }, at);
      await nouns.sessions.revokeOfUser(user.id, at, principal.via.id);
      await audit.within(nouns).record({ action: 'auth.changePassword', target: user.id }, origin);
    });
    authenticator.forget();
  }

  async me(principal: Principal): Promise<UserSummary> {
    if (principal.via.kind === 'startKey') return START_USER;
    const user = await this.deps.store.users.byId(principal.userId);
    if (!user) throw ended();
    return summaryOf(user);
  }

  async #begin(email: string, origin: Origin) {
    try {
      return await this.deps.throttle.begin(email, origin.address);
    } catch (error) {
      if (error instanceof AppError && error.code === 'auth.throttled') {
        this.deps.metrics.logins.inc({ outcome: 'throttled' });
        await this.deps.audit.record({ action: 'auth.loginThrottled', detail: { email } }, origin);
      }
      throw error;
    }
  }

  async #checkCurrent(user: UserRecord, password: string, origin: Origin): Promise<void> {
    const attempt = await this.#begin(user.email, origin);
    const isRight = await this.deps.passwords.verify(password, user.passwordHash);
    if (isRight) return attempt.succeeded();
    await this.deps.audit.record({ action: 'auth.changePasswordFailed', target: user.id }, origin);
    throw new AppError('auth.invalid', 'The current password is not right', { pointer: '/currentPassword' });
  }

  /** Undefined when the user was disabled, removed or given another password since the password was checked. */
  async #open(checked: UserRecord, agent: string, origin: Origin): Promise<Grant | undefined> {
    const { store, audit, clock, options } = this.deps;
    const now = clock.now();
    const id = newId('ses', now);
    const csrf = randomText(32);
    const expiresAt = iso(now + options.SESSION_DAYS * DAY_MS);
    const grant = this.#grant({ id, csrf, expiresAt }, summaryOf(checked));
    const isOpen = await store.transaction(async (nouns) => {
      const user = await nouns.users.byId(checked.id);
      if (!user || user.disabled || user.passwordHash !== checked.passwordHash) return false;
      await nouns.sessions.insert({
        id,
        userId: user.id,
        refreshHash: sha256(grant.refresh),
        csrf,
        createdAt: iso(now),
        expiresAt,
        address: origin.address,
        agent: agent.slice(0, MAX_AGENT),
      });
      const event = { action: 'auth.login', target: user.id, detail: { email: user.email, session: id } };
      await audit.within(nouns).record(event, { ...origin, actor: user.id });
      return true;
    });
    return isOpen ? grant : undefined;
  }

  async #renew(session: LiveSession, origin: Origin, shownHash?: string): Promise<Grant> {
    const { store, audit, clock, authenticator } = this.deps;
    const user = await store.users.byId(session.userId);
    if (!user) throw ended();
    const grant = this.#grant(session, summaryOf(user));
    if (await store.sessions.rotate(session.id, sha256(grant.refresh), shownHash)) return grant;
    if (shownHash === undefined) throw ended();
    await store.transaction(async (nouns) => {
      await nouns.sessions.revoke(session.id, iso(clock.now()));
      const event = { action: 'auth.refreshReused', target: session.userId, detail: { session: session.id } };
      await audit.within(nouns).record(event, origin);
    });
    authenticator.forget();
    throw ended();
  }

  #grant(session: Pick<LiveSession, 'id' | 'csrf' | 'expiresAt'>, user: UserSummary): Grant {
    const { tokens, clock, options } = this.deps;
    const sessionExpiresAtMs = Date.parse(session.expiresAt);
    const expiresAtMs = Math.min(clock.now() + options.ACCESS_TOKEN_MINUTES * MINUTE_MS, sessionExpiresAtMs);
    return {
      token: tokens.sign({ use: 'access', session: session.id, expiresAtMs }),
      expiresAtMs,
      refresh: tokens.sign({ use: 'refresh', session: session.id, expiresAtMs: sessionExpiresAtMs }),
      csrf: session.csrf,
      sessionExpiresAtMs,
      user,
    };
  }
}
