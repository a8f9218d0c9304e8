import { AppError, toErrorData } from '../base/errors.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

declare const self: {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
};

/** What a running job may do. */
export interface JobContext {
  signal: AbortSignal;
  /** Sends bytes (their buffer is given away) and resolves when the reader wants more. */
  send(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

export type Handler<Job, Result> = (job: Job, context: JobContext) => Promise<Result>;

/** How many chunks may be under way before the worker waits for its reader. */
const WINDOW = 4;

class RunningJob implements JobContext {
  readonly #controller = new AbortController();
  #credit = WINDOW;
  /** The newest chunk, held back until it is known whether it is the last. */
  #held: Uint8Array<ArrayBuffer> | undefined;
  #wake: (() => void) | undefined;

  constructor(readonly id: number) {}

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  async send(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const ready = this.#held;
    this.#held = bytes;
    if (!ready) return;
    post({ kind: 'chunk', id: this.id, bytes: ready }, [ready.buffer]);
    this.#credit--;
    while (this.#credit <= 0 && !this.signal.aborted) await new Promise<void>((wake) => (this.#wake = wake));
    this.signal.throwIfAborted();
  }

  finish(result: unknown): void {
    const last = this.#held;
    post({ kind: 'done', id: this.id, result, last }, last ? [last.buffer] : []);
  }

  grant(): void {
    this.#credit++;
    this.#wake?.();
  }

  cancel(): void {
    this.#controller.abort(new AppError('query.cancelled', 'The query was cancelled'));
    this.#wake?.();
  }
}

function post(message: FromWorker<unknown>, transfer: ArrayBuffer[] = []): void {
  self.postMessage(message, transfer);
}

/**
 * Turns this thread into a worker of a WorkerPool: `start` gets the pool's options once and gives the handler, which may run
 * several jobs at a time. Call it once, at the top of a `*.worker.ts`.
 */
export function serve<Options, Job, Result>(
  start: (options: Options) => Promise<Handler<Job, Result>>,
): void {
  const running = new Map<number, RunningJob>();
  let handler: Promise<Handler<Job, Result>> | undefined;

  async function run(id: number, job: Job): Promise<void> {
    const context = new RunningJob(id);
    running.set(id, context);
    try {
      if (!handler) throw new Error('a job came before the options');
      context.finish(await (await handler)(job, context));
    } catch (error) {
      post({
        kind: 'failed',
        id,
        error: toErrorData(context.signal.aborted ? context.signal.reason : error),
      });
    } finally {
      running.delete(id);
    }
  }

  self.onmessage = ({ data }: MessageEvent<ToWorker<Job>>) => {
    if (data.kind === 'run') void run(data.id, data.job);
    else if (data.kind === 'credit') running.get(data.id)?.grant();
    else if (data.kind === 'cancel') running.get(data.id)?.cancel();
    else {
      handler = start(data.options as Options);
      handler.then(() => post({ kind: 'ready' }));
    }
  };
  post({ kind: 'loaded' });
}
