import { AppError, toErrorData } from '../base/errors.ts';
import { becomeEngineProcess } from '../host/engine-process.ts';
import { WorkerPool } from '../workers/pool.ts';
import { type WorkerName, workerUrl } from '../workers/urls.ts';
import { Channel } from './channel.ts';
import type { Frame } from './frames.ts';
import {
  BEAT_MS,
  decode,
  encode,
  encodeDone,
  type Init,
  type RunMessage,
  TO_FRONT,
  TO_PROCESS,
} from './messages.ts';

/** Where the front puts this process's end of the socket pair. */
const CHANNEL = 3;
const NOTHING = new Uint8Array();

interface RunningJob {
  controller: AbortController;
  /** Chunks that the front has not taken yet, oldest first. */
  taken: (() => void)[];
}

/** The inside of an engine process: relays jobs from the front to its own worker threads, and their bytes back. */
class EngineChild {
  readonly #running = new Map<number, RunningJob>();
  readonly #lanes = new Map<string, WorkerPool<unknown, unknown>>();
  readonly #channel = new Channel(CHANNEL, {
    onFrame: (frame) => this.#receive(frame),
    // Statements may still run, and only a signal ends them.
    onClose: () => process.kill(process.pid, 'SIGKILL'),
  });

  constructor(readonly urlOf: (worker: WorkerName) => string) {}

  start(): void {
    setInterval(() => this.#channel.send(TO_FRONT.beat, 0, NOTHING), BEAT_MS);
  }

  #receive({ kind, id, payload }: Frame): void {
    if (kind === TO_PROCESS.run) void this.#run(id, decode<RunMessage>(payload));
    else if (kind === TO_PROCESS.credit) this.#running.get(id)?.taken.shift()?.();
    else if (kind === TO_PROCESS.cancel) this.#cancel(id);
    else if (kind === TO_PROCESS.init) this.#init(decode<Init>(payload));
  }

  #init({ lanes, dataLimitBytes, nice }: Init): void {
    const refused = becomeEngineProcess(nice, dataLimitBytes);
    if (refused.length > 0) this.#channel.send(TO_FRONT.refused, 0, encode(refused));
    for (const { name, worker, size, options } of lanes) {
      const pool: WorkerPool<unknown, unknown> = new WorkerPool({
        url: this.urlOf(worker),
        size,
        options,
        onThreads: ({ started, busy }) =>
          this.#channel.send(TO_FRONT.threads, 0, encode({ lane: name, started, busy })),
        onDeath: (why) => this.#channel.send(TO_FRONT.threadDied, 0, encode({ lane: name, why })),
      });
      this.#lanes.set(name, pool);
    }
  }

  #cancel(id: number): void {
    this.#running.get(id)?.controller.abort(new AppError('query.cancelled', 'The query was cancelled'));
  }

  async #run(id: number, { lane, job }: RunMessage): Promise<void> {
    const running: RunningJob = { controller: new AbortController(), taken: [] };
    this.#running.set(id, running);
    try {
      let last: Uint8Array<ArrayBuffer> | undefined;
      const result = await this.#lanes.get(lane)!.run(job, {
        signal: running.controller.signal,
        onChunk: (bytes) => this.#chunk(id, running, bytes),
        onLast: (bytes) => {
          last = bytes;
        },
      });
      this.#channel.send(TO_FRONT.done, id, ...encodeDone(result, last));
    } catch (error) {
      this.#channel.send(TO_FRONT.failed, id, encode(toErrorData(error)));
    } finally {
      this.#running.delete(id);
    }
  }

  #chunk(id: number, { taken }: RunningJob, bytes: Uint8Array): Promise<void> {
    this.#channel.send(TO_FRONT.chunk, id, bytes);
    return new Promise((resolve) => taken.push(resolve));
  }
}

/** Turns this process into an engine process; it ends when its front does. Tests bring workers of their own. */
export function runEngineChild(urlOf = workerUrl): void {
  new EngineChild(urlOf).start();
}
