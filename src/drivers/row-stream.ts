import { AppError } from '../base/errors.ts';
import type { Column, SourceColumn } from '../domain/column.ts';
import type { Statement } from '../domain/statement.ts';
import { BatchQueue, type Decoder } from './batch-queue.ts';
import type { ConnectionPool, Session } from './connection-pool.ts';
import type { Batch, Rows, RunOptions } from './driver.ts';
import { abortError } from './with-session.ts';

/** Where a session puts what the server sends: fields once, then rows; then `end` or `fail` once. */
export interface RowSink<F> {
  fields(fields: readonly F[]): void;
  row(values: unknown[]): void;
  end(): void;
  fail(error: unknown): void;
}

/** A statement that a session runs. */
export interface Running {
  pause(): void;
  resume(): void;
  /** Bytes that came so far. */
  received(): number;
  /** Asks the server, over another connection, to end it; `fail` or `end` follow. */
  cancel(): Promise<void>;
}

/** A session that gives rows as values in the order of the fields. */
export interface RowSession<F> extends Session {
  run(statement: Statement, timeoutMs: number, sink: RowSink<F>): Running;
  /** After the statement has ended in whatever way: leaves the session as it was before. Throws when it cannot. */
  settle(): Promise<void>;
}

export interface RowSource<F> {
  pool: ConnectionPool<RowSession<F>>;
  decoder(fields: readonly F[], types: readonly SourceColumn[] | undefined): Promise<Decoder> | Decoder;
  /** A driver's error as an AppError. */
  mapError(error: unknown): AppError;
}

const BATCH_ROWS = 4096;
/** A batch is handed over below its number of rows when its rows are this large. */
const BATCH_BYTES = 8 * 1024 * 1024;
const BYTES_LOOK = 63;
/** Batches that wait for a slow reader before the socket is left unread. */
const BATCHES_AHEAD = 2;
/** How long a cancelled statement may take to end before its connection is cut. */
const CANCEL_GRACE_MS = 5_000;
const CANCEL_AGAIN_MS = 500;
/** The server's own timeout comes first; this one is for servers that have none. */
const TIMEOUT_GRACE_MS = 1_000;

/** The rows of one statement: fetched when first asked for, decoded when read. */
export class RowStream<F> implements Rows, RowSink<F> {
  readonly #source: RowSource<F>;
  readonly #statement: Statement;
  readonly #options: RunOptions;
  readonly #batchRows: number;
  #started: Promise<void> | undefined;
  #session: RowSession<F> | undefined;
  #running: Running | undefined;
  #decoder: Decoder | undefined;
  #queue: BatchQueue | undefined;
  /** Rows that came before their decoder. */
  #early: unknown[][] = [];
  #batchStart = 0;
  #isPaused = false;
  #isDropping = false;
  #isOver = false;
  /** Why it ended early; the first reason counts. */
  #error: unknown;
  #wake = Promise.withResolvers<void>();
  readonly #over = Promise.withResolvers<void>();
  #finished: Promise<void> | undefined;
  #timer: Timer | undefined;

  constructor(source: RowSource<F>, statement: Statement, options: RunOptions) {
    this.#source = source;
    this.#statement = statement;
    this.#options = options;
    this.#batchRows = options.batchRows ?? BATCH_ROWS;
  }

