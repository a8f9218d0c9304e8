import { writeSync } from 'node:fs';
import { COMMANDS } from './cli/commands.ts';
import { runCli } from './cli/run.ts';

/** Synchronous, so that a line is out before the process may end; a reader that went away is no fault. */
function writeTo(descriptor: 1 | 2): (text: string | Uint8Array) => void {
  return (text) => {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(descriptor, bytes, at);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EPIPE') return;
        if (code !== 'EAGAIN') throw error;
      }
    }
  };
}

const code = await runCli(
  process.argv.slice(2),
  { env: process.env, out: writeTo(1), err: writeTo(2), stdin: () => Bun.stdin.text() },
  COMMANDS,
);
process.exit(code);
