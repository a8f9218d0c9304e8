import { type Clock, iso } from '../base/clock.ts';
import { AppError, describe } from '../base/errors.ts';
import { type Principal, scopesOf } from '../domain/principal.ts';
import type { LiveApiKey } from '../store/api-keys.ts';
import type { LiveSession } from '../store/sessions.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import { COOKIES, readCookie } from './cookies.ts';
import { Recent } from './recent.ts';
import { sameSecret, sha256 } from './secrets.ts';
import type { SessionTokens } from './session-token.ts';
import { looksLikeStartKey, START_PRINCIPAL, type StartKey } from './start-key.ts';

/** Headers of a request as they came. */
export interface Credentials {
  authorization?: string;
  apiKey?: string;
  cookie?: string;
  /** `X-CSRF-Token` */
  csrf?: string;
  method: string;
}

/** How long another process's change may go unseen; those of this process are seen at once. */
const MAX_AGE_MS = 2000;
const USE_NOTED_EVERY_MS = 60_000;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const API_KEY = /^rk_[0-9A-Za-z]{40}$/;

const invalid = () =>
  new AppError('auth.invalid', 'The token or key is not valid, has expired or was revoked');

/** The token of `Authorization: Bearer …`. Throws AppError `auth.invalid` for another scheme. */
export function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (!token) throw new AppError('auth.invalid', 'The Authorization header must be: Bearer <token>');
  return token;
}

export interface AuthenticatorDeps {
  store: Store;
  tokens: SessionTokens;
  clock: Clock;
  log: Log;
}

/** Says who sends a request. Rights are those of the user now, not those of the time of sign-in. */
export class Authenticator {
  readonly #sessions: Recent<LiveSession>;
  readonly #keys: Recent<LiveApiKey>;
  #startKey: StartKey | undefined;

  constructor(readonly deps: AuthenticatorDeps) {
    this.#sessions = new Recent(deps.clock, MAX_AGE_MS);
    this.#keys = new Recent(deps.clock, MAX_AGE_MS);
  }

  acceptStartKey(key: StartKey): void {
    this.#startKey = key;
  }

  /** To be called after a change of a user, a session or a key. */
  forget(): void {
    this.#sessions.forget();
    this.#keys.forget();
  }

  /**
   * Undefined without credentials. A header counts before a cookie; a cookie that is no longer good counts as none, so that
   * its owner can sign in again. Throws AppError `auth.invalid`, or `request.csrf` for a change by cookie without its token.
   */
  async authenticate(credentials: Credentials): Promise<Principal | undefined> {
    const token = bearerOf(credentials.authorization) ?? credentials.apiKey;
    if (token !== undefined) {
      const principal = await this.#byToken(token);
      if (!principal) throw invalid();
      return principal;
    }
    const cookie = readCookie(credentials.cookie, COOKIES.session);
    const session = cookie === undefined ? undefined : await this.session(cookie);
    if (!session) return undefined;
    if (!SAFE_METHODS.has(credentials.method)) checkCsrf(session, credentials.csrf);
    return principalOf(session);
  }

  /** The live session of an access token. */
  async session(token: string): Promise<LiveSession | undefined> {
    const claims = this.deps.tokens.verify(token, 'access', this.deps.clock.now());
    return claims && this.sessionById(claims.session);
  }

  async sessionById(id: string): Promise<LiveSession | undefined> {
    const session = await this.#sessions.find(id, () => this.deps.store.sessions.live(id));
    if (!session || session.isRevoked || session.isUserDisabled) return undefined;
    return Date.parse(session.expiresAt) > this.deps.clock.now() ? session : undefined;
  }

  async #byToken(token: string): Promise<Principal | undefined> {
    if (looksLikeStartKey(token)) return this.#startKey?.matches(token) ? START_PRINCIPAL : undefined;
    if (API_KEY.test(token)) return this.#byApiKey(sha256(token));
    const session = await this.session(token);
    return session && principalOf(session);
  }

  async #byApiKey(hash: string): Promise<Principal | undefined> {
    const key = await this.#keys.find(hash, () => this.deps.store.apiKeys.live(hash));
    if (!key || key.isUserDisabled) return undefined;
    const now = this.deps.clock.now();
    if (key.expiresAt !== null && Date.parse(key.expiresAt) <= now) return undefined;
    await this.#noteUse(key, now);
    return {
      userId: key.userId,
      role: key.role,
      scopes: scopesOf(key.role, key.scopes),
      via: { kind: 'key', id: key.id },
    };
  }

  async #noteUse(key: LiveApiKey, now: number): Promise<void> {
    const since = iso(now - USE_NOTED_EVERY_MS);
    if (key.lastUsedAt !== null && key.lastUsedAt >= since) return;
    key.lastUsedAt = iso(now);
    try {
      await this.deps.store.apiKeys.markUsed(key.id, key.lastUsedAt, since);
    } catch (error) {
      // A full disk must not lock out those who read.
      this.deps.log.warning('auth.useNotNoted', { key: key.id, error: describe(error) });
    }
  }
}

/** Throws AppError `request.csrf`. */
export function checkCsrf(session: LiveSession, given: string | undefined): void {
  if (given !== undefined && sameSecret(given, session.csrf)) return;
  throw new AppError(
    'request.csrf',
    `A change by cookie needs the header X-CSRF-Token with the value of the cookie ${COOKIES.csrf}`,
  );
}

function principalOf(session: LiveSession): Principal {
  return {
    userId: session.userId,
    role: session.role,
    scopes: scopesOf(session.role),
    via: { kind: 'session', id: session.id },
  };
}
