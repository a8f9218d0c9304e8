import { AppError } from '../base/errors.ts';
import type { Metrics } from '../telemetry/metrics.ts';

const EXPRESSION_LIMITS = [
  'EXPRESSION_MAX_BYTES',
  'EXPRESSION_MAX_DEPTH',
  'EXPRESSION_MAX_VALUE_BYTES',
] as const;

/** Runs what compiles expressions; one past its limits is counted as such. */
export function countingLimits<T>({ limitsHit }: Pick<Metrics, 'limitsHit'>, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const limit =
      error instanceof AppError ? EXPRESSION_LIMITS.find((name) => name === error.params?.limit) : undefined;
    if (limit) limitsHit.inc({ limit });
    throw error;
  }
}
