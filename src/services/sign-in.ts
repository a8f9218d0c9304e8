import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Caller } from '../domain/audit.ts';
import type { Principal } from '../domain/principal.ts';
import { type Login, type PasswordChange, toEmail, type UserSummary } from '../domain/user.ts';
import type { LiveSession } from '../store/sessions.ts';
import type { Store } from '../store/store.ts';
import type { UserRecord } from '../store/users.ts';
import type { Audit } from './audit.ts';
import { type Authenticator, bearerOf, checkCsrf } from './authenticator.ts';
import { COOKIES, readCookie } from './cookies.ts';
import { type FailedSignIns, failedSignInsOf, takeFailedSignIns } from './failed-sign-ins.ts';
import type { KnownDevices } from './known-devices.ts';
import type { PasswordCheck } from './password-check.ts';
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
  audit: Audit;
  passwords: Passwords;
  check: PasswordCheck;
  devices: KnownDevices;
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

/** What a sign-in gives besides its tokens. */
export interface SignedIn extends Grant {
  /** The cookie by which the device is known from now on. */
  device: { value: string; maxAgeS: number };
  /** Those before this one. */
  failedSignIns: FailedSignIns;
}

interface Origin extends Caller {
  address: string;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const MAX_AGENT = 200;

const ended = () => new AppError('auth.invalid', 'The session has ended; sign in again');

export const summaryOf = ({ id, email, name, role }: UserSummary): UserSummary => ({ id, email, name, role });

/** Sessions of people: how they begin, go on and end. */
export class SignIn {
  constructor(readonly deps: SignInDeps) {}

  /**
   * `cookie` is the request's. Throws AppError `auth.invalid` (the same for an unknown address, a wrong password and a disabled user) or
   * `auth.throttled`.
   */
  async login(input: Login, agent: string, origin: Origin, cookie?: string): Promise<SignedIn> {
    const { store, devices, check, clock } = this.deps;
    const email = toEmail(input.email);
    const shown = readCookie(cookie, COOKIES.device);
    const user = await store.users.byEmail(email);
    const device = devices.find(shown, user?.id, clock.now());
    const asked = { email, user, password: input.password, device, origin };
    const opened = await check.login(asked, (found) => this.#open(found, agent, origin));
    return { ...opened, device: devices.remember(shown, opened.user.id, clock.now()) };
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
    const { store, audit, passwords, check, authenticator, clock } = this.deps;
    const user = await store.users.byId(principal.userId);
    if (!user) throw ended();
    // A session is as good as a known device: its guesses do not count for others.
    const device = principal.via.id;
    await check.current({ email: user.email, user, password: change.currentPassword, device, origin });
    const passwordHash = await passwords.hash(change.newPassword);
    await store.transaction(async (nouns) => {
      const at = iso(clock.now());
      await nouns.users.update(user.id, { passwordHash }, at);
      await nouns.sessions.revokeOfUser(user.id, at, principal.via.id);
      await audit.within(nouns).record({ action: 'auth.changePassword', target: user.id }, origin);
    });
    authenticator.forget();
  }

  /** With the failed sign-ins since the last one, where a session asks. */
  async me(principal: Principal): Promise<{ user: UserSummary; failedSignIns?: FailedSignIns }> {
    if (principal.via.kind === 'startKey') return { user: START_USER };
    const { store } = this.deps;
    const user = await store.users.byId(principal.userId);
    if (!user) throw ended();
    if (principal.via.kind !== 'session') return { user: summaryOf(user) };
    return { user: summaryOf(user), failedSignIns: await failedSignInsOf(store.facts, user.id) };
  }

  /** Undefined when the user was disabled, removed or given another password since the password was checked. */
  async #open(checked: UserRecord, agent: string, origin: Origin) {
    const { store, audit, clock, options } = this.deps;
    const now = clock.now();
    const id = newId('ses', now);
    const csrf = randomText(32);
    const expiresAt = iso(now + options.SESSION_DAYS * DAY_MS);
    const grant = this.#grant({ id, csrf, expiresAt }, summaryOf(checked));
    const failedSignIns = await store.transaction(async (nouns) => {
      const user = await nouns.users.byId(checked.id);
      if (!user || user.disabled || user.passwordHash !== checked.passwordHash) return undefined;
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
      const failed = await takeFailedSignIns(nouns.facts, user.id);
      const detail = {
        email: user.email,
        session: id,
        ...(failed.count > 0 ? { failedBefore: failed.count } : {}),
      };
      await audit
        .within(nouns)
        .record({ action: 'auth.login', target: user.id, detail }, { ...origin, actor: user.id });
      return failed;
    });
    return failedSignIns && { ...grant, failedSignIns };
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
