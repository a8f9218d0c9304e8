import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSources, ROOT } from '../../deploy/sources.ts';

const BINARY = join(ROOT, 'dist/reporting-api');

/** The binary of these very sources: the one in dist/ when it was built from them, else a new one. */
export function builtBinary(): string {
  const stamp = `${BINARY}.built-from`;
  const isCurrent =
    existsSync(BINARY) && existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === hashSources();
  if (!isCurrent) {
    const build = Bun.spawnSync([process.execPath, join(ROOT, 'deploy/build.ts')], {
      stdout: 'pipe',
      stderr: 'pipe',
    });
    if (!build.success) throw new Error(`the build failed:\n${build.stdout}${build.stderr}`);
  }
  return BINARY;
}

export interface Ran {
  code: number;
  out: string;
  err: string;
}

export interface Running {
  url: string;
  pid: number;
  /** All that was logged so far. */
  log(): string;
  kill(signal: NodeJS.Signals): void;
  /** The exit code; null where a signal ended it. */
  ended: Promise<number | null>;
}

/** The one file, alone in an empty folder, with nothing in its environment but a home of its own. */
export class Shipped {
  readonly folder = mkdtempSync(join(tmpdir(), 'shipped-'));
  readonly #program = join(this.folder, 'place/reporting-api');
  readonly #work = join(this.folder, 'work');
  readonly #running = new Set<Bun.Subprocess>();

  constructor() {
    for (const path of ['place', 'work', 'home']) mkdirSync(join(this.folder, path));
    copyFileSync(builtBinary(), this.#program);
  }

  #options(env: Record<string, string>) {
    return { cwd: this.#work, env: { HOME: join(this.folder, 'home'), PORT: '0', ...env } };
  }

  async run(args: string[], env: Record<string, string> = {}, input = ''): Promise<Ran> {
    const child = Bun.spawn([this.#program, ...args], {
      ...this.#options(env),
      stdin: new Blob([input]),
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { code: await child.exited, out, err };
  }

  /** Starts `serve` on a free port and waits until it says that it has started. */
  async serve(env: Record<string, string> = {}): Promise<Running> {
    const child = Bun.spawn([this.#program, 'serve'], {
      ...this.#options(env),
      stdout: 'ignore',
      stderr: 'pipe',
    });
    this.#running.add(child);
    let text = '';
    const url = await new Promise<string>((resolve, reject) => {
      const read = async () => {
        for await (const bytes of child.stderr) {
          text += new TextDecoder().decode(bytes);
          const started = /^.*"event":"service\.started".*$/m.exec(text);
          if (started) resolve((JSON.parse(started[0]) as { url: string }).url);
        }
        reject(new Error(`it ended before it had started:\n${text}`));
      };
      read().catch(reject);
    });
    const ended = child.exited.then(() => child.exitCode);
    return { url, pid: child.pid, log: () => text, kill: (signal) => child.kill(signal), ended };
  }

  async [Symbol.asyncDispose]() {
    for (const child of this.#running) {
      child.kill('SIGKILL');
      await child.exited;
    }
    rmSync(this.folder, { recursive: true });
  }
}
