import type { FolderSource } from '../../domain/http-source.ts';
import {
  type Collected,
  type CollectedFile,
  type Collecting,
  type FileReader,
  saveBytes,
} from './collected.ts';
import { type WatchedFile, WatchedFolder } from './watched-folder.ts';

export interface FolderReaderDeps {
  root: string | undefined;
  maxFiles: number;
}

/** A file that was read: by name and content it is taken once. */
interface Taken extends WatchedFile {
  hash: string;
}

interface Read {
  file: Taken;
  /** Of its copy. */
  path: string;
}

/** What was read, the latest last. */
interface Mark {
  taken: readonly Taken[];
}

const SETTLE_S = 10;

const isMark = (mark: unknown): mark is Mark =>
  typeof mark === 'object' && mark !== null && Array.isArray((mark as Mark).taken);

const sameFile = (a: WatchedFile, b: WatchedFile) =>
  a.name === b.name && a.size === b.size && a.mtimeMs === b.mtimeMs;

/** Files of a watched folder, each once or the newest alone. A file counts once it has not changed for `settleS`. */
export class FolderReader implements FileReader {
  readonly #folder: WatchedFolder;

  /** Throws AppError `request.invalid` for a path that leaves the root, or where there is no root. */
  constructor(
    readonly spec: FolderSource,
    readonly deps: FolderReaderDeps,
  ) {
    const { path, pattern } = spec;
    this.#folder = new WatchedFolder({ ...deps, path, pattern });
  }

  async collect(run: Collecting): Promise<Collected> {
    // What an earlier run published and could not put away any more.
    await this.published(run.mark);
    const taken = isMark(run.mark) ? run.mark.taken : [];
    const settledBefore = run.values.nowMs - (this.spec.settleS ?? SETTLE_S) * 1000;
    const settled = (await this.#folder.list()).filter(({ mtimeMs }) => mtimeMs <= settledBefore);
    if (run.isProbe) return this.#each(settled.slice(-1), [], run);
    return this.spec.take === 'newest' ? this.#newest(settled, taken, run) : this.#each(settled, taken, run);
  }

  /** Moves or deletes the files of a mark that stand there still as they were read; of `newest`, older ones with them. */
  async published(mark: unknown): Promise<void> {
    const { after = 'keep', take } = this.spec;
    if (after === 'keep' || !isMark(mark)) return;
    const last = mark.taken.at(-1);
    for (const file of await this.#folder.list()) {
      const isRead = mark.taken.some((each) => sameFile(each, file));
      const isOlder = take === 'newest' && last !== undefined && file.mtimeMs < last.mtimeMs;
      if (isRead || isOlder) await this.#folder.dispose(file, after);
    }
  }

  async #newest(
    settled: readonly WatchedFile[],
    taken: readonly Taken[],
    run: Collecting,
  ): Promise<Collected> {
    const file = settled.at(-1);
    const last = taken.at(-1);
    const isNew = file !== undefined && !(last && (sameFile(file, last) || file.mtimeMs < last.mtimeMs));
    const read = isNew ? await this.#read(file, run) : undefined;
    if (!read || (last && isSameContent(read.file, last))) return { isUnchanged: true };
    return { isUnchanged: false, files: this.#given([read], [], settled, run) };
  }

  async #each(settled: readonly WatchedFile[], taken: readonly Taken[], run: Collecting): Promise<Collected> {
    const fresh = settled.filter((file) => !taken.some((each) => sameFile(each, file)));
    if (fresh.length === 0) return { isUnchanged: true };
    return { isUnchanged: false, files: this.#given(this.#readAll(fresh, run), taken, settled, run) };
  }

  async *#readAll(files: readonly WatchedFile[], run: Collecting) {
    for (const file of files) {
      const read = await this.#read(file, run);
      if (read) yield read;
    }
  }

  async *#given(
    read: AsyncIterable<Read> | Iterable<Read>,
    before: readonly Taken[],
    present: readonly WatchedFile[],
    run: Collecting,
  ): AsyncGenerator<CollectedFile> {
    const { after = 'keep', format } = this.spec;
    const names = new Set(present.map(({ name }) => name));
    let taken = before;
    for await (const { file, path } of read) {
      if (taken.some((each) => isSameContent(each, file))) {
        run.log('A file was read before, with another time', { file: file.name });
        if (after !== 'keep') await this.#folder.dispose(file, after);
        continue;
      }
      taken = this.#remembered([...taken, file], names);
      run.log('A file was read', { file: file.name, bytes: file.size });
      const mark: Mark = { taken };
      yield { path, name: file.name, format, mark };
    }
  }

  /** Of files that are gone, the latest are remembered, in case that they come back. */
  #remembered(taken: readonly Taken[], present: ReadonlySet<string>): readonly Taken[] {
    let excess = taken.length - this.deps.maxFiles;
    return excess <= 0 ? taken : taken.filter(({ name }) => present.has(name) || excess-- <= 0);
  }

  /** A copy of a file, so that nobody changes it while it is loaded; undefined when somebody did while it was copied. */
  async #read(file: WatchedFile, run: Collecting): Promise<Read | undefined> {
    run.signal.throwIfAborted();
    const path = await run.newFile();
    const { isSame, taken } = await this.#folder.read(file, (bytes) =>
      saveBytes(heeding(bytes, run.signal), path, run.onBytes),
    );
    if (!isSame || !taken) {
      run.log('A file changed while it was read; it is left for the next run', { file: file.name });
      return undefined;
    }
    return { file: { ...file, hash: taken.hash }, path };
  }
}

async function* heeding(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    signal.throwIfAborted();
    yield chunk;
  }
}

const isSameContent = (a: Taken, b: Taken) => a.name === b.name && a.size === b.size && a.hash === b.hash;
