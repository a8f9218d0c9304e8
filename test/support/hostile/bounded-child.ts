import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Bounds {
  /** After which the statement is interrupted, and after which the process is killed. */
  readonly interruptMs: number;
  readonly killMs: number;
  readonly residentBytes: number;
}

export type Outcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'error'; readonly said: string }
  /** The process was killed by us: at the deadline, or past its memory. */
  | { readonly kind: 'deadline' | 'memory' }
  | { readonly kind: 'crash'; readonly signal: string };

const PAGE_BYTES = 4096;
const LOOK_MS = 50;

function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code === 'ENOENT' ||
      (error as NodeJS.ErrnoException).code === 'ESRCH'
    )
      return 0;
    throw error;
  }
}

/** Runs statements in a process of its own, one after another, and a new process after one that ended. */
export class BoundedChild implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  #child: ReturnType<BoundedChild['start']> | undefined;
  #lines: AsyncGenerator<string> | undefined;

  constructor(readonly bounds: Bounds) {}

  start() {
    const program = join(import.meta.dir, 'run-statements.child.ts');
    return Bun.spawn([process.execPath, program, this.#folder, String(this.bounds.interruptMs)], {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'ignore',
    });
  }

  async #ready() {
    if (this.#child) return this.#child;
    const child = this.start();
    this.#child = child;
    this.#lines = linesOf(child.stdout);
    await this.#lines.next();
    return child;
  }

  async run(text: string): Promise<Outcome> {
    const child = await this.#ready();
    child.stdin.write(`${JSON.stringify(text)}\n`);
    child.stdin.flush();
    const started = performance.now();
    let killed: 'deadline' | 'memory' | undefined;
    const look = setInterval(() => {
      if (residentBytes(child.pid) > this.bounds.residentBytes) killed = 'memory';
      else if (performance.now() - started > this.bounds.killMs) killed = 'deadline';
      if (killed) child.kill('SIGKILL');
    }, LOOK_MS);
    const line = await this.#lines!.next();
    clearInterval(look);
    if (!line.done) {
      const said = JSON.parse(line.value) as string;
      return said === 'ok' ? { kind: 'ok' } : { kind: 'error', said };
    }
    await child.exited;
    this.#child = undefined;
    return killed ? { kind: killed } : { kind: 'crash', signal: String(child.signalCode ?? child.exitCode) };
  }

  async [Symbol.asyncDispose]() {
    this.#child?.kill('SIGKILL');
    await this.#child?.exited;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split('\n');
    text = lines.pop()!;
    yield* lines;
  }
}
