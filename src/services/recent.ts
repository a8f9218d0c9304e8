import type { Clock } from '../base/clock.ts';
import { Lru } from '../base/lru.ts';

const MAX_ENTRIES = 10_000;

/** Answers of the store that may be some time old; what is missing is never remembered. */
export class Recent<V extends object> {
  readonly #entries = new Lru<{ value: V; atMs: number }>(MAX_ENTRIES);
  #epoch = 0;

  constructor(
    readonly clock: Clock,
    readonly maxAgeMs: number,
  ) {}

  async find(key: string, load: () => Promise<V | undefined>): Promise<V | undefined> {
    const atMs = this.clock.now();
    const held = this.#entries.get(key);
    if (held && Math.abs(atMs - held.atMs) < this.maxAgeMs) return held.value;
    const epoch = this.#epoch;
    const value = await load();
    // What was read before a change must not be remembered after it.
    if (value && epoch === this.#epoch) this.#entries.set(key, { value, atMs }, 1);
    return value;
  }

  forget(): void {
    this.#epoch++;
    this.#entries.clear();
  }
}
