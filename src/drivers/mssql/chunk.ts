import { NotEnoughDataError } from 'tedious/lib/token/helpers';

/** The bytes of an answer that have arrived, and how far they were read. */
export interface Chunk {
  buffer: Buffer;
  position: number;
}

/** Throws what makes tedious's parser wait for more; a reader that throws it has consumed nothing. */
export function need(from: Chunk, end: number): void {
  if (end > from.buffer.length) throw new NotEnoughDataError(end);
}

/** The length of a short value (0: null) once all of it is there; stands behind the length then. */
export function shortLength(from: Chunk): number {
  need(from, from.position + 1);
  const length = from.buffer[from.position]!;
  need(from, from.position + 1 + length);
  from.position += 1;
  return length;
}

const NULL_LENGTH = 0xffff;

/** As `shortLength` with two bytes; -1 for null. */
export function longLength(from: Chunk): number {
  need(from, from.position + 2);
  const length = from.buffer.readUInt16LE(from.position);
  if (length === NULL_LENGTH) {
    from.position += 2;
    return -1;
  }
  need(from, from.position + 2 + length);
  from.position += 2;
  return length;
}

/** Of TEXT, NTEXT and IMAGE ([MS-TDS] 2.2.7.19): text pointer, timestamp, four bytes of length; -1 for null. */
export function pointedLength(from: Chunk): number {
  need(from, from.position + 1);
  const pointer = from.buffer[from.position]!;
  if (pointer === 0) {
    from.position += 1;
    return -1;
  }
  const start = from.position + 1 + pointer + 8;
  need(from, start + 4);
  const length = from.buffer.readUInt32LE(start);
  need(from, start + 4 + length);
  from.position = start + 4;
  return length;
}

const CHUNKED_NULL = 0xffff_ffff;

/**
 * A value in chunks ([MS-TDS] 2.2.5.2.3). It may be larger than what has arrived, so what was read is kept between calls; `keep`
 * false only counts its bytes.
 */
export class ChunkedValue {
  #started = false;
  #remaining = 0;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(readonly keep: boolean) {}

  /** The bytes (or their count); undefined for null. */
  read(from: Chunk): { bytes: Buffer; length: number } | undefined {
    if (!this.#started) {
      need(from, from.position + 8);
      const low = from.buffer.readUInt32LE(from.position);
      const high = from.buffer.readUInt32LE(from.position + 4);
      from.position += 8;
      if (low === CHUNKED_NULL && high === CHUNKED_NULL) return undefined;
      this.#started = true;
    }
    while (this.#nextChunk(from)) this.#take(from);
    const value = { bytes: Buffer.concat(this.#parts), length: this.#length };
    this.#started = false;
    this.#parts = [];
    this.#length = 0;
    return value;
  }

  #nextChunk(from: Chunk): boolean {
    if (this.#remaining > 0) return true;
    need(from, from.position + 4);
    this.#remaining = from.buffer.readUInt32LE(from.position);
    from.position += 4;
    return this.#remaining > 0;
  }

  #take(from: Chunk): void {
    need(from, from.position + 1);
    const end = Math.min(from.position + this.#remaining, from.buffer.length);
    if (this.keep) this.#parts.push(from.buffer.subarray(from.position, end));
    this.#length += end - from.position;
    this.#remaining -= end - from.position;
    from.position = end;
  }
}
