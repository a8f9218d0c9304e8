import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Seal } from '../base/seal.ts';
import type { Caller } from '../domain/audit.ts';
import type {
  Datasource,
  DatasourceConnection,
  DatasourceInput,
  DatasourcePatch,
  DatasourceSettings,
  DatasourceSummary,
  ServerFacts,
  SourceEngine,
} from '../domain/datasource.ts';
import type { EngineTable } from '../domain/engine-settings.ts';
import { buildSettings } from '../domain/source-settings.ts';
import type { DatasourceRecord } from '../store/datasources.ts';
import type { Nouns, Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Audit } from './audit.ts';
import { openReadable, openSettings, sealSettings, secretsIn, shownSettings } from './datasource-secrets.ts';
import type { ManagedDatasource } from './managed-datasources.ts';
import { type MetadataLogin, refuseMetadataLogin } from './metadata-login.ts';
import type { SourceAccess } from './source-access.ts';

export interface DatasourcesDeps {
  store: Store;
  access: Pick<SourceAccess, 'forget'>;
  seal: Seal;
  engines: EngineTable;
  managed: readonly ManagedDatasource[];
  /** Where metadata is on a server: no datasource may be its login. */
  metadata?: MetadataLogin | undefined;
  audit: Audit;
  clock: Clock;
  log: Log;
}

type Found = { record: DatasourceRecord } | { managed: ManagedDatasource };

/** Paths of the API that a name would hide. */
const RESERVED = new Set(['test']);

const taken = (name: string, why: string) =>
  new AppError('resource.conflict', `The name ${JSON.stringify(name)} ${why}`, {
    pointer: '/name',
    params: { name },
  });

const missing = (nameOrId: string, pointer?: string) =>
  new AppError('resource.notFound', `There is no datasource ${JSON.stringify(nameOrId)}`, {
    ...(pointer === undefined ? {} : { pointer }),
    params: { datasource: nameOrId },
  });

const SHOWN_READERS = 20;

/** A sync task that reads the datasource by one of these names would fail from now on. */
async function refuseReaders(
  names: readonly string[],
  { syncTasks }: Pick<Nouns, 'syncTasks'>,
  pointer?: string,
): Promise<void> {
  const usedBy = await syncTasks.readersOf(names, SHOWN_READERS);
  if (usedBy.length === 0) return;
  throw new AppError(
    'resource.conflict',
    `The datasource is read by the sync task ${JSON.stringify(usedBy[0]!.name)}${usedBy.length > 1 ? ' and others' : ''}`,
    { pointer, params: { usedBy: usedBy.map((task) => ({ kind: 'syncTask', ...task })) } },
  );
}

const productOf = (facts: ServerFacts | undefined) => (facts ? { product: facts.product } : {});

/** Databases that reports are made from. Who may do what is decided before. */
export class Datasources {
  /** What the servers of managed datasources said, by id. */
  readonly #managedFacts = new Map<string, ServerFacts>();

  constructor(readonly deps: DatasourcesDeps) {}

