import { readdirSync } from 'node:fs';
import { mkdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { ABANDONED_MS, machineId } from './machine.ts';
import { hasCode } from './system-error.ts';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

const NAME = /^([0-9a-f]{8})-(\d+)$/;

/** Of a process that has died, or of another machine's that was not heard of for long. */
async function isLeft(parent: string, name: string): Promise<boolean> {
  const [, machine, pid] = NAME.exec(name) ?? [];
  if (machine === undefined) return false;
  if (machine === machineId()) return Number(pid) === process.pid || !isAlive(Number(pid));
  const found = await stat(join(parent, name)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return found !== undefined && Date.now() - found.mtimeMs > ABANDONED_MS;
}

/**
 * A folder (0700) under `parent` for what this process need not keep, empty at the start. Folders of processes that have died are
 * removed on the way.
 */
export async function makeTempFolder(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(parent))
    if (await isLeft(parent, name)) await rm(join(parent, name), { recursive: true, force: true });
  const folder = join(parent, `${machineId()}-${process.pid}`);
  await mkdir(folder, { mode: 0o700 });
  return folder;
}

/** Says to other machines that the folder is in use; to be called well within a day. */
export async function touchTempFolder(folder: string): Promise<void> {
  const now = new Date();
  await utimes(folder, now, now);
}
