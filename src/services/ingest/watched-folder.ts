import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, realpath, rename, rm } from 'node:fs/promises';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { AppError } from '../../base/errors.ts';
import { hasCode } from '../../base/system-error.ts';

/** A file of a watched folder as it stood when it was looked at. */
export interface WatchedFile {
  name: string;
  size: number;
  mtimeMs: number;
}

export interface WatchedFolderOptions {
  /** WATCH_ROOT. */
  root: string | undefined;
  /** Relative to it. */
  path: string;
  pattern: string | undefined;
  maxFiles: number;
}

const DONE = 'done';

const fault = (detail: string, reason: string, cause?: unknown, params: Record<string, unknown> = {}) =>
  new AppError('source.folder', detail, { pointer: '/source/path', params: { reason, ...params }, cause });

const isInside = (path: string, folder: string) =>
  path === folder || path.startsWith(folder.replace(/\/?$/, sep));

/** A folder below WATCH_ROOT. No symbolic link is followed out of the root, and none to a file at all. */
export class WatchedFolder {
  constructor(readonly options: WatchedFolderOptions) {
    const { root, path, pattern } = options;
    const invalid = (field: string, says: string) =>
      new AppError('request.invalid', `/source/${field} ${says}`, { pointer: `/source/${field}` });
    if (root === undefined) throw invalid('path', 'needs WATCH_ROOT, which is not set');
    if (isAbsolute(path) || path.includes('\0') || normalize(path).split(sep).includes('..'))
      throw invalid('path', 'must be relative to WATCH_ROOT, and stay below it');
    if (pattern !== undefined && (/[/\\\0]/.test(pattern) || pattern.startsWith('!')))
      throw invalid('pattern', 'must be a pattern of names, without folders');
  }

  /** Its files that fit the pattern, the oldest first. Throws `source.folder`. */
  async list(): Promise<WatchedFile[]> {
    const { pattern, maxFiles } = this.options;
    const folder = await this.#folder();
    const glob = new Bun.Glob(pattern ?? '*');
    const found: WatchedFile[] = [];
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (!entry.isFile() || entry.name.startsWith('.') || !glob.match(entry.name)) continue;
      if (found.length === maxFiles)
        throw fault(`The folder has more than ${maxFiles} files`, 'tooMany', undefined, {
          limit: 'WATCH_MAX_FILES',
          max: maxFiles,
        });
      const facts = await factsOf(join(folder, entry.name));
      if (facts) found.push({ name: entry.name, ...facts });
    }
    return found.sort((a, b) => a.mtimeMs - b.mtimeMs || (a.name < b.name ? -1 : 1));
  }

  /** The bytes of a file; ends early, with `isSame` false, when it is not the file that was looked at, or changes meanwhile. */
  async read<T>(
    file: WatchedFile,
    take: (bytes: AsyncIterable<Uint8Array>) => Promise<T>,
  ): Promise<{ isSame: boolean; taken?: T }> {
    const folder = await this.#folder();
    let handle: FileHandle | undefined;
    try {
      handle = await open(join(folder, file.name), constants.O_RDONLY | constants.O_NOFOLLOW);
      await this.#mustBeInside(handle);
      if (!(await isSame(handle, file))) return { isSame: false };
      const taken = await take(handle.createReadStream({ autoClose: false, start: 0 }));
      return { isSame: await isSame(handle, file), taken };
    } catch (error) {
      // Gone, or a link now: it is not what was looked at.
      if (hasCode(error, 'ENOENT', 'ELOOP')) return { isSame: false };
      throw hasCode(error, 'EACCES') ? fault('A file of the folder may not be read', 'rights', error) : error;
    } finally {
      await handle?.close();
    }
  }

  /** Takes a file that was read out of the way, unless it is another by now. */
  async dispose(file: WatchedFile, how: 'move' | 'delete'): Promise<void> {
    const folder = await this.#folder();
    const path = join(folder, file.name);
    const now = await factsOf(path);
    if (!now || now.size !== file.size || now.mtimeMs !== file.mtimeMs) return;
    try {
      if (how === 'delete') await rm(path);
      else await rename(path, await this.#placeInDone(folder, file.name));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return;
      throw fault(
        `A file that was read could not be ${how === 'move' ? 'moved' : 'deleted'}`,
        'rights',
        error,
      );
    }
  }

  async #placeInDone(folder: string, name: string): Promise<string> {
    const done = join(folder, DONE);
    await mkdir(done, { recursive: true, mode: 0o750 });
    if (!(await lstat(done)).isDirectory()) throw fault(`${DONE} is not a folder`, 'link');
    const free = (await factsOf(join(done, name))) === undefined;
    return join(done, free ? name : `${name}.${crypto.randomUUID().slice(0, 8)}`);
  }

  async #folder(): Promise<string> {
    const { root, path } = this.options;
    try {
      const real = await realpath(root!);
      const folder = await realpath(join(real, path));
      if (!isInside(folder, real)) throw fault('The folder leads out of WATCH_ROOT', 'outside');
      if (!(await lstat(folder)).isDirectory()) throw fault('The path is not a folder', 'notAFolder');
      return folder;
    } catch (error) {
      if (error instanceof AppError) throw error;
      if (hasCode(error, 'ENOENT', 'ENOTDIR'))
        throw fault('There is no such folder below WATCH_ROOT', 'missing', error);
      if (hasCode(error, 'EACCES', 'EPERM')) throw fault('The folder may not be read', 'rights', error);
      throw fault('The folder cannot be read', 'failed', error);
    }
  }

  /** The path may have been led elsewhere between the look and the opening; what is open says where it is. */
  async #mustBeInside(handle: FileHandle): Promise<void> {
    const [opened, root] = await Promise.all([
      realpath(`/proc/self/fd/${handle.fd}`),
      realpath(this.options.root!),
    ]);
    if (!isInside(opened, root)) throw fault('The folder leads out of WATCH_ROOT', 'outside');
  }
}

async function factsOf(path: string): Promise<{ size: number; mtimeMs: number } | undefined> {
  try {
    const { size, mtimeMs } = await lstat(path);
    return { size, mtimeMs };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function isSame(handle: FileHandle, file: WatchedFile): Promise<boolean> {
  const stat = await handle.stat();
  return stat.isFile() && stat.size === file.size && stat.mtimeMs === file.mtimeMs;
}
