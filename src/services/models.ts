import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Caller } from '../domain/audit.ts';
import type {
  Model,
  ModelDefinition,
  ModelFields,
  ModelInput,
  ModelPatch,
  ModelTrial,
} from '../domain/model.ts';
import type { Principal } from '../domain/principal.ts';
import { type CollectedRows, collectRows } from '../engine/collect.ts';
import type { Engine } from '../engine/engine.ts';
import { checkDescriptions, faultOfModel, modelFields } from '../engine/model-check.ts';
import type { Asker, ModelKeys } from '../engine/model-keys.ts';
import type { ModelTitle, OpenedModel } from '../engine/model-subject.ts';
import { type PlanOptions, planModelCheck, planModelRows } from '../engine/plan.ts';
import type { Sources } from '../engine/sources.ts';
import type { Subject } from '../engine/subject.ts';
import type { ModelRecord } from '../store/models.ts';
import type { Store } from '../store/store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Audit } from './audit.ts';
import { countingLimits } from './expression-limits.ts';
import type { ModelOpener } from './model-opener.ts';
import { policyOf } from './policy.ts';

export interface ModelsDeps {
  store: Store;
  audit: Audit;
  clock: Clock;
  opener: ModelOpener;
  keys: ModelKeys;
  engine: Engine;
  sources: Sources;
  metrics: Pick<Metrics, 'limitsHit'>;
  /** What a query is planned with, within at most so many seconds. */
  options: (timeoutS?: number) => PlanOptions;
}

/** Who asks about a model's rows, and in which request. */
export interface ModelRequest {
  principal: Principal;
  requestId: string;
  signal: AbortSignal;
}

export interface ModelPreview extends CollectedRows {
  fields: ModelFields;
}

/** Paths of the API that a name would hide. */
const RESERVED = new Set(['preview']);
const PREVIEW_ROWS = 100;
const PARTS = [
  'from',
  'joins',
  'unpivot',
  'primaryKey',
  'columns',
  'dimensions',
  'measures',
  'descriptions',
  'where',
] as const;

const missing = (nameOrId: string, pointer?: string) =>
  new AppError('resource.notFound', `There is no model ${JSON.stringify(nameOrId)}`, {
    ...(pointer === undefined ? {} : { pointer }),
    params: { model: nameOrId },
  });

const changedMeanwhile = (name: string) =>
  new AppError('resource.conflict', `The model ${JSON.stringify(name)} was changed meanwhile`, {
    pointer: '/version',
    params: { model: name },
  });

const shown = ({ id, name, description, definition, version, createdAt, updatedAt }: ModelRecord): Model => ({
  id,
  name,
  description,
  version,
  ...definition,
  createdAt,
  updatedAt,
});

const titleOf = ({ id, name, version }: ModelRecord): ModelTitle => ({ id, name, version, saved: name });
const unsaved = (name: string): ModelTitle => ({ id: 'model', name, version: 0, saved: undefined });

/** Named sources with joins, dimensions and measures. Who may do what is decided before. */
export class Models {
  constructor(readonly deps: ModelsDeps) {}

