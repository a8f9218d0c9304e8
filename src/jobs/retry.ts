import { AppError, type Code } from '../base/errors.ts';
import { isRetried } from '../services/ingest/retry.ts';

/** Faults that may be gone by the next attempt. */
const PASSING: ReadonlySet<Code> = new Set<Code>([
  'datasource.unreachable',
  'datasource.busy',
  'outbound.unreachable',
  'outbound.timeout',
  'outbound.answer',
  'query.timeout',
  'worker.died',
  'storage.full',
  'overloaded',
]);

const MAX_DELAY_MS = 10 * 60 * 1000;
/** Whoever asks for more would keep the schedule of the run from starting another, perhaps for ever. */
const MAX_ASKED_MS = 24 * 60 * 60 * 1000;

export interface RetryRule {
  maxAttempts: number;
  /** Before the second attempt; each further one waits twice as long, up to ten minutes. */
  delayMs: number;
  /** From 0 to 1. */
  random(): number;
}

/** A server that said, as often as it was asked, that it cannot serve now. */
const isBusySource = ({ code, params }: AppError) =>
  code === 'source.http' && isRetried(Number(params?.sourceStatus), undefined);

/** Whether it is worth trying again: by its code, or because who refused said when to come again. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  return PASSING.has(error.code) || error.retryAfterS !== undefined || isBusySource(error);
}

/**
 * Milliseconds until the next attempt after so many failures, this one among them; undefined when there is none. A part of the delay is
 * left to chance, so that what failed together does not come back together; it is never shorter than what the other side asked for, up to a day.
 */
export function retryDelayMs(error: unknown, failures: number, rule: RetryRule): number | undefined {
  if (!isPassing(error) || failures >= rule.maxAttempts) return undefined;
  const full = Math.min(MAX_DELAY_MS, rule.delayMs * 2 ** (failures - 1));
  const askedMs = Math.min(MAX_ASKED_MS, ((error as AppError).retryAfterS ?? 0) * 1000);
  return Math.round(Math.max(askedMs, full * (0.5 + rule.random() / 2)));
}
