import type { NextInstant } from '../domain/instants.ts';

/** The instants of a schedule that are due. */
export interface Due {
  /** Those to be run, in order. */
  run: number[];
  /** How many are skipped; past MAX_COUNTED no further ones are counted. */
  skipped: number;
  /** The last of those skipped; null where none is. */
  lastSkipped: number | null;
  /** More were missed than the cap on catching up lets run. */
  isCapped: boolean;
  /** The first instant that is not due. */
  next: number | null;
}

export interface DueRule {
  catchUp: 'skip' | 'latest' | 'all';
  /** An instant that is later than this is missed, not merely late. */
  missedAfterMs: number;
  /** The most instants that `all` makes up for. */
  most: number;
}

const MAX_COUNTED = 10_000;
/** Where so many were missed that they are not counted, the latest one is looked for within these times before now. */
const LOOK_BACK_MS = [60_000, 3_600_000, 86_400_000, 40 * 86_400_000];

/** The last due instants, at most `most`, when there are too many to go through. */
function latest(next: NextInstant, afterMs: number, nowMs: number, most: number): number[] {
  let found: number[] = [];
  for (const back of LOOK_BACK_MS) {
    found = [];
    for (let at = next(Math.max(afterMs, nowMs - back)); at !== null && at <= nowMs; at = next(at)) {
      found.push(at);
      if (found.length > most) found.shift();
    }
    if (found.length === most) break;
  }
  return found;
}

/** What becomes of the instants from `firstMs` to now. */
export function dueInstants(next: NextInstant, firstMs: number, nowMs: number, rule: DueRule): Due {
  let counted: number[] = [];
  let at: number | null = firstMs;
  for (; at !== null && at <= nowMs && counted.length < MAX_COUNTED; at = next(at)) counted.push(at);
  const total = counted.length;
  if (at !== null && at <= nowMs) {
    // One more than may run, which stands for those that are skipped.
    counted = latest(next, at - 1, nowMs, (rule.catchUp === 'all' ? rule.most : 1) + 1);
    at = next(counted.at(-1) ?? nowMs);
  }
  const fresh = counted.filter((instant) => nowMs - instant <= rule.missedAfterMs);
  const kept = rule.catchUp === 'skip' ? fresh : counted;
  const run = rule.catchUp === 'all' ? kept.slice(-rule.most) : kept.slice(-1);
  const last = run.at(0);
  const skippedOnes = counted.filter((instant) => last === undefined || instant < last);
  return {
    run,
    skipped: Math.max(0, Math.max(total, counted.length) - run.length),
    lastSkipped: skippedOnes.at(-1) ?? null,
    isCapped: rule.catchUp === 'all' && Math.max(total, counted.length) > run.length,
    next: at,
  };
}
