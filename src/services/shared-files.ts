import { stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Clock, iso } from '../base/clock.ts';
import { AppError, describe } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { Lru } from '../base/lru.ts';
import { hasCode } from '../base/system-error.ts';
import type { Bucket } from '../lake/bucket/bucket.ts';
import type { FileCache, WantedFile } from '../lake/bucket/file-cache.ts';
import type { DatasetFiles } from '../lake/bucket/files.ts';
import { hashFile } from '../lake/copy-files.ts';
import type { Folders } from '../lake/folders.ts';
import type { DatasetStore } from '../store/datasets.ts';
import type { FactStore } from '../store/facts.ts';
import type { SharedFileStore } from '../store/shared-files.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface SharedFilesDeps {
  bucket: Bucket;
  cache: FileCache;
  store: SharedFileStore;
  datasets: DatasetStore;
  facts: FactStore;
  folders: Folders;
  clock: Clock;
  metrics: Metrics;
  log: Log;
  /** DATASET_GRACE_SECONDS. */
  graceS: number;
  /** DATASETS_S3_ORPHAN_SECONDS. */
  orphanS: number;
}

/** The object under the prefix that says whose it is. */
export const OWNER_KEY = 'installation';
const OWNER_FACT = 'bucket.installation';
const KNOWN_BYTES = 8 << 20;
const TOUCH_MS = 15_000;
const PROBE_MS = 10_000;
const PROBE_WAIT_MS = 2000;

/** Files of datasets of hosts that have a folder each and a bucket together. */
export class SharedFiles implements DatasetFiles {
  readonly isShared = true;
  readonly #known = new Lru<WantedFile>(KNOWN_BYTES);
  readonly #closing = new AbortController();
  readonly #touching: ReturnType<typeof setInterval>;
  #isAdopted = false;
  #probed: { atMs: number; says: Promise<string | undefined> } | undefined;

