import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Seal } from '../base/seal.ts';
import type { Caller } from '../domain/audit.ts';
import type { Secret, SecretInput, SecretPatch, SecretUse } from '../domain/secret.ts';
import type { SecretRecord } from '../store/secrets.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Audit } from './audit.ts';

export interface NamedSecretsDeps {
  store: Store;
  seal: Seal;
  audit: Audit;
  clock: Clock;
  log: Log;
  /** What refers to the secrets of these names, by name. */
  usesOf(names: readonly string[]): Promise<ReadonlyMap<string, readonly SecretUse[]>>;
}

/** What a sealed value is bound to. */
const place = (id: string) => `secret/${id}/value`;

/** The value under the present key; undefined when it is. Throws AppError `storage.sealed`. */
export const resealNamed = (id: string, sealed: string, seal: Seal) => seal.reseal(sealed, place(id));

const missing = (nameOrId: string) =>
  new AppError('resource.notFound', `There is no secret ${JSON.stringify(nameOrId)}`, {
    params: { secret: nameOrId },
  });

const hostOf = (text: string) =>
  text
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');

/** Secrets by name: written, used and never shown. Who may do what is decided before. */
export class NamedSecrets {
  constructor(readonly deps: NamedSecretsDeps) {}

  /**
   * The value, to be sent to a host (as a URL's `hostname`). Throws `secret.missing`, `outbound.blocked` where the secret is not for that
   * host, `storage.sealed`.
   */
  async open(name: string, host: string, pointer: string): Promise<string> {
    const record = await this.#named(name, pointer);
    if (!record.hosts.some((allowed) => allowed === '*' || hostOf(allowed) === hostOf(host)))
      throw new AppError(
        'outbound.blocked',
        `The secret ${JSON.stringify(name)} may not be sent to ${host}`,
        {
          pointer,
          params: { reason: 'secret', secret: name, host },
        },
      );
    return this.deps.seal.open(record.sealed, place(record.id));
  }

  /** Throws `secret.missing` unless there is one of the name. */
  async mustHave(name: string, pointer: string): Promise<void> {
    await this.#named(name, pointer);
  }

  async get(nameOrId: string): Promise<Secret> {
    const [shown] = await this.#shown([await this.#find(nameOrId)]);
    return shown!;
  }

  async list(limit: number, after?: string): Promise<Secret[]> {
    return this.#shown(await this.deps.store.secrets.list(limit, after));
  }

  async create({ name, description = '', value, hosts }: SecretInput, caller: Caller): Promise<Secret> {
    const { store, seal, audit, clock } = this.deps;
    const now = clock.now();
    const id = newId('sec', now);
    const at = iso(now);
    const record: SecretRecord = {
      ...{ id, name, description, sealed: seal.seal(value, place(id)), hosts, version: 1 },
      ...{ createdAt: at, createdBy: caller.actor, updatedAt: at },
    };
    await store.transaction(async (nouns) => {
      await nouns.secrets.insert(record);
      await audit
        .within(nouns)
        .record({ action: 'secret.create', target: id, detail: { name, hosts } }, caller);
    });
    return this.get(id);
  }

  /** A new value is in force from the next call on. */
  async update(nameOrId: string, patch: SecretPatch, caller: Caller): Promise<Secret> {
    const { store, seal, audit, clock } = this.deps;
    const { id } = await this.#find(nameOrId);
    await store.transaction(async (nouns) => {
      const before = await nouns.secrets.find(id);
      if (!before) throw missing(nameOrId);
      const { description = before.description, value, hosts = before.hosts } = patch;
      const sealed = value === undefined ? before.sealed : seal.seal(value, place(id));
      const version = before.version + (value === undefined ? 0 : 1);
      await nouns.secrets.update({
        ...before,
        description,
        sealed,
        hosts,
        version,
        updatedAt: iso(clock.now()),
      });
      const detail = { name: before.name, changed: Object.keys(patch), version };
      await audit.within(nouns).record({ action: 'secret.update', target: id, detail }, caller);
    });
    return this.get(id);
  }

  /** Throws `resource.conflict` while something refers to it. */
  async remove(nameOrId: string, caller: Caller): Promise<void> {
    const { store, audit } = this.deps;
    const { id, name, usedBy } = await this.get(nameOrId);
    if (usedBy.length > 0)
      throw new AppError('resource.conflict', `The secret ${JSON.stringify(name)} is in use`, {
        params: { usedBy },
      });
    await store.transaction(async (nouns) => {
      await nouns.secrets.remove(id);
      await audit.within(nouns).record({ action: 'secret.delete', target: id, detail: { name } }, caller);
    });
  }

  async #named(name: string, pointer: string): Promise<SecretRecord> {
    const record = await this.deps.store.secrets.byName(name);
    if (record) return record;
    throw new AppError('secret.missing', `There is no secret named ${JSON.stringify(name)}`, {
      pointer,
      params: { secret: name },
    });
  }

  async #find(nameOrId: string): Promise<SecretRecord> {
    const found = await this.deps.store.secrets.find(nameOrId);
    if (!found) throw missing(nameOrId);
    return found;
  }

  async #shown(records: readonly SecretRecord[]): Promise<Secret[]> {
    const uses = await this.deps.usesOf(records.map(({ name }) => name));
    return records.map(({ sealed: _, ...rest }) => ({ ...rest, usedBy: uses.get(rest.name) ?? [] }));
  }
}
