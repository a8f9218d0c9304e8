import { AppError } from '../../base/errors.ts';
import type { Column } from '../../domain/column.ts';
import type { Statement } from '../../domain/statement.ts';
import type { Batch, Rows, RunOptions } from '../driver.ts';
import { isLoss, statementError } from './errors.ts';
import type { SessionPool } from './pool.ts';
import { Running } from './running.ts';
import type { Session } from './session.ts';

/** Told when a statement begins and when it has given its session back. */
export interface RowsWatcher {
  begun(rows: SourceRows): void;
  ended(rows: SourceRows): void;
}

/** The statement runs once its columns or rows are asked for; see `Rows`. */
export class SourceRows implements Rows {
  readonly #abort = new AbortController();
  #running: Running | undefined;
  #started: Promise<Running> | undefined;
  #timer: Timer | undefined;
  #finishing: Promise<void> | undefined;

  constructor(
    readonly pool: SessionPool,
    readonly statement: Statement,
    readonly options: RunOptions,
    readonly watcher: RowsWatcher,
  ) {}

  readonly #cancel = () => this.cancel(this.options.signal.reason);

  /** Ends the statement, which then throws `reason`. */
  cancel(reason: unknown): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort(
      reason instanceof AppError
        ? reason
        : new AppError('query.cancelled', 'The query was cancelled', { cause: reason }),
    );
    if (this.#running) void this.#finish();
  }

  async columns(): Promise<readonly Column[]> {
    const running = await this.#start();
    try {
      return await running.columns.promise;
    } catch (error) {
      await this.#finish();
      throw this.#reason(error);
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Batch> {
    try {
      const running = await this.#start();
      for (;;) {
        await running.ready();
        if (running.error !== undefined || this.#abort.signal.aborted) throw running.error;
        const { reader, ended } = running;
        if (reader && reader.count > 0) yield { columns: reader.columns, count: reader.count };
        if (ended) return;
        running.goOn();
      }
    } catch (error) {
      await this.#finish();
      throw this.#reason(error);
    } finally {
      await this.#finish();
    }
  }

  #reason(error: unknown): unknown {
    return this.#abort.signal.aborted ? this.#abort.signal.reason : statementError(error);
  }

  #start(): Promise<Running> {
    this.#started ??= this.#begin();
    return this.#started;
  }

  async #begin(): Promise<Running> {
    const { signal, timeoutMs } = this.options;
    this.watcher.begun(this);
    if (signal.aborted) this.#cancel();
    else signal.addEventListener('abort', this.#cancel, { once: true });
    this.#timer = setTimeout(
      () => this.cancel(new AppError('query.timeout', `The query took longer than ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    try {
      for (;;) {
        const running = await this.#attempt();
        if (running) return running;
      }
    } catch (error) {
      await this.#finish();
      throw this.#reason(error);
    }
  }

  /** Undefined when a pooled connection turned out to be dead, as after a restart of the server; the next one may not be. */
  async #attempt(): Promise<Running | undefined> {
    const session = await this.pool.acquire(this.#abort.signal);
    const mayBeStale = session.used > 1;
    try {
      await session.limitLocks(this.options.timeoutMs);
      this.#abort.signal.throwIfAborted();
      const running = new Running(session, this.statement, this.options);
      this.#running = running;
      if (mayBeStale) await running.columns.promise;
      return running;
    } catch (error) {
      // A cancel gives the session back by itself.
      if (this.#finishing) throw error;
      this.#running = undefined;
      const lost = isLoss(error) || isLost(error);
      const clean = !lost && (await ended(session));
      this.pool.release(session, clean);
      if (lost && mayBeStale && !this.#abort.signal.aborted) return undefined;
      throw error;
    }
  }

  #finish(): Promise<void> {
    this.#finishing ??= this.#giveBack();
    return this.#finishing;
  }

  async #giveBack(): Promise<void> {
    clearTimeout(this.#timer);
    this.options.signal.removeEventListener('abort', this.#cancel);
    const running = this.#running;
    if (running) {
      await running.stop();
      this.pool.release(running.session, await ended(running.session));
    }
    this.watcher.ended(this);
  }
}

const isLost = (error: unknown) => error instanceof AppError && error.code === 'datasource.unreachable';

/** Ends the session's transaction; false when that failed, so that the session is not used again. */
async function ended(session: Session): Promise<boolean> {
  if (session.closed) return false;
  return session.endTransaction().then(
    () => true,
    () => false,
  );
}
