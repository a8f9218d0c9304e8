import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { ApiKey, ApiKeyPatch, NewApiKey } from '../domain/api-key.ts';
import type { Caller } from '../domain/audit.ts';
import { type Principal, type Scope, scopesOf } from '../domain/principal.ts';
import type { User } from '../domain/user.ts';
import type { Store } from '../store/store.ts';
import type { Audit } from './audit.ts';
import { randomText, sha256 } from './secrets.ts';

export interface ApiKeysDeps {
  store: Store;
  clock: Clock;
  audit: Audit;
  /** Called after each change. */
  forget: () => void;
}

/** With the key itself, which is shown this once. */
export interface IssuedApiKey extends ApiKey {
  key: string;
}

const HINT_LENGTH = 8;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

const missing = (id: string) =>
  new AppError('resource.notFound', `There is no API key ${id}`, { params: { id } });

function futureTime(text: string, nowMs: number): string {
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms) || ms <= nowMs)
    throw new AppError('request.invalid', '/expiresAt must be a time to come, in ISO 8601 with its zone', {
      pointer: '/expiresAt',
    });
  return iso(ms);
}

/** A key that leaks must not be able to make itself others; only one with all rights manages keys. */
function checkMayManage(principal: Principal): void {
  if (principal.via.kind === 'key' && !principal.scopes.includes('admin'))
    throw new AppError('auth.forbidden', 'API keys are managed in a session, or with a key of scope admin', {
      params: { scope: 'admin' },
    });
}

/** Keys of programs. A key can do what its scopes say, at most what its owner may do now. */
export class ApiKeys {
  constructor(readonly deps: ApiKeysDeps) {}

  /** A key of the caller's own. Throws AppError `auth.forbidden` for a scope that the caller lacks. */
  async create(principal: Principal, input: NewApiKey, caller: Caller): Promise<IssuedApiKey> {
    checkMayManage(principal);
    if (principal.via.kind === 'startKey')
      throw new AppError('auth.forbidden', 'The start key is nobody: create a user, whose API keys you want');
    return this.#issue(principal.userId, principal.scopes, input, caller);
  }

  /** A key of another's. Throws AppError `auth.forbidden` for a scope that the user's role lacks. */
  createFor(user: User, input: NewApiKey, caller: Caller): Promise<IssuedApiKey> {
    return this.#issue(user.id, scopesOf(user.role), input, caller);
  }

  list(limit: number, after?: string, userId?: string): Promise<ApiKey[]> {
    return this.deps.store.apiKeys.list(limit, after, userId);
  }

  /** Others' keys exist for admins only. */
  async get(principal: Principal, id: string): Promise<ApiKey> {
    const key = await this.deps.store.apiKeys.byId(id);
    if (!key || !(key.userId === principal.userId || principal.scopes.includes('admin'))) throw missing(id);
    return key;
  }

  async rename(principal: Principal, id: string, { name }: ApiKeyPatch, caller: Caller): Promise<ApiKey> {
    checkMayManage(principal);
    const key = await this.get(principal, id);
    const { store, audit } = this.deps;
    await store.transaction(async (nouns) => {
      await nouns.apiKeys.rename(id, name);
      await audit.within(nouns).record({ action: 'apiKey.update', target: id, detail: { name } }, caller);
    });
    return { ...key, name };
  }

  async revoke(principal: Principal, id: string, caller: Caller): Promise<void> {
    checkMayManage(principal);
    await this.get(principal, id);
    await this.revokeAny(id, caller);
  }

  /** Throws AppError `resource.notFound`. A key that is revoked already stays so. */
  async revokeAny(id: string, caller: Caller): Promise<void> {
    const { store, audit, clock, forget } = this.deps;
    await store.transaction(async (nouns) => {
      const key = await nouns.apiKeys.byId(id);
      if (!key) throw missing(id);
      if (!(await nouns.apiKeys.revoke(id, iso(clock.now())))) return;
      const detail = { name: key.name, userId: key.userId };
      await audit.within(nouns).record({ action: 'apiKey.revoke', target: id, detail }, caller);
    });
    forget();
  }

  async #issue(
    userId: string,
    allowed: readonly Scope[],
    { name, scopes, expiresAt }: NewApiKey,
    caller: Caller,
  ): Promise<IssuedApiKey> {
    const beyond = scopes.filter((scope) => !allowed.includes(scope));
    if (beyond.length > 0)
      throw new AppError(
        'auth.forbidden',
        `A key cannot have more rights than its owner has, or its maker: ${beyond.join(', ')}`,
        {
          pointer: '/scopes',
        },
      );
    const { store, clock, audit } = this.deps;
    const now = clock.now();
    const secret = `rk_${randomText(40)}`;
    const key: ApiKey = {
      id: newId('key', now),
      userId,
      name,
      hint: secret.slice(0, HINT_LENGTH),
      scopes,
      createdAt: iso(now),
      expiresAt: expiresAt === undefined ? null : futureTime(expiresAt, now),
      revokedAt: null,
      lastUsedAt: null,
    };
    await store.transaction(async (nouns) => {
      await nouns.apiKeys.insert(key, sha256(secret));
      const detail = { name, scopes, userId, expiresAt: key.expiresAt };
      await audit.within(nouns).record({ action: 'apiKey.create', target: key.id, detail }, caller);
    });
    return { ...key, key: secret };
  }
}
