import { Database as Sqlite } from 'bun:sqlite';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { refuseForeign } from './foreign.ts';
import { damaged, unusable } from './unusable.ts';

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function openSource(path: string): Sqlite {
  try {
    const source = new Sqlite(path, { readonly: true });
    // Opens it for real: after that, what fails may be the copy.
    refuseForeign(source, path);
    return source;
  } catch (error) {
    throw unusable(path, error);
  }
}

/**
 * Writes a consistent copy of the committed state to `target` (0600), which appears whole or not at all. Others may go on reading and
 * writing. Throws AppError `storage.unusable` where `path` cannot be read.
 */
export async function backupTo(path: string, target: string): Promise<void> {
  const source = openSource(path);
  const partial = `${target}.${process.pid}.partial`;
  try {
    await rm(partial, { force: true });
    await (await open(partial, 'wx', 0o600)).close();
    source.query('vacuum into ?').run(partial);
    await flush(partial);
    await rename(partial, target);
    await flush(dirname(target));
  } catch (error) {
    await rm(partial, { force: true });
    throw damaged(path, error);
  } finally {
    source.close();
  }
}
