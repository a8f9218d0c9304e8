import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder that goes away with its scope. */
export async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'store-'));
  return {
    path,
    file: (name: string) => join(path, name),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

export interface Child {
  /** All that it wrote so far. */
  text(): string;
  /** Until it wrote `what`. */
  wrote(what: string): Promise<void>;
  kill(signal: 'SIGKILL'): Promise<void>;
  exited: Promise<number>;
}

/** Runs a test's script in a process of its own. */
export function spawnScript(script: string, args: string[]): Child {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, script), ...args], {
    stdout: 'pipe',
    stderr: 'inherit',
  });
  let text = '';
  let changed = Promise.withResolvers<void>();
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) {
      text += decoder.decode(chunk, { stream: true });
      changed.resolve();
      changed = Promise.withResolvers();
    }
  })();
  return {
    text: () => text,
    async wrote(what) {
      while (!text.includes(what)) {
        const ended = await Promise.race([changed.promise.then(() => false), reading.then(() => true)]);
        if (ended && !text.includes(what)) throw new Error(`ended without writing ${what}: ${text}`);
      }
    },
    async kill(signal) {
      child.kill(signal);
      await child.exited;
    },
    exited: child.exited.then(async (code) => {
      await reading;
      return code;
    }),
  };
}
