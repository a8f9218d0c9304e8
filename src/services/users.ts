import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { type Caller, SYSTEM } from '../domain/audit.ts';
import type { Principal } from '../domain/principal.ts';
import { parse } from '../domain/schema.ts';
import { type NewUser, Password, toEmail, type User, type UserPatch } from '../domain/user.ts';
import type { Nouns, Store } from '../store/store.ts';
import type { UserRecord } from '../store/users.ts';
import type { Audit } from './audit.ts';
import type { Passwords } from './passwords.ts';

export interface UsersDeps {
  store: Store;
  clock: Clock;
  audit: Audit;
  passwords: Passwords;
  /** Called after each change. */
  forget: () => void;
}

export interface FirstAdmin {
  ADMIN_EMAIL: string | undefined;
  ADMIN_PASSWORD: string | undefined;
}

const missing = (id: string) =>
  new AppError('resource.notFound', `There is no user ${id}`, { params: { id } });

function withoutHash({ passwordHash: _, ...user }: UserRecord): User {
  return user;
}

async function keepAnAdmin(users: Nouns['users'], user: User): Promise<void> {
  if (user.role !== 'admin' || user.disabled || (await users.countOtherAdmins(user.id)) > 0) return;
  throw new AppError('resource.conflict', 'This is the last enabled admin; make another one first', {
    params: { reason: 'lastAdmin' },
  });
}

/** The people who may sign in. */
export class Users {
  constructor(readonly deps: UsersDeps) {}

  async list(limit: number, after?: string): Promise<User[]> {
    return (await this.deps.store.users.list(limit, after)).map(withoutHash);
  }

  async get(id: string): Promise<User> {
    const user = await this.deps.store.users.byId(id);
    if (!user) throw missing(id);
    return withoutHash(user);
  }

  /** By e-mail address, however it is written. */
  async find(email: string): Promise<User> {
    const user = await this.deps.store.users.byEmail(toEmail(email));
    if (!user) throw missing(email);
    return withoutHash(user);
  }

  /** Throws AppError `resource.conflict` when the e-mail address is taken. */
  async create(input: NewUser, caller: Caller): Promise<User> {
    const record = await this.#newRecord(input);
    await this.deps.store.transaction((nouns) => this.#insert(nouns, record, caller));
    return withoutHash(record);
  }

  /** A new password or being disabled ends the user's sessions, the caller's own apart. Throws AppError `resource.conflict` for the last admin. */
  async update(id: string, patch: UserPatch, caller: Caller, principal?: Principal): Promise<User> {
    const { store, clock, audit, passwords, forget } = this.deps;
    const { password, ...change } = patch;
    await this.get(id);
    const passwordHash = password === undefined ? undefined : await passwords.hash(password);
    const updated = await store.transaction(async (nouns) => {
      const before = await nouns.users.byId(id);
      if (!before) throw missing(id);
      const staysAdmin = (change.role ?? 'admin') === 'admin' && !change.disabled;
      if (!staysAdmin) await keepAnAdmin(nouns.users, before);
      const at = iso(clock.now());
      await nouns.users.update(id, { ...change, passwordHash }, at);
      if (passwordHash !== undefined || change.disabled)
        await nouns.sessions.revokeOfUser(
          id,
          at,
          principal?.via.kind === 'session' ? principal.via.id : undefined,
        );
      const detail = {
        email: before.email,
        ...change,
        ...(password === undefined ? {} : { credentialsChanged: true }),
      };
      await audit.within(nouns).record({ action: 'user.update', target: id, detail }, caller);
      return nouns.users.byId(id);
    });
    forget();
    if (!updated) throw missing(id);
    return withoutHash(updated);
  }

  /** Sessions and API keys go with the user. Throws AppError `resource.conflict` for the last admin. */
  async remove(id: string, caller: Caller): Promise<void> {
    const { store, audit, forget } = this.deps;
    await store.transaction(async (nouns) => {
      const user = await nouns.users.byId(id);
      if (!user) throw missing(id);
      await keepAnAdmin(nouns.users, user);
      await nouns.users.remove(id);
      const event = { action: 'user.delete', target: id, detail: { email: user.email } };
      await audit.within(nouns).record(event, caller);
    });
    forget();
  }

  /** Makes the admin of the settings while there is no user; of processes that start at once, one does. True when it was made. */
  async ensureFirstAdmin({ ADMIN_EMAIL: email, ADMIN_PASSWORD: password }: FirstAdmin): Promise<boolean> {
    if (email === undefined || password === undefined) return false;
    if ((await this.deps.store.users.count()) > 0) return false;
    parse(Password, password, '/ADMIN_PASSWORD');
    const record = await this.#newRecord({ email, name: 'Admin', role: 'admin', password });
    return this.deps.store.transaction(async (nouns) => {
      if ((await nouns.users.count()) > 0) return false;
      await this.#insert(nouns, record, SYSTEM);
      return true;
    });
  }

  async #newRecord({ email, name, role, password }: NewUser): Promise<UserRecord> {
    const now = this.deps.clock.now();
    const at = iso(now);
    return {
      id: newId('usr', now),
      email: toEmail(email),
      name,
      role,
      disabled: false,
      createdAt: at,
      updatedAt: at,
      passwordHash: await this.deps.passwords.hash(password),
    };
  }

  async #insert(nouns: Nouns, record: UserRecord, caller: Caller): Promise<void> {
    await nouns.users.insert(record);
    const detail = { email: record.email, name: record.name, role: record.role };
    await this.deps.audit.within(nouns).record({ action: 'user.create', target: record.id, detail }, caller);
  }
}