  async get(nameOrId: string): Promise<Model> {
    return shown(await this.#find(nameOrId));
  }

  async list(limit: number, after?: string): Promise<Model[]> {
    return (await this.deps.store.models.list(limit, after)).map(shown);
  }

  /** Every part is compiled against the source, and the keys of joins are looked at, before the model is kept. */
  async create(input: ModelInput, request: ModelRequest, caller: Caller): Promise<Model> {
    const { store, clock, audit } = this.deps;
    const { name, description = '', ...definition } = input;
    checkName(name);
    if (await store.models.byName(name)) throw taken(name);
    await this.#check(name, definition, request);
    const now = clock.now();
    const at = iso(now);
    const times = { createdAt: at, createdBy: caller.actor, updatedAt: at };
    const record = { id: newId('mdl', now), name, description, definition, version: 1, ...times };
    await store.transaction(async (nouns) => {
      await nouns.models.insert(record);
      await audit
        .within(nouns)
        .record({ action: 'model.create', target: record.id, detail: { name } }, caller);
    });
    return shown(record);
  }

  /** Parts that are not named stay; the version grows when the definition changes. */
  async update(nameOrId: string, patch: ModelPatch, request: ModelRequest, caller: Caller): Promise<Model> {
    const { store, clock, audit } = this.deps;
    const before = await this.#find(nameOrId);
    if (patch.version !== undefined && patch.version !== before.version) throw changedMeanwhile(before.name);
    if (patch.name !== undefined && patch.name !== before.name) checkName(patch.name);
    const { name = before.name, description = before.description } = patch;
    const definition = patched(before.definition, patch);
    const changed = PARTS.filter((part) => !Bun.deepEquals(definition[part], before.definition[part]));
    if (changed.length > 0) await this.#check(name, definition, request);
    const version = before.version + (changed.length > 0 ? 1 : 0);
    const record = { ...before, name, description, definition, version, updatedAt: iso(clock.now()) };
    const plain = (['name', 'description'] as const).filter((part) => record[part] !== before[part]);
    await store.transaction(async (nouns) => {
      if (!(await nouns.models.update(record, before))) throw changedMeanwhile(before.name);
      const detail = { name, changed: [...plain, ...changed], version };
      await audit.within(nouns).record({ action: 'model.update', target: record.id, detail }, caller);
    });
    return shown(record);
  }

  async remove(nameOrId: string, caller: Caller): Promise<void> {
    const { store, audit } = this.deps;
    const { id, name } = await this.#find(nameOrId);
    await store.transaction(async (nouns) => {
      if (!(await nouns.models.remove(id))) throw missing(nameOrId);
      await audit.within(nouns).record({ action: 'model.delete', target: id, detail: { name } }, caller);
    });
  }

  /** What a query over the model is asked of. Faults of the model have the pointer /from/model. */
  async subject(nameOrId: string, asker: Asker): Promise<Subject> {
    const record = await this.#find(nameOrId, '/from/model');
    const opened = await this.#ofSaved(record, async () => {
      const found = await this.deps.opener.open(titleOf(record), record.definition, asker.signal);
      await this.deps.keys.verify(found, asker, this.deps.options(asker.timeoutS));
      return found;
    });
    return opened.subject;
  }

  /** What stands behind a name without looking at rows: for what is shown and not run. */
  async shownSubject(nameOrId: string, signal: AbortSignal): Promise<Subject> {
    const record = await this.#find(nameOrId, '/from/model');
    const open = () => this.deps.opener.open(titleOf(record), record.definition, signal);
    return (await this.#ofSaved(record, open)).subject;
  }

  /** What a front end can offer of a model, with types as its source has them now. */
  async fields(nameOrId: string, signal: AbortSignal): Promise<ModelFields> {
    const record = await this.#find(nameOrId);
    return this.#ofSaved(record, async () => {
      const title = { ...titleOf(record), saved: undefined };
      return modelFields(await this.deps.opener.open(title, record.definition, signal), this.deps.options());
    });
  }

  /** The first rows of a definition that need not be kept, with all its columns. */
  async preview(trial: ModelTrial, request: ModelRequest): Promise<ModelPreview> {
    const { name = 'preview', description: _, limit = PREVIEW_ROWS, ...definition } = trial;
    return this.#preview(await this.#open(name, definition, request), limit, request);
  }

  async previewSaved(nameOrId: string, limit: number, request: ModelRequest): Promise<ModelPreview> {
    const { name, definition } = await this.#find(nameOrId);
    return this.#preview(await this.#open(name, definition, request), limit, request);
  }

  async #preview(
    { opened, fields }: { opened: OpenedModel; fields: ModelFields },
    limit: number,
    request: ModelRequest,
  ): Promise<ModelPreview> {
    const plan = planModelRows(opened.subject, limit, this.deps.options());
    const answer = await this.deps.engine.ask({ plan, ...askerOf(request), timeoutS: undefined });
    return { ...(await collectRows(answer)), fields };
  }

  /** A definition as its sender sees it, compiled, its keys looked at. */
  async #open(name: string, definition: ModelDefinition, request: ModelRequest) {
    const opened = await this.deps.opener.open(unsaved(name), definition, request.signal);
    const options = this.deps.options();
    const fields = countingLimits(this.deps.metrics, () => modelFields(opened, options));
    await this.deps.keys.verify(opened, askerOf(request), options);
    return { opened, fields };
  }

  /** As `#open`; the database is asked whether it takes the statement too. */
  async #check(name: string, definition: ModelDefinition, request: ModelRequest): Promise<void> {
    const { opened, fields } = await this.#open(name, definition, request);
    checkDescriptions(definition, fields);
    const { connection } = opened.subject;
    if (!connection) return;
    const { job } = planModelRows(opened.subject, 1, this.deps.options());
    if (job.kind !== 'rows') return;
    try {
      await this.deps.sources.facts.describe(connection, job.statement, request.signal);
      // Tables that are distributed over servers may not be joined by any column, which only planning tells.
      const plan = definition.joins?.length ? planModelCheck(opened.subject, this.deps.options()) : undefined;
      if (plan)
        await collectRows(await this.deps.engine.ask({ plan, ...askerOf(request), timeoutS: undefined }));
    } catch (error) {
      const isRefused =
        error instanceof AppError && (error.code === 'query.failed' || error.code === 'query.unsupported');
      throw isRefused ? notTaken(error) : error;
    }
  }

  async #find(nameOrId: string, pointer?: string): Promise<ModelRecord> {
    const { models } = this.deps.store;
    const found = (await models.byId(nameOrId)) ?? (await models.byName(nameOrId));
    if (!found) throw missing(nameOrId, pointer);
    return found;
  }

  async #ofSaved<T>({ name }: ModelRecord, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof AppError && error.pointer !== undefined ? faultOfModel(error, name) : error;
    }
  }
}

const notTaken = ({ code, message, params, cause }: AppError) =>
  new AppError(code, `The database does not take the model's statement: ${message}`, {
    pointer: '/joins',
    params,
    cause,
  });

const askerOf = ({ principal, requestId, signal }: ModelRequest): Asker => ({
  userId: principal.userId,
  policy: policyOf(principal),
  requestId,
  signal,
  fresh: true,
});

const taken = (name: string) =>
  new AppError('resource.conflict', `There is a model named ${JSON.stringify(name)} already`, {
    pointer: '/name',
    params: { name },
  });

function checkName(name: string): void {
  if (!RESERVED.has(name)) return;
  throw new AppError('resource.conflict', `The name ${JSON.stringify(name)} is kept for a path of the API`, {
    pointer: '/name',
    params: { name },
  });
}

/** The definition with the parts that a patch names in the place of its own; null takes one away. */
function patched(definition: ModelDefinition, patch: ModelPatch): ModelDefinition {
  const entries = PARTS.flatMap((part) => {
    const value = patch[part] === undefined ? definition[part] : patch[part];
    return value === undefined || value === null ? [] : [[part, value] as const];
  });
  return Object.fromEntries(entries) as unknown as ModelDefinition;
}
