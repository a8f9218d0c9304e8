import { Semaphore } from '../base/semaphore.ts';
import type { EngineProcess } from './engine-process.ts';
import type { Threads } from './messages.ts';

/** Suspects that run alone at the same time. */
const ALONE = 2;
const LOOK_MS = 100;

/** The processes of one purpose: the one that takes jobs, and those in which suspects run alone. */
export class EngineKind {
  readonly processes = new Set<EngineProcess>();
  /** Threads by lane, of the process that takes jobs. */
  readonly threads = new Map<string, Threads>();
  readonly lanes = new Set<string>();
  readonly #alone = new Semaphore(ALONE, Number.POSITIVE_INFINITY);
  #current: EngineProcess | undefined;

  constructor(readonly start: () => EngineProcess) {}

  get isStarted(): boolean {
    return this.#current?.isAlive === true;
  }

  /** The process that takes jobs; started when there is none. */
  current(): EngineProcess {
    if (!this.#current?.isAlive) {
      this.#current = this.#add();
      this.threads.clear();
    }
    return this.#current;
  }

  /** Runs `work` in a process of its own. */
  async alone<T>(signal: AbortSignal, work: (process: EngineProcess) => Promise<T>): Promise<T> {
    const release = await this.#alone.acquire(2 ** 31 - 1, signal);
    const process = this.#add();
    try {
      return await work(process);
    } finally {
      process.end('closed');
      release();
    }
  }

  /** A process whose memory was used up takes no more jobs, and ends with its last one. */
  retire(process: EngineProcess): void {
    if (this.#current !== process) return;
    this.#current = undefined;
    const timer = setInterval(() => {
      if (process.isAlive && process.jobs.length > 0) return;
      clearInterval(timer);
      process.end('closed');
    }, LOOK_MS);
    timer.unref();
  }

  /** Ends the process that takes jobs if it has had none since `sinceMs`. */
  endIdle(sinceMs: number): void {
    const process = this.#current;
    if (process?.isAlive && process.jobs.length === 0 && process.usedMs < sinceMs) process.end('closed');
  }

  close(): void {
    for (const process of this.processes) process.end('closed');
  }

  #add(): EngineProcess {
    const process = this.start();
    this.processes.add(process);
    void process.exited.then(() => this.processes.delete(process));
    return process;
  }
}
