import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Caller } from '../domain/audit.ts';
import type { Column } from '../domain/column.ts';
import { parse } from '../domain/schema.ts';
import {
  type SyncedColumn,
  type SyncRunInput,
  type SyncTask,
  SyncTaskInput,
  type SyncTaskPatch,
} from '../domain/sync-task.ts';
import type { DatasetStore } from '../store/datasets.ts';
import type { Store } from '../store/store.ts';
import type { Audit } from './audit.ts';
import type { Datasets } from './datasets.ts';
import { backfillRange } from './sync/backfill-range.ts';
import type { Drift } from './sync/drift.ts';
import { checkFields, openSource, planRead } from './sync/plan-read.ts';
import type { SyncSource, SyncSources } from './sync-source.ts';

export interface SyncTasksDeps {
  store: Store;
  datasetStore: DatasetStore;
  datasets: Pick<Datasets, 'remove'>;
  sources: SyncSources;
  audit: Audit;
  clock: Clock;
  timeoutS: number;
}

/** What a run would read. */
export interface DryRun {
  columns: SyncedColumn[];
  /** Of the dataset, those that the source has no more. */
  absent: string[];
  drift: Drift;
  /** Of the source in all, as far as it knows. */
  estimatedRows: number | null;
  /** From where on an incremental run would read; null for everything. */
  cursor: string | null;
  sample: { columns: readonly Column[]; rows: readonly (readonly unknown[])[] };
}

const SAMPLE_ROWS = 20;
const ATTEMPTS = 5;

const missing = (nameOrId: string, pointer?: string) =>
  new AppError('resource.notFound', `There is no sync task ${JSON.stringify(nameOrId)}`, {
    pointer,
    params: { task: nameOrId },
  });

/** What decides which rows and columns the dataset has: a change of it begins anew. How far back a cursor looks does not. */
const decisive = ({ source, dataset, mode, cursor, primaryKey, deletes, columns }: SyncTask) => ({
  ...{ source, dataset, mode, cursor: cursor?.column, primaryKey, columns },
  // Keys are compared all at once, in each run.
  deletes: deletes && 'column' in deletes ? deletes : undefined,
});

/** What the source is asked about. */
const named = ({ source, mode, cursor, primaryKey, deletes, columns }: SyncTask) => [
  source,
  mode,
  cursor,
  primaryKey,
  deletes,
  columns,
];

/** Tasks that keep datasets fresh. Who may do what is decided before. */
export class SyncTasks {
  constructor(readonly deps: SyncTasksDeps) {}

  find(id: string): Promise<SyncTask | undefined> {
    return this.deps.store.syncTasks.byId(id);
  }

  /** By id, else by name. Throws `resource.notFound` with the pointer given. */
  async get(nameOrId: string, pointer?: string): Promise<SyncTask> {
    const { syncTasks } = this.deps.store;
    const task = (await syncTasks.byId(nameOrId)) ?? (await syncTasks.byName(nameOrId));
    if (!task) throw missing(nameOrId, pointer);
    return task;
  }

  list(limit: number, after?: string): Promise<SyncTask[]> {
    return this.deps.store.syncTasks.list(limit, after);
  }

  /** The source is asked whether it has what the task names. */
  async create(input: SyncTaskInput, caller: Caller, signal: AbortSignal): Promise<SyncTask> {
    const { store, clock, audit } = this.deps;
    const now = clock.now();
    const at = iso(now);
    const task: SyncTask = {
      ...input,
      id: newId('tsk', now),
      description: input.description ?? '',
      drift: input.drift ?? 'add',
      datasetId: await this.#datasetNamed(input.dataset),
      checkpoint: null,
      version: 1,
      createdAt: at,
      createdBy: caller.actor,
      updatedAt: at,
    };
    await this.#check(task, signal);
    await store.transaction(async (nouns) => {
      await nouns.syncTasks.insert(task);
      const detail = { name: task.name, dataset: task.dataset, mode: task.mode, source: task.source.kind };
      await audit.within(nouns).record({ action: 'syncTask.create', target: task.id, detail }, caller);
    });
    return task;
  }

