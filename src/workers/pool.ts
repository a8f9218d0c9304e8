import { AppError, fromErrorData } from '../base/errors.ts';
import type { FromWorker, ToWorker } from './protocol.ts';
import { workerFault } from './worker-fault.ts';

export interface PoolOptions {
  /** Address of the `*.worker.ts`, from `new URL('./x.worker.ts', import.meta.url).href`. */
  url: string;
  size: number;
  /** Structured-cloneable; the worker's `serve` gets it. */
  options: unknown;
  /** Called when the number of threads, or of those with jobs, changes. */
  onThreads?(threads: { started: number; busy: number }): void;
  /** Called when a thread ended by itself. */
  onDeath?(why: string): void;
}

export interface RunOptions {
  signal: AbortSignal;
  /** Called for each chunk in order; the worker goes on when the promise resolves. */
  onChunk?: ((bytes: Uint8Array<ArrayBuffer>) => Promise<void> | void) | undefined;
  /** Gets the last chunk in place of `onChunk`, just before the result. */
  onLast?: ((bytes: Uint8Array<ArrayBuffer>) => void) | undefined;
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: unknown): void;
  onChunk: RunOptions['onChunk'];
  onLast: RunOptions['onLast'];
  /** Settled when every chunk so far was taken. */
  delivered: Promise<void>;
  cleanUp(): void;
}

/** One thread and the jobs that run on it. */
class Thread<Job> {
  readonly #worker: Worker;
  readonly pending = new Map<number, Pending>();
  readonly ready: Promise<void>;
  dead = false;

  constructor(options: PoolOptions, onDeath: (thread: Thread<Job>, why: string) => void) {
    this.#worker = new Worker(options.url);
    const { promise, resolve: setReady, reject: failReady } = Promise.withResolvers<void>();
    this.ready = promise;
    this.ready.catch(() => undefined);
    const die = (why: string) => {
      if (this.dead) return;
      this.dead = true;
      const error = new AppError(
        'worker.died',
        'The worker that ran this ended; the request may be sent again',
        { retryAfterS: 1, cause: why },
      );
      failReady(error);
      for (const job of this.pending.values()) job.reject(error);
      onDeath(this, why);
    };
    this.#worker.onerror = (event) => die(workerFault(event.message));
    this.#worker.addEventListener('close', () => die('the thread ended'));
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker<unknown>>) => {
      // A message posted before the worker listens is lost, so nothing is sent before `loaded`.
      if (data.kind === 'loaded') this.post({ kind: 'init', options: options.options });
      else if (data.kind === 'ready') setReady();
      else this.#receive(data);
    };
  }

  post(message: ToWorker<Job>): void {
    if (!this.dead) this.#worker.postMessage(message);
  }

  #receive(message: Extract<FromWorker<unknown>, { id: number }>): void {
    const job = this.pending.get(message.id);
    if (!job) return;
    if (message.kind === 'failed') {
      job.reject(fromErrorData(message.error));
      return;
    }
    const bytes = message.kind === 'chunk' ? message.bytes : message.last;
    if (bytes && message.kind === 'done' && job.onLast) job.onLast(bytes);
    else if (bytes) {
      const before = job.delivered;
      job.delivered = this.#deliver(message.id, job, bytes).then(() => before);
    }
    if (message.kind === 'done') void job.delivered.then(() => job.resolve(message.result));
  }

  async #deliver(id: number, job: Pending, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      await job.onChunk?.(bytes);
      this.post({ kind: 'credit', id });
    } catch (error) {
      this.post({ kind: 'cancel', id });
      job.reject(error);
    }
  }

  /** Only an idle thread may be ended: terminating one inside a DuckDB call aborts the process. */
  close(): void {
    this.dead = true;
    this.#worker.terminate();
  }
}

/** Worker threads that are started when first needed, shared by load, and replaced when they end by themselves. */
export class WorkerPool<Job, Result> {
  readonly #threads = new Set<Thread<Job>>();
  #nextId = 1;
  #closed = false;

  constructor(readonly options: PoolOptions) {
    this.#count();
  }

  /** Starts one thread and waits until it can take jobs. */
  async warm(): Promise<void> {
    await this.#pick().ready;
  }

  stats(): { size: number; started: number; busy: number; jobs: number } {
    const threads = [...this.#threads];
    return {
      size: this.options.size,
      started: threads.length,
      busy: threads.filter(({ pending }) => pending.size > 0).length,
      jobs: threads.reduce((sum, { pending }) => sum + pending.size, 0),
    };
  }

  /**
   * Runs a job. An abort is passed on to the worker, which answers as soon as its engine has let go; the promise then rejects
   * with the signal's reason. Throws `worker.died` when the thread ends.
   */
  async run(job: Job, { signal, onChunk, onLast }: RunOptions): Promise<Result> {
    signal.throwIfAborted();
    const thread = this.#pick();
    const id = this.#nextId++;
    const onAbort = () => thread.post({ kind: 'cancel', id });
    const result = new Promise<Result>((resolve, reject) => {
      thread.pending.set(id, {
        resolve: resolve as (result: unknown) => void,
        reject,
        onChunk,
        onLast,
        delivered: Promise.resolve(),
        cleanUp: () => signal.removeEventListener('abort', onAbort),
      });
    });
    this.#count();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([thread.ready, result]);
      signal.throwIfAborted();
      thread.post({ kind: 'run', id, job });
      return await result;
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      thread.pending.get(id)?.cleanUp();
      thread.pending.delete(id);
      result.catch(() => undefined);
      this.#count();
    }
  }

  /** Ends the idle threads; call it when no job runs any more. Busy ones are left to the end of the process. */
  close(): void {
    this.#closed = true;
    for (const thread of this.#threads) if (thread.pending.size === 0) thread.close();
    this.#threads.clear();
    this.#count();
  }

  #pick(): Thread<Job> {
    if (this.#closed) throw new AppError('overloaded', 'The service is stopping', { retryAfterS: 5 });
    let best: Thread<Job> | undefined;
    for (const thread of this.#threads) if (!best || thread.pending.size < best.pending.size) best = thread;
    if (best && (best.pending.size === 0 || this.#threads.size >= this.options.size)) return best;
    const thread = new Thread<Job>(this.options, (dead, why) => this.#bury(dead, why));
    this.#threads.add(thread);
    return thread;
  }

  #bury(thread: Thread<Job>, why: string): void {
    if (!this.#threads.delete(thread)) return;
    this.options.onDeath?.(why);
    this.#count();
  }

  #count(): void {
    this.options.onThreads?.(this.stats());
  }
}
