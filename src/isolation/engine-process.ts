import { AppError, type ErrorData, fromErrorData } from '../base/errors.ts';
import type { Refused } from '../host/engine-process.ts';
import type { JobOptions } from '../workers/job-pool.ts';
import { Channel } from './channel.ts';
import type { Frame } from './frames.ts';
import {
  BEAT_MS,
  decode,
  decodeDone,
  encode,
  type Init,
  type ThreadDied,
  type Threads,
  TO_FRONT,
  TO_PROCESS,
} from './messages.ts';

/**
 * Why a process ended: a statement outlived its end, it took too much memory, it fell silent, it failed by itself, somebody else killed
 * it (the system's out-of-memory killer, for one), or it was not needed.
 */
export type EndCause = 'overdue' | 'memory' | 'silent' | 'crash' | 'killed' | 'closed';

/** Rejects the jobs of a process that ended. */
export class ProcessEnded extends Error {
  constructor(
    readonly why: EndCause,
    /** Whether this job is known to be what ended it. */
    readonly isCulprit: boolean,
    /** Whether other jobs ran in it. */
    readonly hadOthers: boolean,
    /** What the process or the kernel said. */
    readonly said: string,
  ) {
    super(`the engine process ended: ${why}`);
  }
}

/** What a run learns of its process, beyond its result. */
export interface RunNote {
  /** Whether other jobs ran in it, before or meanwhile. */
  hadOthers: boolean;
}

export interface ProcessJob {
  readonly id: number;
  readonly owner: string | undefined;
  readonly startedMs: number;
  /** Bytes by which the process grew while the job ran, shared among the jobs of that moment. */
  grownBytes: number;
  /** Set while it is interrupted for its memory. */
  isTooLarge: boolean;
}

interface Pending extends ProcessJob {
  resolve(result: unknown): void;
  reject(error: unknown): void;
  onChunk: JobOptions['onChunk'];
  delivered: Promise<void>;
  note: RunNote;
  /** When it was told to end. */
  abortedMs: number | undefined;
  /** Ends the process where the job does not end in time. */
  overdue: ReturnType<typeof setTimeout> | undefined;
  /** What its reader failed with. */
  failure: { error: unknown } | undefined;
}

export interface EngineProcessOptions {
  command: readonly string[];
  env: Record<string, string>;
  /** After an abort, what a job may take to end before its process is ended. */
  endingMs: number;
  /** From this resident size on, being killed is taken for the fault of a statement. */
  largeBytes: number;
  onThreads(threads: Threads): void;
  onThreadDied(died: ThreadDied): void;
  /** What the system did not allow the process to do to itself. */
  onRefused(refused: readonly Refused[]): void;
  onEnd(process: EngineProcess, why: EndCause, said: string): void;
}

/** Without a beat for so long the process is taken for hung. Far above what a loaded machine delays. */
const SILENT_MS = 20 * BEAT_MS;
/** A process without a channel that has not ended by then is ended. */
const LOST_MS = 1000;
/** Of what the process writes to its error stream. */
const KEPT_CHARACTERS = 2000;
const NOTHING = new Uint8Array();

/** One engine process as the front sees it: its jobs, and its end. */
export class EngineProcess {
  readonly #child: Bun.Subprocess<'ignore', 'ignore', 'pipe'>;
  readonly #channel: Channel;
  readonly #pending = new Map<number, Pending>();
  readonly startedMs = performance.now();
  /** When it last had work. */
  usedMs = performance.now();
  rssBytes = 0;
  #said = '';
  #lastBeatMs = performance.now();
  #nextId = 1;
  #end: { why: EndCause; culprit: number | undefined; atMs: number } | undefined;
  readonly exited: Promise<void>;

