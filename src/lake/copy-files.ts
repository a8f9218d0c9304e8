import { copyFile, link, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../base/errors.ts';
import { hasCode } from '../base/system-error.ts';
import { type Folders, temporaryName } from './folders.ts';
import { readChunks, syncPath } from './read-chunks.ts';

/** Hard links a file, or copies it where it is of another file system; the target must be free. */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!hasCode(error, 'EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK')) throw error;
    await copyFile(from, to);
    await syncPath(to);
  }
}

/**
 * Puts files of datasets, `<dataset id>/<name>`, into a folder under the same names. They are held by a second name first, so that none is
 * collected while others are copied. Throws AppError `resource.conflict` where one is gone.
 */
export async function copyFilesTo(
  folders: Pick<Folders, 'root' | 'datasets'>,
  files: readonly string[],
  target: string,
): Promise<void> {
  const hold = join(folders.root, temporaryName());
  try {
    for (const file of files) {
      await mkdir(dirname(join(hold, file)), { recursive: true, mode: 0o700 });
      await linkOrCopy(join(folders.datasets, file), join(hold, file));
    }
    for (const file of files) {
      await mkdir(dirname(join(target, file)), { recursive: true, mode: 0o700 });
      await linkOrCopy(join(hold, file), join(target, file));
    }
    for (const folder of new Set(files.map((file) => dirname(join(target, file))))) await syncPath(folder);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    const detail = 'A file of a dataset that the metadata names is not there; see reporting-api doctor';
    throw new AppError('resource.conflict', detail, { cause: error });
  } finally {
    await rm(hold, { recursive: true, force: true });
  }
}

/** What a file holds. */
export async function hashFile(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = new Bun.CryptoHasher('sha256');
  let bytes = 0;
  for await (const chunk of readChunks(path, new AbortController().signal)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}
