import { renameSync } from 'node:fs';
import { runProgram } from '../../support/server-process.ts';

/** What the machine is made of, beside what every Debian has. */
const PACKAGES = ['systemd', 'systemd-sysv', 'dbus', 'sudo', 'procps'];

/** Downloads and unpacks a small Debian into a folder that is not there yet. Takes the network, and half a minute. */
export function makeDebian(folder: string, suite: string): void {
  const unfinished = `${folder}.unfinished`;
  runProgram(['debootstrap', '--variant=minbase', `--include=${PACKAGES.join(',')}`, suite, unfinished]);
  renameSync(unfinished, folder);
}
