import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSources, ROOT } from '../../deploy/sources.ts';
import { isAlive } from '../processes/cluster.ts';
import { type Ran, runProcess, startServe } from '../support/program.ts';

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

interface Event {
  event: string;
  [field: string]: unknown;
}

export interface Running {
  url: string;
  pid: number;
  /** All that was logged so far. */
  log(): string;
  events(): Event[];
  kill(signal: NodeJS.Signals): void;
  /** The exit code; null where a signal ended it. */
  ended: Promise<number | null>;
}

/** The one file, alone in an empty folder, with nothing in its environment but a home of its own. */
export class Shipped {
  readonly folder = mkdtempSync(join(tmpdir(), 'shipped-'));
  readonly program = join(this.folder, 'place/reporting-api');
  readonly #work = join(this.folder, 'work');
  readonly #running = new Set<Running>();

  constructor() {
    for (const path of ['place', 'work', 'home']) mkdirSync(join(this.folder, path));
    copyFileSync(builtBinary(), this.program);
  }

  #env(env: Record<string, string>) {
    return { HOME: join(this.folder, 'home'), PORT: '0', ...env };
  }

  run(args: string[], env: Record<string, string> = {}, input = ''): Promise<Ran> {
    return runProcess([this.program, ...args], { cwd: this.#work, env: this.#env(env), input });
  }

  /** Starts `serve` on a free port and waits until it says that it has started. */
  async serve(env: Record<string, string> = {}): Promise<Running> {
    const serving = await startServe(this.#env(env), { program: [this.program], cwd: this.#work });
    const { url, child, logged, ended } = serving;
    const running: Running = {
      ...{ url, ended, pid: child.pid },
      log: () => logged.join('\n'),
      events: () => logged.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Event),
      kill: (signal) => child.kill(signal),
    };
    this.#running.add(running);
    return running;
  }

  async [Symbol.asyncDispose]() {
    for (const running of this.#running) {
      running.kill('SIGKILL');
      await running.ended;
      for (const { event, child } of running.events())
        if (event === 'supervisor.succeeded' && isAlive(Number(child)))
          process.kill(Number(child), 'SIGKILL');
    }
    rmSync(this.folder, { recursive: true });
  }
}
