import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { QueueFull, Semaphore } from '../base/semaphore.ts';
import type { LoadOptions, Origin } from '../domain/upload.ts';
import type { DatasetFiles } from '../lake/bucket/files.ts';
import { toAppError } from '../lake/engine-errors.ts';
import type { Folders } from '../lake/folders.ts';
import type { IngestRunner, Loaded, Parts } from '../lake/jobs.ts';
import { type Accompanying, nameParts, namesOf, openParts, removeParts, unname } from '../lake/publish.ts';
import { Staging } from '../lake/staging.ts';
import type { NewDataset, NewGeneration } from '../store/dataset-rows.ts';
import { type DatasetStore, GenerationTaken } from '../store/datasets.ts';
import { NameTaken } from '../store/shared-files.ts';
import { isUnwritten } from '../store/store-errors.ts';
import type { Limit, Metrics } from '../telemetry/metrics.ts';

export type { Staging };

/** A file that stands on the disk, as the client named it. */
export interface StagedFile {
  staging: Pick<Staging, 'path' | 'bytes'>;
  sourceName: string;
  mediaType?: string | undefined;
}

export interface LoaderDeps {
  store: DatasetStore;
  folders: Folders;
  files: DatasetFiles;
  ingest: IngestRunner;
  clock: Clock;
  metrics: Metrics;
  maxBytes: number;
  /** The largest upload that is kept with its generation; 0 keeps none. */
  maxOriginalBytes: number;
  concurrency: number;
  /** Percent of the rows now served that a new generation must have, where the upload does not say. */
  minRowsPercent: number;
}

/** What a new generation must not fall below, and whether it may. */
export interface RowsCheck {
  minRowsShare?: number | undefined;
  acceptFewerRows?: boolean | undefined;
}

/** Where a generation goes: into a dataset that is there, or into a new one. */
export type Target =
  | { kind: 'existing'; id: string; check: RowsCheck }
  | { kind: 'new'; dataset: NewDataset };

interface Published extends Loaded {
  origin?: Origin;
  /** The path of the upload, where it is to be kept. */
  upload?: string | undefined;
}

const RETRY_AFTER_S = 5;
/** What other hosts may have taken meanwhile; the next number is tried then, so often. */
const TAKEN = [GenerationTaken, NameTaken];
const NAMINGS = 5;
const COUNTED: readonly Limit[] = [
  'UPLOAD_MAX_BYTES',
  'UPLOAD_MAX_EXPANDED_BYTES',
  'UPLOAD_MAX_GZIP_RATIO',
  'UPLOAD_MAX_VALUE_BYTES',
  'UPLOAD_MAX_COLUMNS',
  'UPLOAD_MIN_BYTES_PER_SECOND',
  'DUCKDB_MEMORY_LIMIT',
];

/** Files to generations: bounded, published at once or not at all. */
export class DatasetLoader {
  readonly #slots: Semaphore;

  constructor(readonly deps: LoaderDeps) {
    this.#slots = new Semaphore(deps.concurrency, 0);
  }

  /** Runs one upload from its first byte to its publication; throws `overloaded` when as many run as may. */
  async slot<T>(work: () => Promise<T>): Promise<T> {
    const { metrics, concurrency } = this.deps;
    let release: () => void;
    try {
      release = await this.#slots.acquire(0);
    } catch (error) {
      if (!(error instanceof QueueFull)) throw error;
      metrics.limitsHit.inc({ limit: 'UPLOAD_CONCURRENCY' });
      throw new AppError('overloaded', `${concurrency} uploads are being loaded already`, {
        retryAfterS: RETRY_AFTER_S,
        params: { limit: 'UPLOAD_CONCURRENCY', max: concurrency },
      });
    }
    try {
      return await work();
    } catch (error) {
      this.#count(error);
      throw error;
    } finally {
      release();
    }
  }

  async stage(): Promise<Staging> {
    try {
      return await Staging.open(this.deps.folders, this.deps.maxBytes);
    } catch (error) {
      throw toAppError(error);
    }
  }

