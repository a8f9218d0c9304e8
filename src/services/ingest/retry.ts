import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { Sleep } from '../../base/sleep.ts';
import type { HttpRetry } from '../../domain/http-source.ts';

export interface RetryDeps {
  clock: Clock;
  sleep: Sleep;
  /** From 0 to below 1. */
  random(): number;
}

const ATTEMPTS = 4;
const STATUSES = [408, 425, 429, 500, 502, 503, 504];
const MAX_WAIT_S = 300;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

const TRANSIENT = new Set<string>(['outbound.unreachable', 'outbound.timeout', 'outbound.answer']);

/** Seconds or a date, as milliseconds from now; undefined where it is neither. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = /GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** A failure with the server's own word on when to come again. */
export class TryAgain extends Error {
  constructor(
    readonly failure: AppError,
    readonly afterMs: number | undefined,
  ) {
    super(failure.message);
  }
}

/** A failure after which the server may be asked again, when its header `Retry-After` says where it has one. */
export function tryAgain(failure: AppError, retryAfter: string | undefined, nowMs: number): TryAgain {
  const afterMs = retryAfterMs(retryAfter, nowMs);
  const { code, message, pointer, params } = failure;
  const retryAfterS = afterMs === undefined ? undefined : Math.ceil(afterMs / 1000);
  return new TryAgain(new AppError(code, message, { pointer, params, retryAfterS }), afterMs);
}

/** Which statuses are worth another attempt; those of servers that are busy or away where the source names none. */
export const isRetried = (status: number, retry: HttpRetry | undefined) =>
  (retry?.statuses ?? STATUSES).includes(status);

/**
 * Runs `work` until it succeeds: after a transient failure of the network, or a `TryAgain`, it waits (doubling, with jitter, or as the server
 * says) and tries again. Throws the last failure, at once where the server asks for a longer wait than is allowed.
 */
export async function withRetries<T>(
  retry: HttpRetry | undefined,
  deps: RetryDeps,
  signal: AbortSignal,
  work: () => Promise<T>,
  onWait: (failure: AppError, waitMs: number) => void,
): Promise<T> {
  const { attempts = ATTEMPTS, maxWaitS = MAX_WAIT_S } = retry ?? {};
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const failure = error instanceof TryAgain ? error.failure : error;
      const isTransient =
        error instanceof TryAgain || (error instanceof AppError && TRANSIENT.has(error.code));
      if (!isTransient || !(failure instanceof AppError) || signal.aborted || attempt >= attempts)
        throw failure;
      const backOff = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.5 + deps.random() / 2);
      const asked = error instanceof TryAgain ? error.afterMs : undefined;
      if (asked !== undefined && asked > maxWaitS * 1000) throw failure;
      const waitMs = Math.round(asked ?? backOff);
      onWait(failure, waitMs);
      await deps.sleep(waitMs, signal);
    }
  }
}
