import type { Clock } from '../base/clock.ts';

interface Bucket {
  tokens: number;
  atMs: number;
}

/** A token bucket for each name: `burst` at once, `perSecond` over time. */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();

  constructor(
    readonly perSecond: number,
    readonly burst: number,
    readonly clock: Clock,
  ) {}

  /** Takes one token; else says after how many seconds there will be one. */
  take(name: string): number {
    const now = this.clock.now();
    const bucket = this.#buckets.get(name) ?? { tokens: this.burst, atMs: now };
    bucket.tokens = Math.min(
      this.burst,
      bucket.tokens + (Math.max(0, now - bucket.atMs) / 1000) * this.perSecond,
    );
    bucket.atMs = now;
    const short = bucket.tokens < 1;
    if (!short) bucket.tokens--;
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    this.#forgetFull(now);
    return short ? (1 - bucket.tokens) / this.perSecond : 0;
  }

  /** A bucket that has filled up again says nothing; the oldest come first. */
  #forgetFull(now: number): void {
    const fullAfterMs = (this.burst / this.perSecond) * 1000;
    for (const [name, { atMs }] of this.#buckets) {
      if (now - atMs < fullAfterMs) return;
      this.#buckets.delete(name);
    }
  }
}
