import { BitReader } from './bit-reader.ts';
import { readAlphabet, readPrefixCode, readSelectors, readSymbol } from './bunzip2-tables.ts';
import { Damaged } from './damaged.ts';

const GROUP = 50;
/** No block of 900,000 symbols with codes of 20 bits, and its tables, is larger. */
const BLOCK_BYTES = 2_400_000;
const OUTPUT_BYTES = 256 << 10;
const BLOCK = 0x314159265359;
const END = 0x177245385090;

const CRC = new Int32Array(256).map((_, byte) => {
  let crc = byte << 24;
  for (let i = 0; i < 8; i++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});

/** Undoes the coding of one block: the bytes in the order of the sorted rotations, and how many there are. */
function readSorted(bits: BitReader, sorted: Uint32Array): number {
  const alphabet = readAlphabet(bits);
  const codes = bits.bits(3);
  if (codes < 2 || codes > 6) throw new Damaged('A block has a wrong number of codes');
  const selectors = readSelectors(bits, codes);
  const tables = Array.from({ length: codes }, () => readPrefixCode(bits, alphabet.length + 2));
  const endOfBlock = alphabet.length + 1;
  let [count, run, weight] = [0, 0, 1];
  for (let group = 0; ; group++) {
    const table = tables[selectors[group] ?? codes];
    if (!table) throw new Damaged('A block has too few selectors');
    for (let i = 0; i < GROUP; i++) {
      const symbol = readSymbol(bits, table);
      if (symbol <= 1) {
        run += weight << symbol;
        weight <<= 1;
        if (run > sorted.length) throw new Damaged('A block is too long');
        continue;
      }
      if (count + run > sorted.length) throw new Damaged('A block is too long');
      if (run > 0) sorted.fill(alphabet[0]!, count, count + run);
      count += run;
      [run, weight] = [0, 1];
      if (symbol === endOfBlock) return count;
      if (count === sorted.length) throw new Damaged('A block is too long');
      const byte = alphabet[symbol - 1]!;
      for (let k = symbol - 1; k > 0; k--) alphabet[k] = alphabet[k - 1]!;
      alphabet[0] = byte;
      sorted[count++] = byte;
    }
  }
}

/** Links each rotation to the next one, in the upper 24 bits, so that the block can be read in its own order. */
function link(sorted: Uint32Array, count: number): void {
  const starts = new Uint32Array(256);
  for (let i = 0; i < count; i++) starts[sorted[i]! & 0xff]!++;
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const here = starts[byte]!;
    starts[byte] = sum;
    sum += here;
  }
  for (let i = 0; i < count; i++) {
    const place = starts[sorted[i]! & 0xff]!++;
    sorted[place] = sorted[place]! | (i << 8);
  }
}

/** The bytes of one block, its runs expanded. Gives the block's check sum. */
function* readBlock(bits: BitReader, sorted: Uint32Array): Generator<Uint8Array, number> {
  const expected = bits.word();
  if (bits.bit() === 1) throw new Damaged('Randomised blocks of bzip2 0.9 are not read');
  const origin = bits.bits(24);
  const count = readSorted(bits, sorted);
  if (count === 0 || origin >= count) throw new Damaged('A block begins out of range');
  link(sorted, count);
  let output = new Uint8Array(OUTPUT_BYTES);
  let [length, crc, same, last] = [0, -1, 0, -1];
  let entry = sorted[sorted[origin]! >>> 8]!;
  for (let i = 0; i < count; i++) {
    const byte = entry & 0xff;
    entry = sorted[entry >>> 8]!;
    const times = same === 4 ? byte : 1;
    const value = same === 4 ? last : byte;
    same = same === 4 ? 0 : byte === last ? same + 1 : 1;
    last = same === 0 ? -1 : byte;
    for (let n = 0; n < times; n++) {
      output[length++] = value;
      crc = (crc << 8) ^ CRC[(crc >>> 24) ^ value]!;
    }
    if (length <= OUTPUT_BYTES - 256) continue;
    yield output.subarray(0, length);
    output = new Uint8Array(OUTPUT_BYTES);
    length = 0;
  }
  if (~crc >>> 0 !== expected) throw new Damaged('The check sum of a block is wrong');
  yield output.subarray(0, length);
  return expected;
}

/**
 * What bzip2 data hold, block by block; one block, of at most 900,000 bytes, is in memory. Several streams one after another are one. Throws
 * Damaged where a check sum is wrong, where the data end within a stream, and where other bytes follow.
 */
export async function* bunzip2(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const bits = new BitReader();
  const chunks = source[Symbol.asyncIterator]();
  let isOver = false;
  const hold = async (bytes: number) => {
    while (!isOver && bits.available < bytes) {
      const next = await chunks.next();
      if (next.done) isOver = true;
      else bits.give(next.value);
    }
  };
  let sorted: Uint32Array | undefined;
  let sum = 0;
  await hold(BLOCK_BYTES);
  while (bits.available > 0 || sorted) {
    if (!sorted) {
      const level = bits.bits(24) === 0x425a68 ? bits.bits(8) - 0x30 : 0;
      if (level < 1 || level > 9) throw new Damaged('A stream does not begin as bzip2');
      sorted = new Uint32Array(level * 100_000);
      sum = 0;
    }
    const magic = bits.bits(24) * 0x1000000 + bits.bits(24);
    if (magic === BLOCK) {
      const crc = yield* readBlock(bits, sorted);
      sum = ((sum << 1) | (sum >>> 31)) ^ crc;
    } else if (magic === END) {
      if (bits.word() !== sum >>> 0) throw new Damaged('The check sum of a stream is wrong');
      bits.align();
      sorted = undefined;
    } else throw new Damaged('A block does not begin as one');
    await hold(BLOCK_BYTES);
  }
}
