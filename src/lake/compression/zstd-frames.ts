import { Damaged } from './damaged.ts';

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const RLE = 1;

type Part = 'magic' | 'descriptor' | 'block' | 'content' | 'skipSize';

/**
 * Follows the frames of zstd data (RFC 8878) and tells where they end. Bun 1.4.5 does not report data that end within a frame, nor other
 * bytes after the last one.
 */
export class ZstdFrames {
  #part: Part = 'magic';
  #pending: number[] = [];
  #skip = 0;
  #afterContent: Part = 'magic';
  #hasChecksum = false;

  write(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#part === 'content') {
        const taken = Math.min(this.#skip, chunk.length - at);
        this.#skip -= taken;
        at += taken;
        if (this.#skip === 0) this.#part = this.#afterContent;
        continue;
      }
      this.#pending.push(chunk[at++]!);
      if (this.#pending.length === this.#wanted()) this.#take();
    }
  }

  /** Throws Damaged unless the last frame is whole. */
  end(): void {
    if (this.#part !== 'magic' || this.#pending.length > 0) throw new Damaged('The data end within a frame');
  }

  #wanted(): number {
    if (this.#part === 'descriptor') return 1;
    return this.#part === 'block' ? 3 : 4;
  }

  #take(): void {
    const value = this.#pending.reduceRight((sum, byte) => sum * 256 + byte, 0);
    this.#pending = [];
    if (this.#part === 'magic') this.#begin(value);
    else if (this.#part === 'descriptor') this.#describe(value);
    else if (this.#part === 'skipSize') this.#pass(value, 'magic');
    else this.#block(value);
  }

  #begin(magic: number): void {
    if (magic === MAGIC) this.#part = 'descriptor';
    else if ((magic & ~0xf) >>> 0 === SKIPPABLE) this.#part = 'skipSize';
    else throw new Damaged('A frame does not begin as one');
  }

  #describe(descriptor: number): void {
    const isSingleSegment = (descriptor & 0x20) !== 0;
    this.#hasChecksum = (descriptor & 4) !== 0;
    const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6]!;
    const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
    this.#pass((isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes, 'block');
  }

  #block(header: number): void {
    const isLast = (header & 1) === 1;
    const size = ((header >>> 1) & 3) === RLE ? 1 : header >>> 3;
    this.#pass(size + (isLast && this.#hasChecksum ? 4 : 0), isLast ? 'magic' : 'block');
  }

  #pass(bytes: number, then: Part): void {
    this.#skip = bytes;
    this.#afterContent = then;
    this.#part = bytes === 0 ? then : 'content';
  }
}

/** Passes zstd data on; throws Damaged where their frames are not whole. */
export async function* wholeFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const frames = new ZstdFrames();
  for await (const chunk of source) {
    frames.write(chunk);
    yield chunk;
  }
  frames.end();
}