  /** What the query path needs, by id or name, secrets opened. Throws `resource.notFound`, `storage.sealed`. */
  async resolve(nameOrId: string, pointer?: string): Promise<DatasourceConnection> {
    const found = await this.#find(nameOrId, pointer);
    if ('managed' in found) {
      const { id, version, type: engine, settings } = found.managed;
      const product = productOf(this.#managedFacts.get(id));
      return { id, name: await this.#shownName(found.managed), version, engine, settings, ...product };
    }
    const { id, name, version, type: engine, settings, secrets, facts } = found.record;
    const opened = openSettings(id, settings, secrets, this.deps.seal);
    refuseMetadataLogin(this.deps.metadata, engine, opened, 'datasource.rights');
    return { id, name, version, engine, settings: opened, ...productOf(facts) };
  }

  async get(nameOrId: string): Promise<Datasource> {
    return this.#shown(await this.#find(nameOrId));
  }

  /** In order of ids, those after `after`; those of the environment among them. */
  async list(limit: number, after?: string): Promise<Datasource[]> {
    const records = await this.deps.store.datasources.list(limit, after);
    const managed = this.deps.managed.filter(({ id }) => after === undefined || id > after);
    const found: Found[] = [
      ...records.map((record) => ({ record })),
      ...managed.map((each) => ({ managed: each })),
    ];
    const all = await Promise.all(found.map((each) => this.#shown(each)));
    return all.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit);
  }

  async create(input: DatasourceInput, caller: Caller): Promise<Datasource> {
    const { store, seal, engines, clock, audit } = this.deps;
    const { name, type, description = '' } = input;
    this.#checkName(name);
    const complete = buildSettings(input, type, engines);
    this.checkLogin(input, type, complete);
    const now = clock.now();
    const id = newId('ds', now);
    const at = iso(now);
    const record: DatasourceRecord = {
      ...{ id, name, type, description, version: 1, facts: undefined },
      ...sealSettings(id, complete, seal),
      ...{ createdAt: at, createdBy: caller.actor, updatedAt: at },
    };
    await store.transaction(async (nouns) => {
      await nouns.datasources.insert(record);
      const { host, port, database, user } = complete;
      const detail = { name, type, host, port, database, user };
      await audit.within(nouns).record({ action: 'datasource.create', target: id, detail }, caller);
    });
    return this.#shown({ record });
  }

  /** Settings that are not named stay; the version grows when any is changed. A name by which a sync task reads it stays (`resource.conflict`). */
  async update(nameOrId: string, patch: DatasourcePatch, caller: Caller): Promise<Datasource> {
    const { store, clock, audit, access } = this.deps;
    const { id } = await this.#own(nameOrId);
    if (patch.name !== undefined) this.#checkName(patch.name);
    const changed = await store.transaction(async (nouns) => {
      const before = await nouns.datasources.byId(id);
      if (!before) throw missing(nameOrId);
      const { record, fields } = this.#patched(before, patch);
      if (record.name !== before.name) await refuseReaders([before.name], nouns, '/name');
      await nouns.datasources.update({ ...record, updatedAt: iso(clock.now()) });
      const detail = { name: record.name, changed: fields, version: record.version };
      await audit.within(nouns).record({ action: 'datasource.update', target: id, detail }, caller);
      return record.version !== before.version;
    });
    if (changed) access.forget(id);
    return this.get(id);
  }

  /** Throws `resource.conflict` while a sync task reads it. */
  async remove(nameOrId: string, caller: Caller): Promise<void> {
    const { store, audit, access } = this.deps;
    const { id } = await this.#own(nameOrId);
    await store.transaction(async (nouns) => {
      const before = await nouns.datasources.byId(id);
      if (!before) throw missing(nameOrId);
      await refuseReaders([id, before.name], nouns);
      await nouns.datasources.remove(id);
      const detail = { name: before.name, type: before.type };
      await audit.within(nouns).record({ action: 'datasource.delete', target: id, detail }, caller);
    });
    access.forget(id);
  }

  /** What the server said of itself when it was last asked; undefined before, and after a change of settings. */
  async knownFacts({ id, version }: DatasourceConnection): Promise<ServerFacts | undefined> {
    const managed = this.#managedFacts.get(id);
    if (managed) return managed;
    const record = await this.deps.store.datasources.byId(id);
    return record?.version === version ? record.facts : undefined;
  }

  async keepFacts({ id, version }: DatasourceConnection, facts: ServerFacts): Promise<void> {
    if (this.deps.managed.some((each) => each.id === id)) this.#managedFacts.set(id, facts);
    else await this.deps.store.datasources.keepFacts(id, version, facts);
  }

  #patched(before: DatasourceRecord, patch: DatasourcePatch): { record: DatasourceRecord; fields: string[] } {
    const { name = before.name, description = before.description, dsn, settings } = patch;
    const described = { ...before, name, description };
    const plain = Object.keys(patch).filter((field) => field === 'name' || field === 'description');
    if (dsn === undefined && settings === undefined) return { record: described, fields: plain };
    const { seal, engines } = this.deps;
    const { settings: current, lost } = openReadable(before.id, before.settings, before.secrets, seal);
    const complete = buildSettings({ dsn, settings }, before.type, engines, { ...current });
    refuseLost(lost, complete, settings);
    this.checkLogin(patch, before.type, complete);
    const changes = changedFields(current, complete);
    if (changes.length === 0 && lost.length === 0) return { record: described, fields: plain };
    const sealed = sealSettings(before.id, complete, seal);
    const record = { ...described, ...sealed, version: before.version + 1 };
    return { record, fields: [...plain, ...changes] };
  }

  /** Throws `request.invalid` where the settings sign in as the service itself does on its metadata's server. */
  checkLogin({ dsn }: { dsn?: string }, type: SourceEngine, settings: DatasourceSettings): void {
    const pointer = dsn === undefined ? '/settings' : '/dsn';
    refuseMetadataLogin(this.deps.metadata, type, settings, 'request.invalid', pointer);
  }

  #checkName(name: string): void {
    if (RESERVED.has(name)) throw taken(name, 'is kept for a path of the API');
    const managed = this.deps.managed.find((each) => each.name === name || each.alias === name);
    if (managed) throw taken(name, `is that of the datasource of ${managed.setting}`);
  }

  async #find(nameOrId: string, pointer?: string): Promise<Found> {
    const { store, managed } = this.deps;
    const byId = await store.datasources.byId(nameOrId);
    const managedById = managed.find(({ id }) => id === nameOrId);
    if (byId) return { record: byId };
    if (managedById) return { managed: managedById };
    const byName = await store.datasources.byName(nameOrId);
    if (byName) return { record: byName };
    const managedByName = managed.find(({ name, alias }) => name === nameOrId || alias === nameOrId);
    if (managedByName) return { managed: managedByName };
    throw missing(nameOrId, pointer);
  }

