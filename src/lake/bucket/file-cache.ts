import { mkdir, open, rename, rm, stat, statfs, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { orAborted } from '../../base/abort.ts';
import { AppError } from '../../base/errors.ts';
import { type Sleep, sleep } from '../../base/sleep.ts';
import { FULL, hasCode } from '../../base/system-error.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { hashFile } from '../copy-files.ts';
import { type Folders, namesIn, temporaryName, temporaryState } from '../folders.ts';
import { syncPath } from '../read-chunks.ts';
import type { Bucket, FileFacts } from './bucket.ts';
import { damaged } from './errors.ts';

/** A file of a dataset as it must be; `path` is `<dataset id>/<name>`, here and in the bucket. */
export interface WantedFile extends FileFacts {
  path: string;
}

export interface FileCacheDeps {
  folders: Folders;
  bucket: Pick<Bucket, 'get'>;
  metrics: Metrics;
  log: Log;
  /** DATASETS_CACHE_BYTES. */
  maxBytes: number;
  /** What the disk keeps free. */
  minFreeBytes: number;
  /** So long after its last use nobody, of any process here, removes a file. */
  idleMs: number;
  /** Paths of files that can come back, as the bucket has them. */
  inBucket(): Promise<ReadonlySet<string>>;
  pause?: Sleep;
}

interface Held {
  path: string;
  bytes: number;
  usedMs: number;
}

const FETCHES = 2;
const LOOK_MS = 50;

/** Files of the bucket in the datasets folder: fetched once, checked, and removed again, the least recently used first. */
export class FileCache {
  readonly #pins = new Map<string, number>();
  /** Path → what the file looked like when it was last seen to be whole. */
  readonly #whole = new Map<string, string>();
  readonly #flights = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();

  constructor(readonly deps: FileCacheDeps) {}

  close(): void {
    this.#closing.abort(new AppError('request.aborted', 'The service stops'));
  }

  /** Resolves when all are here and whole; they stay until the function that it gives is called. */
  async hold(files: readonly WantedFile[], signal: AbortSignal): Promise<() => void> {
    for (const { path } of files) this.#pins.set(path, (this.#pins.get(path) ?? 0) + 1);
    let isHeld = true;
    const release = () => {
      if (!isHeld) return;
      isHeld = false;
      for (const { path } of files) this.#unpin(path);
    };
    try {
      for (const file of files) await this.#have(file, signal);
      return release;
    } catch (error) {
      release();
      throw error;
    }
  }

  #unpin(path: string): void {
    const left = (this.#pins.get(path) ?? 1) - 1;
    if (left === 0) this.#pins.delete(path);
    else this.#pins.set(path, left);
  }

  /** A file that was made here is known to be whole. */
  async madeHere(path: string): Promise<void> {
    await this.#mark(path);
  }

  /** Tells the other processes of the host that what is held is in use. */
  async touchHeld(): Promise<void> {
    for (const path of this.#pins.keys()) if (this.#whole.has(path)) await this.#mark(path);
  }

  async #have(file: WantedFile, signal: AbortSignal): Promise<void> {
    if (await this.#isWhole(file)) {
      this.deps.metrics.datasetCacheHits.inc();
      return;
    }
    let flight = this.#flights.get(file.path);
    if (!flight) {
      flight = this.#fetch(file, this.#closing.signal).finally(() => this.#flights.delete(file.path));
      flight.catch(() => undefined);
      this.#flights.set(file.path, flight);
    }
    await orAborted(flight, signal);
  }

  /** Whole seconds come back from every file system as they were set. */
  async #mark(path: string): Promise<void> {
    const full = this.#full(path);
    const { mtimeMs } = await stat(full);
    const seconds = Math.floor(mtimeMs / 1000);
    await utimes(full, Date.now() / 1000, seconds);
    const { size, ino } = await stat(full);
    this.#whole.set(path, `${size} ${ino} ${seconds}`);
  }

  async #isWhole({ path, bytes, sha256 }: WantedFile): Promise<boolean> {
    const full = this.#full(path);
    try {
      const { size, ino, mtimeMs } = await stat(full);
      if (size === bytes && this.#whole.get(path) === `${size} ${ino} ${mtimeMs / 1000}`) {
        await utimes(full, Date.now() / 1000, mtimeMs / 1000);
        return true;
      }
      this.#whole.delete(path);
      if (size === bytes && (await hashFile(full)).sha256 === sha256) {
        await this.#mark(path);
        return true;
      }
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false;
      throw error;
    }
    this.deps.log.warning('datasets.cacheDamaged', { file: path });
    this.deps.metrics.datasetCacheDamaged.inc();
    return false;
  }

  async #fetch(file: WantedFile, signal: AbortSignal): Promise<void> {
    if (await this.#byAnother(file, signal)) return;
    const full = this.#full(file.path);
    const name = file.path.split('/').at(-1)!;
    const temporary = join(dirname(full), `${temporaryName()}~${name}`);
    // Also where somebody emptied the cache, its folder and all.
    await mkdir(dirname(full), { recursive: true, mode: 0o750 });
    await this.#makeRoom(file.bytes);
    try {
      for (let attempt = 1; ; attempt++) {
        if ((await this.#download(file, temporary, signal)) === file.sha256) break;
        if (attempt === FETCHES)
          throw damaged(`${file.path} in the bucket is not the file that was put there`);
      }
      // Last used now, and not when a long download began.
      const now = Math.floor(Date.now() / 1000);
      await utimes(temporary, now, now);
      await rename(temporary, full);
      await syncPath(dirname(full));
      await this.#mark(file.path);
      this.deps.metrics.datasetCacheFetches.inc();
    } catch (error) {
      throw asFull(error);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async #download(file: WantedFile, temporary: string, signal: AbortSignal): Promise<string> {
    const target = await open(temporary, 'w', 0o640);
    try {
      const sha256 = await this.deps.bucket.get(file.path, target, file.bytes, signal);
      await target.sync();
      return sha256;
    } finally {
      await target.close();
    }
  }

  /** Waits for another process of the host that fetches the same file; says whether it is here then. */
  async #byAnother(file: WantedFile, signal: AbortSignal): Promise<boolean> {
    const { pause = sleep } = this.deps;
    const folder = dirname(this.#full(file.path));
    const ending = `~${file.path.split('/').at(-1)}`;
    for (let waited = false; ; waited = true) {
      const names = (await namesIn(folder)).filter((name) => name.endsWith(ending));
      const states = await Promise.all(names.map((name) => temporaryState(folder, name)));
      if (!states.includes('alive')) return waited && (await this.#isWhole(file));
      await pause(LOOK_MS, signal);
    }
  }

  /** Files that are here and nobody here makes, with their last use. */
  async #held(): Promise<Held[]> {
    const { datasets } = this.deps.folders;
    const held: Held[] = [];
    for (const id of await namesIn(datasets))
      for (const name of await namesIn(join(datasets, id))) {
        if (name.startsWith('tmp-')) continue;
        const found = await stat(join(datasets, id, name)).catch((error) => {
          if (hasCode(error, 'ENOENT')) return undefined;
          throw error;
        });
        if (found?.isFile()) held.push({ path: `${id}/${name}`, bytes: found.size, usedMs: found.atimeMs });
      }
    return held;
  }

  async #makeRoom(bytes: number): Promise<void> {
    const { maxBytes, minFreeBytes, metrics, folders } = this.deps;
    const left = await this.shrink(bytes);
    if (left + bytes > maxBytes) {
      metrics.limitsHit.inc({ limit: 'DATASETS_CACHE_BYTES' });
      throw new AppError('storage.full', 'The local cache of datasets has no room beside what is in use', {
        params: { limit: 'DATASETS_CACHE_BYTES', maxBytes, bytes },
      });
    }
    const { bavail, bsize } = await statfs(folders.datasets);
    if (bavail * bsize - bytes < minFreeBytes)
      throw new AppError('storage.full', 'The disk has no room for a file of the dataset', {
        params: { limit: 'READY_MIN_DISK_BYTES', bytes },
      });
  }

  /**
   * Removes files that are in the bucket and not in use, the least recently used first, until `more` bytes fit in beside the others. Gives the
   * bytes that are here then.
   */
  async shrink(more = 0): Promise<number> {
    const { maxBytes, idleMs, metrics, inBucket } = this.deps;
    const held = await this.#held();
    let total = held.reduce((sum, { bytes }) => sum + bytes, 0);
    const before = Date.now() - idleMs;
    const canComeBack = total + more > maxBytes ? await inBucket() : new Set();
    for (const { path, bytes, usedMs } of held.sort((a, b) => a.usedMs - b.usedMs)) {
      if (total + more <= maxBytes) break;
      if (usedMs > before || !canComeBack.has(path)) continue;
      // Others may have come to use it since the look; who holds it here says so before looking at it.
      if ((await this.#usedMs(path)) > before || this.#pins.has(path)) continue;
      this.#whole.delete(path);
      await rm(this.#full(path), { force: true });
      total -= bytes;
      metrics.datasetCacheEvictions.inc();
    }
    metrics.datasetCacheBytes.set(total);
    return total;
  }

  /** 0 where it is gone. */
  async #usedMs(path: string): Promise<number> {
    try {
      return (await stat(this.#full(path))).atimeMs;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return 0;
      throw error;
    }
  }

  #full(path: string): string {
    return join(this.deps.folders.datasets, path);
  }
}

function asFull(error: unknown): unknown {
  if (!hasCode(error, ...FULL)) return error;
  return new AppError('storage.full', 'The disk has no room for a file of the dataset', { cause: error });
}
