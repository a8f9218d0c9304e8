/** The one source of time; tests pass their own. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** ISO 8601 in UTC with milliseconds. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Milliseconds that only grow, from some time on: for how long something took or stood still, whatever is done to the clock. */
export const steadyClock: Clock = { now: () => performance.now() };
