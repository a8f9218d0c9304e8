import { AppError } from '../base/errors.ts';
import type { QuerySummary } from '../domain/query-result.ts';

type Chunk = Uint8Array<ArrayBuffer>;

/** Chunks that a reader may be behind before the worker is held up (only where chunks are not kept). */
const WINDOW = 4;

/** One reader's view of a running query. */
export interface Follower {
  /** Resolves when the first bytes are there or all is done; rejects with the query's error. */
  started: Promise<void>;
  /** The body's bytes; ends when the query is done, throws its error. */
  chunks(): AsyncGenerator<Chunk, void>;
  /** Known once the query is done. */
  summary(): QuerySummary | undefined;
  /** The whole body, once the query is done and if its chunks were kept. */
  whole(): Chunk[] | undefined;
  /** The reader has gone. The last one to leave ends the query. */
  leave(): void;
}

/**
 * A query that is running, and those who wait for it. Kept chunks let readers join at any time and go at their own pace; else there
 * is one reader, and the worker goes as fast as it reads.
 */
export class Flight {
  readonly #controller = new AbortController();
  readonly #chunks: (Chunk | undefined)[] = [];
  readonly done: Promise<QuerySummary>;
  #summary: QuerySummary | undefined;
  #error: unknown;
  #followers = 0;
  #taken = 0;
  #changed = Promise.withResolvers<void>();

  constructor(
    readonly keep: boolean,
    work: (signal: AbortSignal, onChunk: (chunk: Chunk) => Promise<void>) => Promise<QuerySummary>,
  ) {
    this.done = work(this.#controller.signal, (chunk) => this.#push(chunk)).then(
      (summary) => {
        this.#summary = summary;
        this.#notify();
        return summary;
      },
      (error) => {
        this.#error = error ?? new AppError('internal', 'An unexpected error occurred');
        this.#notify();
        throw error;
      },
    );
    this.done.catch(() => undefined);
  }

  get ended(): boolean {
    return this.#summary !== undefined || this.#error !== undefined;
  }

  /** Whether a further reader would get the body; not one that all have left, though its worker has not ended yet. */
  get joinable(): boolean {
    return !this.ended && !this.#controller.signal.aborted;
  }

  /** All readers have left, and the statement has not ended yet. */
  get isEnding(): boolean {
    return !this.ended && this.#controller.signal.aborted;
  }

  /** Ends the query for all its readers. */
  abort(reason: AppError): void {
    this.#controller.abort(reason);
  }

  /** The whole body, once the query is done and if its chunks were kept. */
  kept(): Chunk[] | undefined {
    return this.keep && this.#summary ? (this.#chunks as Chunk[]) : undefined;
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  async #push(chunk: Chunk): Promise<void> {
    this.#chunks.push(chunk);
    this.#notify();
    while (!this.keep && this.#chunks.length - this.#taken >= WINDOW && !this.#controller.signal.aborted)
      await this.#changed.promise;
  }

  follow(): Follower {
    this.#followers++;
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      if (--this.#followers === 0 && !this.ended)
        this.abort(new AppError('query.cancelled', 'Nobody waits for the query any more'));
      this.#notify();
    };
    const started = this.#started();
    started.catch(() => undefined);
    return {
      started,
      chunks: () => this.#read(leave),
      summary: () => this.#summary,
      whole: () => this.kept(),
      leave,
    };
  }

  async #started(): Promise<void> {
    while (!this.ended && this.#chunks.length === 0) await this.#changed.promise;
    // The last chunk comes in one message with the end: a small answer is whole one turn later, and has its length and tag.
    if (!this.ended) await new Promise((resolve) => setImmediate(resolve));
    if (this.#error !== undefined) throw this.#error;
  }

  async *#read(leave: () => void): AsyncGenerator<Chunk, void> {
    try {
      for (let next = 0; ; ) {
        const chunk = this.#chunks[next];
        if (chunk !== undefined) {
          if (!this.keep) this.#chunks[next] = undefined;
          this.#taken = Math.max(this.#taken, ++next);
          if (!this.keep) this.#notify();
          yield chunk;
        } else if (this.#error !== undefined) throw this.#error;
        else if (this.#summary !== undefined) return;
        else await this.#changed.promise;
      }
    } finally {
      leave();
    }
  }
}