  /**
   * Fields that are not named stay; null takes an optional one away. A change of what decides the rows resets the checkpoint. The source is asked
   * where the change is about it, so that the rest can be changed while it is down.
   */
  async update(
    nameOrId: string,
    patch: SyncTaskPatch,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<SyncTask> {
    for (let attempt = 1; ; attempt++) {
      const before = await this.get(nameOrId);
      if (await this.#replace(before, patch, caller, signal)) return this.get(before.id);
      if (attempt === ATTEMPTS)
        throw new AppError('resource.conflict', 'The sync task is being changed by others; try again');
    }
  }

  /** False when others, or the first publication of a run, have changed the task since. */
  async #replace(
    before: SyncTask,
    patch: SyncTaskPatch,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { store, clock, audit } = this.deps;
    if (patch.dataset !== undefined && patch.dataset !== before.dataset && before.datasetId !== null)
      throw new AppError('resource.conflict', 'The dataset of a task that has run stays; make another task', {
        pointer: '/dataset',
      });
    const input = parse(SyncTaskInput, merged(before, patch));
    const dataset = before.datasetId ?? (await this.#datasetNamed(input.dataset));
    const { id, checkpoint, version, createdAt, createdBy } = before;
    const task: SyncTask = {
      ...input,
      ...{ id, checkpoint, version, createdAt, createdBy, datasetId: dataset, updatedAt: iso(clock.now()) },
      description: input.description ?? '',
      drift: input.drift ?? 'add',
    };
    const isAnew = !Bun.deepEquals(decisive(before), decisive(task));
    if (Bun.deepEquals(named(before), named(task))) checkFields(task);
    else await this.#check(task, signal);
    return store.transaction(async (nouns) => {
      const now = await nouns.syncTasks.byId(id);
      if (!now) throw missing(id);
      if (now.updatedAt !== before.updatedAt || now.datasetId !== before.datasetId) return false;
      await nouns.syncTasks.update(task);
      if (isAnew) await nouns.syncTasks.dropCheckpoint(id, task.updatedAt);
      const detail = { name: task.name, changed: Object.keys(patch), reset: isAnew };
      await audit.within(nouns).record({ action: 'syncTask.update', target: id, detail }, caller);
      return true;
    });
  }

  /** Runs that wait or go on end. The dataset stays, unless it is to go too. */
  async remove(nameOrId: string, withDataset: boolean, caller: Caller): Promise<void> {
    const { store, audit, datasets, clock } = this.deps;
    const { id, name, datasetId } = await this.get(nameOrId);
    await store.transaction(async (nouns) => {
      await nouns.syncTasks.remove(id);
      await nouns.runs.abortAllOf(id, iso(clock.now()));
      const detail = { name, datasetId, withDataset };
      await audit.within(nouns).record({ action: 'syncTask.delete', target: id, detail }, caller);
    });
    if (withDataset && datasetId !== null) await datasets.remove(datasetId, caller);
  }

  /** The next run reads everything and makes the dataset anew. */
  async reset(nameOrId: string, caller: Caller): Promise<SyncTask> {
    const { store, audit, clock } = this.deps;
    const { id, name } = await this.get(nameOrId);
    await store.transaction(async (nouns) => {
      await nouns.syncTasks.dropCheckpoint(id, iso(clock.now()));
      await audit.within(nouns).record({ action: 'syncTask.reset', target: id, detail: { name } }, caller);
    });
    return this.get(id);
  }

  /** What a run would read; nothing is written. */
  async dryRun(nameOrId: string, signal: AbortSignal): Promise<DryRun> {
    const task = await this.get(nameOrId);
    const cursor = task.checkpoint?.cursor ?? null;
    return this.#withSource(task, signal, async (source) => {
      const { estimatedRows, isUnknown } = await source.shape(signal);
      if (isUnknown) {
        const drift = { added: [], dropped: [], changed: [] };
        return { columns: [], absent: [], drift, estimatedRows, cursor, sample: { columns: [], rows: [] } };
      }
      const plan = await planRead(source, task, {}, this.#timeoutMs(task), signal);
      const { schema: columns, absent, drift, read } = plan;
      const sample = await source.preview(read, SAMPLE_ROWS, signal);
      return { columns, absent, drift, estimatedRows, cursor, sample };
    });
  }

  /** What a run may be told of this task; AppError `request.invalid` otherwise. */
  checkRun(task: SyncTask, { backfill, full }: SyncRunInput): void {
    if (!backfill) return;
    if (full)
      throw new AppError('request.invalid', 'Of /backfill and /full one at most', { pointer: '/full' });
    backfillRange(task, backfill);
  }

  #timeoutMs({ timeoutS = this.deps.timeoutS }: SyncTask): number {
    return timeoutS * 1000;
  }

  async #check(task: SyncTask, signal: AbortSignal): Promise<void> {
    checkFields(task);
    await this.#withSource(task, signal, async (source) => {
      if ((await source.shape(signal)).isUnknown) return;
      await planRead(source, { ...task, checkpoint: null }, {}, this.#timeoutMs(task), signal);
    });
  }

  async #withSource<T>(
    task: SyncTask,
    signal: AbortSignal,
    work: (source: SyncSource) => Promise<T>,
  ): Promise<T> {
    const source = await openSource(this.deps.sources, task.source, signal);
    try {
      return await work(source);
    } finally {
      await source.close?.();
    }
  }

  /** A dataset that is there already, and is to be the task's. */
  async #datasetNamed(name: string): Promise<string | null> {
    const { datasetStore, store } = this.deps;
    if (!(await datasetStore.hasName(name))) return null;
    const { id } = await datasetStore.find(name, '/dataset');
    const owner = await store.syncTasks.ownerOf(id, undefined);
    if (!owner) return id;
    throw new AppError(
      'resource.conflict',
      `The dataset ${JSON.stringify(name)} belongs to the sync task ${owner.name}`,
      {
        pointer: '/dataset',
        params: { dataset: name, task: owner.id },
      },
    );
  }
}

function merged(task: SyncTask, patch: SyncTaskPatch): Record<string, unknown> {
  const { id, datasetId, checkpoint, version, createdAt, createdBy, updatedAt, ...input } = task;
  return Object.fromEntries(
    Object.entries({ ...input, ...patch }).filter(([, value]) => value !== null && value !== undefined),
  );
}
