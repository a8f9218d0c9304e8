import { join } from 'node:path';
import { iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { type FaultPoints, NO_FAULTS } from '../base/fault-point.ts';
import { newId } from '../base/ids.ts';
import { Lru } from '../base/lru.ts';
import type { AuditEvent, Caller } from '../domain/audit.ts';
import {
  type Dataset,
  type DatasetSource,
  type Generation,
  originalName,
  rejectedName,
} from '../domain/dataset.ts';
import type { LoadOptions, NewUpload, Reload, ReplaceOptions } from '../domain/upload.ts';
import { during } from '../lake/bucket/files.ts';
import { collectFiles } from '../lake/collect.ts';
import type { Cell, ResultOf } from '../lake/jobs.ts';
import type { Staging } from '../lake/staging.ts';
import { datasetMissing } from '../store/datasets.ts';
import type { Log } from '../telemetry/log.ts';
import { DatasetLoader, type LoaderDeps, type StagedFile } from './dataset-loader.ts';
import { ViewsFile } from './views-file.ts';

export interface DatasetsDeps extends LoaderDeps {
  log: Log;
  keepGenerations: number;
  graceSeconds: number;
  /** The sync task that a dataset belongs to, by the dataset's id, or by its name where it is not there yet. */
  ownerOf?:
    | ((
        id: string | undefined,
        name: string | undefined,
      ) => Promise<{ id: string; name: string } | undefined>)
    | undefined;
  /** Writes to the audit log. */
  record?: ((event: AuditEvent, caller: Caller) => Promise<void>) | undefined;
  /** Tests that kill processes name the places. */
  faults?: FaultPoints | undefined;
}

export type Profile = ResultOf['profile'];

const notKept = (generation: number) =>
  new AppError(
    'resource.notFound',
    `The upload of generation ${generation} is not kept: it is Parquet, generated, synced, or larger than DATASET_ORIGINAL_MAX_BYTES. Upload the file again`,
    { pointer: '/generation', params: { generation, limit: 'DATASET_ORIGINAL_MAX_BYTES' } },
  );

const PROFILE_CACHE_BYTES = 8 << 20;

/** Datasets: uploads, generations, and what stands in them. Who may do what is decided before. */
export class Datasets {
  readonly views: ViewsFile;
  readonly #loader: DatasetLoader;
  readonly #profiles = new Lru<Profile>(PROFILE_CACHE_BYTES);

  constructor(readonly deps: DatasetsDeps) {
    this.#loader = new DatasetLoader(deps);
    this.views = new ViewsFile(deps);
  }

  resolve(nameOrId: string, pointer?: string): Promise<DatasetSource> {
    return this.deps.store.resolve(nameOrId, pointer);
  }

  /** All datasets, as queries need them. */
  sources(): Promise<DatasetSource[]> {
    return this.deps.store.sources();
  }

  get(nameOrId: string): Promise<Dataset> {
    return this.deps.store.find(nameOrId);
  }

  list(limit: number, after: string | undefined): Promise<Dataset[]> {
    return this.deps.store.list(limit, after);
  }

  async generations(nameOrId: string): Promise<Generation[]> {
    return this.deps.store.generations(nameOrId);
  }

  /** Runs an upload in one of the slots of UPLOAD_CONCURRENCY; `receive` writes the file to the staging it is given. */
  upload<T>(receive: (staging: Staging) => Promise<T>): Promise<T> {
    return this.#loader.slot(async () => {
      const staging = await this.#loader.stage();
      try {
        return await receive(staging);
      } finally {
        await staging.discard();
      }
    });
  }

  /** A new dataset; with `replace`, a new generation of the one that has the name. Call it within `upload`. */
  async create(
    file: StagedFile,
    { name, description = '', replace = false, ...fields }: NewUpload,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<Dataset> {
    if (name === undefined) throw new AppError('request.invalid', '/name is required', { pointer: '/name' });
    await this.#refuseOwned(undefined, name);
    if (await this.deps.store.hasName(name)) {
      if (replace) return this.addGeneration(name, file, fields, caller, signal);
      throw new AppError(
        'resource.conflict',
        `There is a dataset named ${JSON.stringify(name)} already; send replace=true to load a new generation`,
        {
          pointer: '/name',
          params: { name },
        },
      );
    }
    const id = newId('dst', this.deps.clock.now());
    const { minRowsShare: _share, acceptFewerRows: _accept, ...options } = fields;
    const dataset = { id, name, description, createdBy: caller.actor };
    const made = await this.#loader.load(file, { kind: 'new', dataset }, options, caller.actor, signal);
    const detail = { name, rows: made.rowCount, file: file.sourceName };
    await this.#published({ action: 'dataset.create', target: id, detail }, caller);
    return this.get(id);
  }

  /** A new generation of a dataset. Call it within `upload`. */
  async addGeneration(
    nameOrId: string,
    file: StagedFile,
    { minRowsShare, acceptFewerRows, ...options }: LoadOptions & ReplaceOptions,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<Dataset> {
    const { id, name } = await this.get(nameOrId);
    await this.#refuseOwned(id, undefined);
    const made = await this.#loader.load(
      file,
      { kind: 'existing', id, check: { minRowsShare, acceptFewerRows } },
      options,
      caller.actor,
      signal,
    );
    const { generation, rowCount, bytes, columns, rejected, warnings } = made;
    const detail = { name, generation, rows: rowCount, file: file.sourceName };
    await this.#published({ action: 'dataset.load', target: id, detail }, caller);
    const { warnings: _, encoding: __, original: ___, ...current } = await this.get(id);
    const said = warnings.length > 0 ? { warnings: [...warnings] } : {};
    const { encoding, original } = made.origin ?? {};
    return {
      ...current,
      generation,
      rowCount,
      bytes,
      columns: [...columns],
      rejected,
      ...(encoding ? { encoding } : {}),
      ...(original ? { original: { bytes: original.bytes } } : {}),
      ...said,
    };
  }

  /** A new generation from the kept upload of one, the current one unless it is named, read with other options. */
  async reload(
    nameOrId: string,
    { generation, ...options }: Reload,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<Dataset> {
    const { id, generation: current } = await this.get(nameOrId);
    const from = generation ?? current;
    const { original, sourceName } = await this.deps.store.originOf(id, from);
    if (!original) throw notKept(from);
    const path = join(this.deps.folders.datasets, id, originalName(from));
    return this.#loader.slot(() =>
      during(this.deps.files, [path], signal, async () => {
        if (!(await Bun.file(path).exists())) throw notKept(from);
        const file = { staging: { path, bytes: original.bytes }, sourceName, mediaType: original.mediaType };
        return this.addGeneration(id, file, { ...original.options, ...options }, caller, signal);
      }),
    );
  }

  async update(
    nameOrId: string,
    change: { name?: string | undefined; description?: string | undefined },
    caller: Caller,
  ): Promise<Dataset> {
    const { id } = await this.get(nameOrId);
    await this.deps.store.describe(id, change, iso(this.deps.clock.now()));
    await this.#published({ action: 'dataset.update', target: id, detail: change }, caller);
    return this.get(id);
  }

  async remove(nameOrId: string, caller: Caller): Promise<void> {
    const { id, name } = await this.get(nameOrId);
    await this.#refuseOwned(id, undefined);
    const isRemoved = await this.deps.store.remove(id, iso(this.deps.clock.now()));
    if (!isRemoved) throw datasetMissing(nameOrId);
    await this.#published({ action: 'dataset.delete', target: id, detail: { name } }, caller);
  }

  async rollback(nameOrId: string, generation: number, caller: Caller): Promise<Dataset> {
    const { id, generation: from } = await this.get(nameOrId);
    await this.#refuseOwned(id, undefined);
    await this.deps.store.rollback(id, generation, iso(this.deps.clock.now()));
    await this.#published(
      { action: 'dataset.rollback', target: id, detail: { from, to: generation } },
      caller,
    );
    return this.get(id);
  }

  async preview(
    nameOrId: string,
    limit: number,
    offset: number,
    signal: AbortSignal,
  ): Promise<{ dataset: Dataset; rows: Cell[][] }> {
    const dataset = await this.get(nameOrId);
    const { files, columns } = await this.resolve(dataset.id);
    const job = { kind: 'preview' as const, files, columns, limit, offset };
    const run = () => this.deps.ingest.run<'preview'>(job, { signal });
    return { dataset, rows: await during(this.deps.files, files, signal, run) };
  }

  /** What stands in each column of the current generation; computed once a generation. */
  async profile(
    nameOrId: string,
    signal: AbortSignal,
  ): Promise<Profile & { id: string; generation: number }> {
    const { id, generation, files, columns } = await this.resolve(nameOrId);
    const key = `${id}@${generation}`;
    let found = this.#profiles.get(key);
    if (!found) {
      const run = () => this.deps.ingest.run<'profile'>({ kind: 'profile', files, columns }, { signal });
      found = await during(this.deps.files, files, signal, run);
      this.#profiles.set(key, found, JSON.stringify(found).length * 2);
    }
    return { id, generation, ...found };
  }

  /** The file of a generation's rejected rows, one JSON object a line; undefined where there are none. */
  async rejectedFile(nameOrId: string, generation: number, signal: AbortSignal): Promise<string | undefined> {
    const { id } = await this.get(nameOrId);
    const found = (await this.generations(id)).find((each) => each.generation === generation);
    if (!found) throw new AppError('resource.notFound', `The dataset has no generation ${generation}`);
    if (found.rejected.count === 0) return undefined;
    const path = join(this.deps.folders.datasets, id, rejectedName(generation));
    const release = await this.deps.files.hold([path], signal);
    release();
    return path;
  }

  /**
   * Drops generations past DATASET_KEEP_GENERATIONS and removes files that nobody needs: left by processes that died, never published,
   * or out of use for DATASET_GRACE_SECONDS. Sees to the file of views as well. Safe at any time, in any number of processes.
   */
  async collect(): Promise<number> {
    const { store, folders, clock, metrics, log, keepGenerations, graceSeconds } = this.deps;
    const { faults = NO_FAULTS } = this.deps;
    const now = clock.now();
    await store.prune(keepGenerations, iso(now));
    const { files, forgotten } = await collectFiles(
      folders,
      async () => {
        await faults.reach('collect.listed');
        return store.known();
      },
      iso(now - graceSeconds * 1000),
    );
    await faults.reach('collect.removed');
    // A file that one host has no more may be in the bucket: who removes it there forgets it.
    if (!this.deps.files.isShared) await store.forget(forgotten);
    metrics.filesCollected.inc(files);
    metrics.datasets.set((await store.totals()).count);
    if (files > 0) log.info('datasets.collected', { files });
    await this.views.catchUp();
    return files;
  }

  /** Makes the dataset `orders`, a million generated rows, unless the name is taken. Says whether it did. */
  async ensureDemo(caller: Caller, rows = 1_000_000): Promise<boolean> {
    const name = 'orders';
    if (await this.deps.store.hasName(name)) return false;
    const id = newId('dst', this.deps.clock.now());
    const description = 'Generated orders of three years, to try things out';
    await this.#loader.demo({ id, name, description, createdBy: caller.actor }, rows);
    await this.#published({ action: 'dataset.create', target: id, detail: { name, demo: true } }, caller);
    return true;
  }

  /** What a task keeps fresh is changed by the task alone: its checkpoint tells what is in it. */
  async #refuseOwned(id: string | undefined, name: string | undefined): Promise<void> {
    const isThere = name !== undefined && (await this.deps.store.hasName(name));
    const owner = await this.deps.ownerOf?.(isThere ? (await this.get(name)).id : id, name);
    if (!owner) return;
    throw new AppError(
      'dataset.owned',
      `The sync task ${JSON.stringify(owner.name)} keeps this dataset; change or delete the task`,
      { params: { task: owner.id }, ...(name === undefined ? {} : { pointer: '/name' }) },
    );
  }

  async #published(event: AuditEvent, caller: Caller): Promise<void> {
    this.views.refresh();
    this.deps.metrics.datasets.set((await this.deps.store.totals()).count);
    await this.deps.record?.(event, caller);
  }
}
