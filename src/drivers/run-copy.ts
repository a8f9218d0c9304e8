import { AppError } from '../base/errors.ts';
import type { ConnectionPool, Session } from './connection-pool.ts';
import type { CsvWriter } from './csv-writer.ts';
import { abortError } from './with-session.ts';

/** How a value's text goes into a field of CSV. */
export type CsvForm =
  /** As it is: it holds no delimiter and no quote and is never empty. */
  | 'plain'
  /** In quotes. */
  | 'quoted'
  /** As it is, but null where the month or the day is zero. */
  | 'date';

export interface CopyOptions {
  signal: AbortSignal;
  /** After which the server itself ends the statement. */
  timeoutMs: number;
  /** One a column. */
  forms: readonly CsvForm[];
  writer: CsvWriter;
  onBytes(bytes: number): void;
}

/** A statement whose rows a session writes as CSV. */
export interface Copying {
  /** Settles when the server has said the last of it. */
  done: Promise<void>;
  /** From now on rows are read and thrown away. */
  drop(): void;
  cancel(): Promise<void>;
}

export interface CopySession extends Session {
  copy(text: string, options: CopyOptions): Promise<Copying>;
  settle(): Promise<void>;
}

const CANCEL_GRACE_MS = 5_000;
const CANCEL_AGAIN_MS = 500;
/** The server's own timeout comes first. */
const TIMEOUT_GRACE_MS = 1_000;

/** Runs a statement without parameters and writes its rows as CSV. An abort ends it on the server. */
export async function runCopy(
  pool: ConnectionPool<CopySession>,
  mapError: (error: unknown) => AppError,
  text: string,
  options: CopyOptions,
): Promise<void> {
  const { signal, timeoutMs, writer } = options;
  const reasonOf = (error: unknown) => (signal.aborted ? abortError(signal.reason) : mapError(error));
  const session = await pool.acquire(signal).catch((error) => {
    throw reasonOf(error);
  });
  const stopped = Promise.withResolvers<never>();
  stopped.promise.catch(() => undefined);
  const onAbort = () => stopped.reject(abortError(signal.reason));
  signal.addEventListener('abort', onAbort);
  const timer = setTimeout(
    () =>
      stopped.reject(
        new AppError('query.timeout', `The database did not answer within ${timeoutMs / 1000} s`),
      ),
    timeoutMs + TIMEOUT_GRACE_MS,
  );
  try {
    const copying = await session.copy(text, options);
    try {
      if (signal.aborted) onAbort();
      await Promise.race([copying.done.then(() => writer.end()), stopped.promise]);
    } catch (error) {
      await end(session, copying);
      throw error;
    }
    await session.settle();
  } catch (error) {
    await writer.abandon();
    throw reasonOf(error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    pool.release(session);
  }
}

/** Ends the statement on the server; a session that does not come clean is closed. */
async function end(session: CopySession, copying: Copying): Promise<void> {
  copying.drop();
  let isOver = false;
  const over = copying.done
    .catch(() => undefined)
    .then(() => {
      isOver = true;
    });
  const endMs = performance.now() + CANCEL_GRACE_MS;
  let sent = 0;
  try {
    await Promise.race([over, Bun.sleep(0)]);
    for (; !isOver && performance.now() < endMs; sent++) {
      await copying.cancel();
      await Promise.race([over, Bun.sleep(CANCEL_AGAIN_MS)]);
    }
    // The last of several cancels may arrive late: it must not hit what the session would run next.
    if (!isOver || sent > 1) session.close();
    else await session.settle();
  } catch (error) {
    session.close();
    if (!(error instanceof Error)) throw error;
  }
}
