import { Database as Sqlite } from 'bun:sqlite';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Writes a consistent copy of the committed state to `target` (0600), which appears whole or not at all. Others may go on reading and writing. */
export async function backupTo(path: string, target: string): Promise<void> {
  const partial = `${target}.${process.pid}.partial`;
  await rm(partial, { force: true });
  await (await open(partial, 'wx', 0o600)).close();
  const source = new Sqlite(path, { readonly: true });
  try {
    source.query('vacuum into ?').run(partial);
    await flush(partial);
    await rename(partial, target);
    await flush(dirname(target));
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    source.close();
  }
}