  /** One that may be changed. */
  async #own(nameOrId: string): Promise<DatasourceRecord> {
    const found = await this.#find(nameOrId);
    if ('record' in found) return found.record;
    const { name, setting } = found.managed;
    throw new AppError(
      'resource.conflict',
      `The datasource ${name} is defined by the environment; change or unset ${setting} and start the service again`,
      { params: { setting } },
    );
  }

  /** A stored datasource keeps its name where the environment's would have it too. */
  async #shownName({ name, alias }: ManagedDatasource): Promise<string> {
    return (await this.deps.store.datasources.byName(name)) ? alias : name;
  }

  async #shown(found: Found): Promise<Datasource> {
    if ('managed' in found) {
      const { id, type, description, settings, version } = found.managed;
      const name = await this.#shownName(found.managed);
      const shown = shownSettings(settings, secretsIn(settings));
      const server = this.#managedFacts.get(id) ?? null;
      const times = { createdAt: null, updatedAt: null };
      return { id, name, type, description, managed: true, version, settings: shown, server, ...times };
    }
    const { id, name, type, description, settings, secrets, version, facts, createdAt, updatedAt } =
      found.record;
    const shown = shownSettings(settings, Object.keys(secrets));
    const server = facts ?? null;
    return {
      id,
      name,
      type,
      description,
      managed: false,
      version,
      settings: shown,
      server,
      createdAt,
      updatedAt,
    };
  }
}

/** What everybody who may read knows of it. */
export function summaryOf({ id, name, type, description, managed }: Datasource): DatasourceSummary {
  return { id, name, type, description, managed };
}

function changedFields(before: DatasourceSettings, after: DatasourceSettings): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof DatasourceSettings>;
  return [...names].filter((name) => !Bun.deepEquals(before[name], after[name]));
}

/** A secret that no key opens must be given anew or taken away; it must not vanish by a change of something else. */
function refuseLost(
  lost: readonly string[],
  complete: DatasourceSettings,
  settings: Record<string, unknown> | undefined,
): void {
  const has = secretsIn(complete) as string[];
  for (const field of lost) {
    if (has.includes(field)) continue;
    const tls = settings?.tls as Record<string, unknown> | null | undefined;
    const isTaken = field === 'password' ? settings?.password === null : tls === null || tls?.ca === null;
    if (!isTaken)
      throw new AppError(
        'storage.sealed',
        `The stored ${field} was sealed with another SECRET_KEY; give it again, or take it away with null`,
        { pointer: field === 'password' ? '/settings/password' : '/settings/tls/ca' },
      );
  }
}
