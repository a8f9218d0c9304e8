import { crc32 } from 'node:zlib';
import type { RunOptions } from '../workers/pool.ts';

type Bytes = Uint8Array<ArrayBuffer>;
type OnChunk = NonNullable<RunOptions['onChunk']>;

/** The second run of a statement gave other bytes than were handed on already. */
export class RunsDiffer extends Error {}

/**
 * Hands chunks on, over several runs of one statement: a later run first has to give the bytes that the reader has, and only what
 * follows is handed on. Where the bytes differ, `take` throws RunsDiffer.
 */
export class Resumed {
  #sum = 0;
  #handedOn = 0;
  /** Of the run under way: bytes that the reader had already, and their checksum. */
  #repeated = 0;
  #repeatedSum = 0;

  constructor(readonly onChunk: OnChunk) {}

  /** Begins the next run. */
  restart(): void {
    this.#repeated = 0;
    this.#repeatedSum = 0;
  }

  readonly take: OnChunk = (chunk) => {
    const rest = this.#afterRepeated(chunk);
    if (rest.length === 0) return;
    this.#sum = crc32(rest, this.#sum);
    this.#handedOn += rest.length;
    this.#repeated = this.#handedOn;
    return this.onChunk(rest);
  };

  #afterRepeated(chunk: Bytes): Bytes {
    if (this.#repeated === this.#handedOn) return chunk;
    const known = chunk.subarray(0, this.#handedOn - this.#repeated);
    this.#repeated += known.length;
    this.#repeatedSum = crc32(known, this.#repeatedSum);
    if (this.#repeated === this.#handedOn && this.#repeatedSum !== this.#sum) throw new RunsDiffer();
    return chunk.subarray(known.length);
  }
}
