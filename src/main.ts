import { writeSync } from 'node:fs';
import { hasCode } from './base/system-error.ts';
import { COMMANDS } from './cli/commands.ts';
import { runCli } from './cli/run.ts';
import { ENGINE_COMMAND } from './isolation/program.ts';

const FULL_PIPE_MS = 1;

/** Synchronous, so that a text is out before the process may end; waits for a reader that is slow. Throws the system's errors. */
function write(descriptor: 1 | 2, text: string | Uint8Array): void {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if (!hasCode(error, 'EAGAIN')) throw error;
      Bun.sleepSync(FULL_PIPE_MS);
    }
  }
}

function out(text: string | Uint8Array): void {
  try {
    write(1, text);
  } catch (error) {
    // A reader that went away is no fault.
    if (!hasCode(error, 'EPIPE')) throw error;
  }
}

function err(text: string): void {
  try {
    write(2, text);
  } catch (error) {
    // A log that nobody can keep (its disk is full, its reader or terminal gone) must not stop what it tells of.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

async function main(args: string[]): Promise<void> {
  const io = { env: process.env, out, err, stdin: () => Bun.stdin.text() };
  process.exit(await runCli(args, io, COMMANDS));
}

const [command, ...args] = process.argv.slice(2);
// How a front starts its engine processes; not a command for people.
if (command === ENGINE_COMMAND) (await import('./isolation/child.ts')).runEngineChild();
else await main(command === undefined ? args : [command, ...args]);