  constructor(readonly options: EngineProcessOptions) {
    const { command, env } = options;
    this.#child = Bun.spawn([...command], {
      // The fourth is a socket pair.
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env,
    }) as Bun.Subprocess<'ignore', 'ignore', 'pipe'>;
    this.#channel = new Channel(this.#child.stdio[3] as number, {
      onFrame: (frame) => this.#receive(frame),
      onClose: () => this.#lost(),
    });
    void this.#listen();
    this.exited = this.#child.exited.then(() => this.#ended());
  }

  get pid(): number {
    return this.#child.pid;
  }

  get isAlive(): boolean {
    return this.#end === undefined;
  }

  get jobs(): readonly ProcessJob[] {
    return [...this.#pending.values()];
  }

  get isBusy(): boolean {
    return this.#pending.size > 0;
  }

  init(init: Init, endingMs: number): void {
    this.options.endingMs = endingMs;
    this.#channel.send(TO_PROCESS.init, 0, encode(init));
  }

  /** Runs a job of a lane. Rejects with the job's own AppError, the signal's reason, or ProcessEnded. */
  async run(
    lane: string,
    job: unknown,
    { signal, onChunk, owner }: JobOptions,
    note: RunNote = { hadOthers: false },
  ): Promise<unknown> {
    signal.throwIfAborted();
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const pending: Pending = {
      ...{ id, owner, resolve, reject, onChunk, note },
      startedMs: performance.now(),
      delivered: Promise.resolve(),
      grownBytes: 0,
      abortedMs: undefined,
      isTooLarge: false,
      overdue: undefined,
      failure: undefined,
    };
    const onAbort = () => this.#cancel(pending);
    this.#pending.set(id, pending);
    if (id > 1) for (const each of this.#pending.values()) each.note.hadOthers = true;
    signal.addEventListener('abort', onAbort, { once: true });
    if (this.isAlive) this.#channel.send(TO_PROCESS.run, id, encode({ lane, job }));
    else reject(this.#endOf(pending));
    try {
      return await promise;
    } catch (error) {
      if (pending.failure) throw pending.failure.error;
      if (error instanceof ProcessEnded) throw error;
      throw signal.aborted ? signal.reason : pending.isTooLarge ? tooLarge(error) : error;
    } finally {
      clearTimeout(pending.overdue);
      signal.removeEventListener('abort', onAbort);
      this.#pending.delete(id);
      this.usedMs = performance.now();
    }
  }

  /** Tells a job to end; until it has, it stays among those that run. */
  #cancel(job: Pending): void {
    this.#channel.send(TO_PROCESS.cancel, job.id, NOTHING);
    job.abortedMs ??= performance.now();
    job.overdue ??= setTimeout(() => this.end('overdue', job.id), this.options.endingMs);
  }

  /** Interrupts the job that seems to take the memory; its process is ended when that does not help. */
  interruptForMemory(id: number): void {
    const job = this.#pending.get(id);
    if (!job) return;
    job.isTooLarge = true;
    this.#channel.send(TO_PROCESS.cancel, id, NOTHING);
  }

  /** Ends the process at once, whatever runs in it. */
  end(why: EndCause, culprit?: number): void {
    if (this.#end) return;
    this.#end = { why, culprit, atMs: performance.now() };
    // One whose channel broke ends by itself, and is asked how.
    if (why !== 'crash') this.#child.kill('SIGKILL');
    this.#channel.close();
  }

  /** The other side of the channel is gone, as a rule because the process is. */
  #lost(): void {
    this.end('crash');
    setTimeout(() => this.#child.kill('SIGKILL'), LOST_MS).unref();
  }

  /** The front itself was held up, so that it could not hear. */
  forgiveSilence(nowMs: number): void {
    this.#lastBeatMs = nowMs;
  }

  /** Ends a process that has not been heard of for too long. */
  checkBeat(nowMs: number): void {
    if (this.#pending.size > 0 && nowMs - this.#lastBeatMs > SILENT_MS) this.end('silent');
  }

  #ended(): void {
    if (this.#end === undefined || this.#end.why === 'crash')
      this.#end = { why: this.#ownEnd(), culprit: undefined, atMs: performance.now() };
    this.#channel.close();
    for (const job of this.#pending.values()) job.reject(this.#endOf(job));
    this.options.onEnd(this, this.#end.why, this.#said.trim());
  }

  /** A process that grew large before it was killed was killed for that. */
  #ownEnd(): EndCause {
    const isKilled = this.#child.signalCode === 'SIGKILL';
    return isKilled && this.rssBytes < this.options.largeBytes ? 'killed' : 'crash';
  }

  #endOf({ id, abortedMs }: Pending): ProcessEnded {
    const { why, culprit, atMs } = this.#end!;
    const hadOthers = this.#pending.size > 1;
    // Statements that hang together are told to end together.
    const isOverdue =
      why === 'overdue' && abortedMs !== undefined && atMs - abortedMs > this.options.endingMs / 2;
    const isCulprit = culprit === id || isOverdue || (why === 'crash' && !hadOthers);
    return new ProcessEnded(why, isCulprit, hadOthers, this.#said.trim());
  }

  async #listen(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of this.#child.stderr)
      this.#said = (this.#said + decoder.decode(bytes, { stream: true })).slice(-KEPT_CHARACTERS);
  }

  #receive({ kind, id, payload }: Frame): void {
    this.#lastBeatMs = performance.now();
    if (kind === TO_FRONT.threads) this.options.onThreads(decode<Threads>(payload));
    else if (kind === TO_FRONT.threadDied) this.options.onThreadDied(decode<ThreadDied>(payload));
    else if (kind === TO_FRONT.refused) this.options.onRefused(decode<Refused[]>(payload));
    const job = this.#pending.get(id);
    if (job) this.#receiveOf(job, kind, payload);
  }

  #receiveOf(job: Pending, kind: number, payload: Frame['payload']): void {
    if (kind === TO_FRONT.failed) job.reject(fromErrorData(decode<ErrorData>(payload)));
    else if (kind === TO_FRONT.chunk) this.#deliver(job, payload, true);
    else if (kind === TO_FRONT.done) {
      const { result, last } = decodeDone(payload);
      if (last) this.#deliver(job, last, false);
      void job.delivered.then(() => (job.failure ? job.reject(job.failure.error) : job.resolve(result)));
    }
  }

  #deliver(job: Pending, bytes: Uint8Array<ArrayBuffer>, isCredited: boolean): void {
    const before = job.delivered;
    const deliver = async () => {
      try {
        await job.onChunk?.(bytes);
        if (isCredited) this.#channel.send(TO_PROCESS.credit, job.id, NOTHING);
      } catch (error) {
        job.failure ??= { error };
        this.#cancel(job);
      }
    };
    job.delivered = deliver().then(() => before);
  }
}

function tooLarge(cause: unknown): AppError {
  return new AppError('limit.memory', MEMORY_DETAIL, { params: { limit: 'ENGINE_MEMORY_LIMIT' }, cause });
}

export const MEMORY_DETAIL =
  'The query needs more memory than an engine process may use; ask for fewer groups, shorter texts, or a filter';
