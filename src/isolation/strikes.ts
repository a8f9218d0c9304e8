import { AppError } from '../base/errors.ts';
import { encode } from './messages.ts';

/** A statement that ended its process so often is refused. */
const MOST = 2;
/** How long it is refused, and how long a strike is remembered. */
export const REFUSED_MS = 10 * 60 * 1000;
/** Statements that are remembered; the oldest goes first. */
const KEPT = 1000;

interface Strike {
  count: number;
  atMs: number;
}

export interface DangerousStatement {
  fingerprint: string;
  strikes: number;
  refusedForS: number;
}

const fingerprintOf = (lane: string, job: unknown): string =>
  new Bun.CryptoHasher('sha256').update(lane).update(encode(job)).digest('hex').slice(0, 16);

/** Statements that ended the process that ran them, by fingerprint. */
export class Strikes {
  readonly #strikes = new Map<string, Strike>();

  constructor(readonly now: () => number = () => performance.now()) {}

  /** Throws AppError `query.dangerous` for a statement that ended its process twice not long ago. */
  refuse(lane: string, job: unknown): void {
    this.#forgetOld();
    if (this.#strikes.size === 0) return;
    const strike = this.#strikes.get(fingerprintOf(lane, job));
    if (strike && strike.count >= MOST) throw this.#refusal(strike);
  }

  /** Counts an end of a process; gives the refusal once there were too many. */
  add(lane: string, job: unknown): { fingerprint: string; refusal: AppError | undefined } {
    const fingerprint = fingerprintOf(lane, job);
    const strike = { count: (this.#strikes.get(fingerprint)?.count ?? 0) + 1, atMs: this.now() };
    this.#strikes.delete(fingerprint);
    this.#strikes.set(fingerprint, strike);
    if (this.#strikes.size > KEPT) this.#strikes.delete(this.#strikes.keys().next().value!);
    return { fingerprint, refusal: strike.count >= MOST ? this.#refusal(strike) : undefined };
  }

  /** The statement came to an end by itself. */
  clear(lane: string, job: unknown): void {
    if (this.#strikes.size > 0) this.#strikes.delete(fingerprintOf(lane, job));
  }

  list(): DangerousStatement[] {
    this.#forgetOld();
    return [...this.#strikes].flatMap(([fingerprint, { count, atMs }]) =>
      count >= MOST ? [{ fingerprint, strikes: count, refusedForS: this.#leftS(atMs) }] : [],
    );
  }

  #leftS(atMs: number): number {
    return Math.max(1, Math.ceil((atMs + REFUSED_MS - this.now()) / 1000));
  }

  #refusal({ atMs }: Strike): AppError {
    return new AppError(
      'query.dangerous',
      'This query ended the process that ran it, twice; it is refused for a while. Make it simpler or smaller',
      { retryAfterS: this.#leftS(atMs) },
    );
  }

  #forgetOld(): void {
    for (const [fingerprint, { atMs }] of this.#strikes) {
      if (this.now() - atMs < REFUSED_MS) return;
      this.#strikes.delete(fingerprint);
    }
  }
}