  constructor(readonly deps: SharedFilesDeps) {
    this.#touching = setInterval(() => {
      deps.cache
        .touchHeld()
        .catch((error) => deps.log.error('datasets.cacheFailed', { cause: describe(error) }));
    }, TOUCH_MS);
    this.#touching.unref();
  }

  close(): void {
    clearInterval(this.#touching);
    this.#closing.abort(new AppError('request.aborted', 'The service stops'));
    this.deps.cache.close();
  }

  /** Throws AppError `bucket.*`, `resource.conflict` where another host took the name. */
  async share(datasetId: string, names: readonly string[], signal: AbortSignal): Promise<void> {
    const { store, clock, cache } = this.deps;
    for (const name of names) {
      const file = await this.#factsOf(`${datasetId}/${name}`);
      await store.begin(file, iso(clock.now()));
      await this.#put(file, signal);
    }
    await cache.shrink();
  }

  async #factsOf(path: string): Promise<WantedFile> {
    return { path, ...(await hashFile(join(this.deps.folders.datasets, path))) };
  }

  async #put(file: WantedFile, signal: AbortSignal): Promise<void> {
    const { bucket, store, clock, cache, folders } = this.deps;
    const both = AbortSignal.any([signal, this.#closing.signal]);
    await bucket.put(file.path, join(folders.datasets, file.path), file, both);
    await store.finish(file.path, iso(clock.now()));
    await cache.madeHere(file.path);
  }

  async hold(paths: readonly string[], signal: AbortSignal): Promise<() => void> {
    if (paths.length === 0) return () => undefined;
    const names = paths.map((path) => relative(this.deps.folders.datasets, path));
    const known = await this.#lookUp(names);
    for (const name of names) if (!known.has(name)) await this.#mustBeHere(name);
    return this.deps.cache.hold([...known.values()], signal);
  }

  async #lookUp(names: readonly string[]): Promise<Map<string, WantedFile>> {
    const known = new Map<string, WantedFile>();
    const unknown: string[] = [];
    for (const name of names) {
      const found = this.#known.get(name);
      if (found) known.set(name, found);
      else unknown.push(name);
    }
    for (const file of await this.deps.store.of(unknown)) {
      known.set(file.path, file);
      this.#known.set(file.path, file, 300);
    }
    return known;
  }

  /** A file that is older than the bucket is on the host that made it, until that puts it there. */
  async #mustBeHere(name: string): Promise<void> {
    if (await this.#isHere(name)) return;
    throw new AppError('bucket.missing', 'The file of the dataset is not in the bucket yet', {
      params: { file: name },
      retryAfterS: 60,
    });
  }

  async #isHere(name: string): Promise<boolean> {
    try {
      return (await stat(join(this.deps.folders.datasets, name))).isFile();
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false;
      throw error;
    }
  }

  async areHere(paths: readonly string[]): Promise<boolean> {
    for (const path of paths)
      if (!(await this.#isHere(relative(this.deps.folders.datasets, path)))) return false;
    return true;
  }

  async sizesOf(paths: readonly string[]): Promise<number[]> {
    const names = paths.map((path) => relative(this.deps.folders.datasets, path));
    const known = await this.#lookUp(names);
    return Promise.all(names.map(async (name, i) => known.get(name)?.bytes ?? (await stat(paths[i]!)).size));
  }

  /** Keeps the folder within its bounds, puts there what is older than the bucket, and removes objects out of use. */
  async collect(): Promise<void> {
    await this.#adopt();
    await this.#removeRetired();
    await this.deps.cache.shrink();
  }

  /** Puts the files into the bucket that were published before there was one, as far as they are here. */
  async #adopt(): Promise<void> {
    if (this.#isAdopted) return;
    const { store, clock, log } = this.deps;
    let adopted = 0;
    for (const path of await store.unshared()) {
      if (!(await this.#isHere(path))) continue;
      const file = await this.#factsOf(path);
      await store.adopt(file, iso(clock.now()));
      await this.#put(file, this.#closing.signal);
      adopted++;
    }
    this.#isAdopted = true;
    if (adopted > 0) log.info('datasets.adopted', { files: adopted });
  }

  async #removeRetired(): Promise<void> {
    const { datasets, clock, graceS } = this.deps;
    const before = iso(clock.now() - graceS * 1000);
    const { kept, retired } = await datasets.known();
    const over = [...retired].filter(([path, at]) => at <= before && !kept.has(path)).map(([path]) => path);
    const begun = over.length > 0 ? await this.deps.store.begun() : new Map<string, string>();
    for (const path of over) {
      if (begun.has(path)) await this.#remove(path);
      await datasets.forget([path]);
    }
  }

  async #remove(path: string): Promise<void> {
    const { bucket, store, metrics } = this.deps;
    await bucket.remove(path, this.#closing.signal);
    await store.forget(path);
    this.#known.delete(path);
    metrics.bucketCollected.inc();
  }

  /**
   * Removes objects that the metadata does not know, and files that were put there and never published, once they are DATASETS_S3_ORPHAN_SECONDS
   * old. The bucket is listed before the metadata is read: what is published in between is known by then.
   */
  async collectOrphans(): Promise<{ orphans: number }> {
    const { bucket, store, datasets, clock, orphanS } = this.deps;
    const foreign = await this.#owner();
    if (foreign) throw new AppError('bucket.refused', foreign);
    const beforeMs = clock.now() - orphanS * 1000;
    const old: string[] = [];
    for await (const page of bucket.list(this.#closing.signal))
      for (const { key, modifiedMs } of page) if (key !== OWNER_KEY && modifiedMs <= beforeMs) old.push(key);
    const begun = await store.begun();
    const { kept, retired } = await datasets.known();
    const isWanted = (path: string) => kept.has(path) || retired.has(path);
    const unpublished = [...begun].filter(([, at]) => Date.parse(at) <= beforeMs).map(([path]) => path);
    const orphans = new Set(
      [...old.filter((key) => !begun.has(key)), ...unpublished].filter((path) => !isWanted(path)),
    );
    for (const path of orphans) await this.#remove(path);
    return { orphans: orphans.size };
  }

  /** Makes the prefix this installation's where it is nobody's; says in words where it is another's. */
  async #owner(): Promise<string | undefined> {
    const { bucket, facts, clock } = this.deps;
    const own = await facts.setOnce(OWNER_FACT, newId('ins', clock.now()));
    const found = await bucket.text(OWNER_KEY, this.#closing.signal);
    if (found === undefined) await bucket.putText(OWNER_KEY, own, this.#closing.signal);
    else if (found !== own)
      return 'The prefix in the bucket belongs to another installation; set DATASETS_S3_PREFIX to one of its own';
    return undefined;
  }

  /** For readiness: undefined where the bucket answers, else what is wrong. Asked for at most every ten seconds, and soon answered. */
  async probe(): Promise<string | undefined> {
    const now = this.deps.clock.now();
    if (!this.#probed || Math.abs(now - this.#probed.atMs) > PROBE_MS)
      this.#probed = { atMs: now, says: this.#owner().catch((error) => wordsOf(error)) };
    const late = Promise.withResolvers<string>();
    const timer = setTimeout(() => late.resolve('The bucket does not answer'), PROBE_WAIT_MS);
    try {
      return await Promise.race([this.#probed.says, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof AppError) return error.message;
  throw error;
}