  async columns(): Promise<readonly Column[]> {
    await this.#start();
    return (await this.#decoding()).columns;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    await this.#start();
    try {
      await this.#decoding();
      for (let batch = await this.#nextBatch(); batch; batch = await this.#nextBatch()) yield batch;
    } finally {
      await this.#finish();
    }
  }

  fields(fields: readonly F[]): void {
    if (fields.length === 0) this.#error ??= new AppError('query.refused', 'The statement yields no rows');
    const decoder = this.#source.decoder(fields, this.#options.types);
    if (!(decoder instanceof Promise)) {
      this.#decodeBy(decoder);
      return;
    }
    this.#pause();
    decoder.then(
      (ready) => {
        this.#decodeBy(ready);
        this.#resumeIfRoom();
      },
      (error) => this.#stop(this.#source.mapError(error)),
    );
  }

  row(values: unknown[]): void {
    if (this.#isDropping) return;
    const queue = this.#queue;
    if (!queue) {
      this.#early.push(values);
      return;
    }
    if (!queue.push(values) && ((queue.filling & BYTES_LOOK) !== 0 || !this.#isLarge())) return;
    this.#closeBatch(queue);
    if (queue.ready >= BATCHES_AHEAD) this.#pause();
  }

  end(): void {
    if (this.#queue) this.#closeBatch(this.#queue);
    this.#settleOver();
  }

  fail(error: unknown): void {
    this.#error ??= this.#source.mapError(error);
    this.#settleOver();
  }

  #settleOver(): void {
    this.#isOver = true;
    this.#over.resolve();
    this.#wake.resolve();
  }

  #decodeBy(decoder: Decoder): void {
    this.#decoder = decoder;
    this.#queue = new BatchQueue(decoder, this.#batchRows);
    for (const values of this.#early.splice(0)) this.row(values);
    if (this.#isOver) this.#closeBatch(this.#queue);
    this.#wake.resolve();
  }

  #isLarge(): boolean {
    return (this.#running?.received() ?? 0) - this.#batchStart > BATCH_BYTES;
  }

  #closeBatch(queue: BatchQueue): void {
    queue.close();
    this.#batchStart = this.#running?.received() ?? 0;
    this.#wake.resolve();
  }

  #start(): Promise<void> {
    this.#started ??= this.#begin();
    return this.#started;
  }

  async #begin(): Promise<void> {
    const { signal, timeoutMs } = this.#options;
    try {
      this.#session = await this.#source.pool.acquire(signal);
    } catch (error) {
      throw this.#reasonOf(error);
    }
    signal.addEventListener('abort', this.#onAbort);
    this.#timer = setTimeout(this.#onTimeout, timeoutMs + TIMEOUT_GRACE_MS);
    this.#running = this.#session.run(this.#statement, timeoutMs, this);
    this.#batchStart = this.#running.received();
    if (signal.aborted) this.#onAbort();
  }

  #reasonOf(error: unknown): AppError {
    const { signal } = this.#options;
    return signal.aborted ? abortError(signal.reason) : this.#source.mapError(error);
  }

  readonly #onAbort = () => this.#stop(abortError(this.#options.signal.reason));
  readonly #onTimeout = () => this.#stop(queryTimeout(this.#options.timeoutMs));

  /** Ends the statement on the server; the reader learns at once. */
  #stop(reason: AppError): void {
    if (this.#isOver || this.#isDropping) return;
    this.#error ??= reason;
    void this.#finish();
    this.#wake.resolve();
  }

  async #decoding(): Promise<Decoder> {
    while (!this.#decoder && this.#error === undefined) await this.#woken();
    if (this.#decoder) return this.#decoder;
    await this.#finish();
    throw this.#error;
  }

  async #nextBatch(): Promise<Batch | undefined> {
    for (;;) {
      if (this.#error !== undefined) throw this.#error;
      const batch = this.#queue?.take();
      if (batch) {
        this.#resumeIfRoom();
        return batch;
      }
      if (this.#isOver) return undefined;
      await this.#woken();
    }
  }

  async #woken(): Promise<void> {
    await this.#wake.promise;
    this.#wake = Promise.withResolvers<void>();
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#running?.pause();
  }

  #resumeIfRoom(): void {
    if (!this.#isPaused || this.#isDropping || !this.#queue || this.#queue.ready >= BATCHES_AHEAD) return;
    this.#isPaused = false;
    this.#running?.resume();
  }

  #finish(): Promise<void> {
    this.#finished ??= this.#leave();
    return this.#finished;
  }

  /** Gives the session back clean, or cuts it. */
  async #leave(): Promise<void> {
    clearTimeout(this.#timer);
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    const session = this.#session!;
    try {
      const cancels = this.#isOver ? 0 : await this.#cancel();
      // The last of several may arrive late: it must not hit what the session would run next.
      if (cancels > 1) session.close();
      else await within(CANCEL_GRACE_MS, session.settle());
    } catch (error) {
      this.#error ??= this.#source.mapError(error);
      session.close();
    } finally {
      this.#source.pool.release(session);
    }
  }

  /**
   * Says how many cancels were sent. Throws when the statement has not ended in time. Its rows are left unread meanwhile: they would crowd out the cancel. It is asked
   * again and again: a server that waits for the next message of the statement just then takes no notice of a cancel.
   */
  async #cancel(): Promise<number> {
    this.#isDropping = true;
    const running = this.#running!;
    const endMs = performance.now() + CANCEL_GRACE_MS;
    let sent = 0;
    for (; !this.#isOver; sent++) {
      const leftMs = Math.max(0, endMs - performance.now());
      running.pause();
      await within(leftMs, running.cancel());
      running.resume();
      await Promise.race([within(leftMs, this.#over.promise), Bun.sleep(CANCEL_AGAIN_MS)]);
    }
    return sent;
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`not done after ${ms} ms`)), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const queryTimeout = (timeoutMs: number) =>
  new AppError('query.timeout', `The database did not answer within ${timeoutMs / 1000} s`);
