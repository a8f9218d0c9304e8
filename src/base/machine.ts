import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { hasCode } from './system-error.ts';

/** Left behind elsewhere, and not touched for so long: whoever made it has ended. */
export const ABANDONED_MS = 24 * 60 * 60 * 1000;

/** Eight digits for the place where the number of a process means one process: this start of this machine, and the container in it. */
export function machineId(): string {
  return createHash('sha256').update(`${hostname()} ${kernelMarks()}`).digest('hex').slice(0, 8);
}

/** Other systems than Linux have no such files; there the name of the host must do. */
function kernelMarks(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  }
}