  /** Loads a staged file and publishes it; gives the generation's number. */
  async load(
    file: StagedFile,
    target: Target,
    options: LoadOptions,
    createdBy: string | null,
    signal: AbortSignal,
  ): Promise<NewGeneration> {
    const { metrics, ingest } = this.deps;
    const { staging, sourceName, mediaType } = file;
    metrics.uploadBytes.inc(staging.bytes);
    let format: string = options.format ?? 'unknown';
    try {
      const generation = await this.#publish(target, sourceName, createdBy, signal, async (parts) => {
        const job = { kind: 'load' as const, staged: staging.path, sourceName, mediaType, options, ...parts };
        const { encoding, ...loaded } = await ingest.run<'load'>(job, { signal });
        format = loaded.format;
        const original = this.#isKept(loaded.format, staging.bytes)
          ? { bytes: staging.bytes, mediaType, options }
          : undefined;
        return { ...loaded, origin: { encoding, original }, upload: original && staging.path };
      });
      metrics.uploads.inc({ format, outcome: 'ok' });
      metrics.rowsRejected.inc(generation.rejected.count);
      return generation;
    } catch (error) {
      const isRefused = error instanceof AppError && /^(dataset|request|resource)\./.test(error.code);
      metrics.uploads.inc({
        format,
        outcome: signal.aborted ? 'cancelled' : isRefused ? 'refused' : 'error',
      });
      if (error instanceof AppError && error.code === 'dataset.badRows')
        metrics.rowsRejected.inc(Number(error.params?.count ?? 0));
      throw error;
    }
  }

  /** A Parquet file has its types and its encoding: reading it in another way gives nothing new. What was not sent has no bytes. */
  #isKept(format: string, bytes: number): boolean {
    const { maxOriginalBytes, metrics } = this.deps;
    if (format === 'parquet' || bytes === 0 || maxOriginalBytes === 0) return false;
    if (bytes > maxOriginalBytes) metrics.limitsHit.inc({ limit: 'DATASET_ORIGINAL_MAX_BYTES' });
    return bytes <= maxOriginalBytes;
  }

  /** Publishes generated orders as a new dataset. */
  demo(dataset: NewDataset, rows: number): Promise<NewGeneration> {
    const { signal } = new AbortController();
    return this.#publish({ kind: 'new', dataset }, 'demo', dataset.createdBy, signal, (parts) =>
      this.deps.ingest.run<'demo'>({ kind: 'demo', rows, ...parts }, { signal }),
    );
  }

  async #publish(
    target: Target,
    sourceName: string,
    createdBy: string | null,
    signal: AbortSignal,
    load: (parts: Parts) => Promise<Published>,
  ): Promise<NewGeneration> {
    const { store, folders } = this.deps;
    const id = target.kind === 'new' ? target.dataset.id : target.id;
    const parts = await openParts(folders, id);
    try {
      const loaded = await load(parts);
      const { format: _, upload, ...facts } = loaded;
      if (target.kind === 'existing') await this.#refuseFewer(target.id, target.check, facts.rowCount);
      let next = target.kind === 'new' ? 1 : await store.nextGeneration(id);
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.#place(
            target,
            id,
            { ...parts, original: upload },
            { ...facts, sourceName, createdBy },
            next,
            signal,
          );
        } catch (error) {
          if (!(error instanceof AppError) || !TAKEN.some((kind) => error instanceof kind)) throw error;
          if (!this.deps.files.isShared || attempt === NAMINGS) throw error;
          next++;
        }
      }
    } catch (error) {
      throw toAppError(error);
    } finally {
      await removeParts(parts);
    }
  }

  async #refuseFewer(id: string, { minRowsShare, acceptFewerRows }: RowsCheck, rows: number) {
    if (acceptFewerRows) return;
    const share = minRowsShare ?? this.deps.minRowsPercent / 100;
    const { rowCount } = await this.deps.store.find(id);
    if (rows >= rowCount * share) return;
    throw new AppError(
      'dataset.fewerRows',
      `The file has ${rows} rows and the dataset ${rowCount}; at least ${Number((share * 100).toFixed(2))} % of them are asked for. Send acceptFewerRows=true to publish it all the same`,
      { pointer: '/file', params: { rows, servedRows: rowCount, minRowsShare: share } },
    );
  }

  /** Gives loaded parts a number from `atLeast` and publishes them. */
  async #place(
    target: Target,
    id: string,
    parts: Parts & Pick<Accompanying, 'original'>,
    facts: Omit<NewGeneration, 'generation' | 'files'>,
    atLeast: number,
    signal: AbortSignal,
  ): Promise<NewGeneration> {
    const { store, folders, clock, files } = this.deps;
    const named = await nameParts(
      folders,
      id,
      parts,
      { hasRejected: facts.rejected.count > 0, original: parts.original },
      atLeast,
    );
    try {
      await files.share(id, namesOf(named), signal);
      const generation = { ...facts, generation: named.generation, files: [named.data] };
      const at = iso(clock.now());
      if (target.kind === 'new') await store.create(target.dataset, generation, at);
      else await store.publish(id, generation, at);
      return generation;
    } catch (error) {
      if (isUnwritten(error)) await unname(folders, id, named);
      throw error;
    }
  }

  #count(error: unknown): void {
    if (!(error instanceof AppError)) return;
    const limit = COUNTED.find((name) => name === error.params?.limit);
    if (limit) this.deps.metrics.limitsHit.inc({ limit });
  }
}
