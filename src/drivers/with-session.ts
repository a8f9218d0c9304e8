import { AppError } from '../base/errors.ts';
import type { ConnectionPool, Session } from './connection-pool.ts';

/** What a caller is told who ended the work itself. */
export const abortError = (reason: unknown) =>
  reason instanceof AppError
    ? reason
    : new AppError('query.cancelled', 'The query was cancelled', { cause: reason });

/** Runs short statements of our own on a session; an abort cuts the session. */
export async function withSession<S extends Session, T>(
  pool: ConnectionPool<S>,
  signal: AbortSignal,
  mapError: (error: unknown) => AppError,
  work: (session: S) => Promise<T>,
): Promise<T> {
  const reasonOf = (error: unknown) => (signal.aborted ? abortError(signal.reason) : mapError(error));
  const session = await pool.acquire(signal).catch((error) => {
    throw reasonOf(error);
  });
  const onAbort = () => session.close();
  signal.addEventListener('abort', onAbort);
  try {
    signal.throwIfAborted();
    return await work(session);
  } catch (error) {
    throw reasonOf(error);
  } finally {
    signal.removeEventListener('abort', onAbort);
    pool.release(session);
  }
}
