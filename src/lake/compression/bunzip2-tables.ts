import type { BitReader } from './bit-reader.ts';
import { Damaged } from './damaged.ts';

const MAX_LENGTH = 20;

/** A prefix code: how many codes there are of each length, and the symbols in the order of their codes. */
export interface PrefixCode {
  counts: Int32Array;
  symbols: Uint16Array;
}

/** The symbols that the block uses: 16 ranges of 16 bytes each. */
export function readAlphabet(bits: BitReader): Uint8Array {
  const ranges = bits.bits(16);
  const used: number[] = [];
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >>> range)) === 0) continue;
    const members = bits.bits(16);
    for (let i = 0; i < 16; i++) if ((members & (0x8000 >>> i)) !== 0) used.push(range * 16 + i);
  }
  if (used.length === 0) throw new Damaged('A block uses no symbol');
  return Uint8Array.from(used);
}

/** Which of the codes each group of 50 symbols uses, by moving to the front. */
export function readSelectors(bits: BitReader, codes: number): Uint8Array {
  const count = bits.bits(15);
  if (count === 0) throw new Damaged('A block has no selectors');
  const order = Array.from({ length: codes }, (_, i) => i);
  const selectors = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    let place = 0;
    while (bits.bit() === 1) if (++place >= codes) throw new Damaged('A selector is out of range');
    const [code] = order.splice(place, 1);
    order.unshift(code!);
    selectors[i] = code!;
  }
  return selectors;
}

export function readPrefixCode(bits: BitReader, size: number): PrefixCode {
  const lengths = new Uint8Array(size);
  let length = bits.bits(5);
  for (let symbol = 0; symbol < size; symbol++) {
    for (;;) {
      if (length < 1 || length > MAX_LENGTH) throw new Damaged('The length of a code is out of range');
      if (bits.bit() === 0) break;
      length += bits.bit() === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  const counts = new Int32Array(MAX_LENGTH + 1);
  for (const each of lengths) counts[each]!++;
  const symbols = new Uint16Array(size);
  let next = 0;
  for (let each = 1; each <= MAX_LENGTH; each++)
    for (let symbol = 0; symbol < size; symbol++) if (lengths[symbol] === each) symbols[next++] = symbol;
  return { counts, symbols };
}

export function readSymbol(bits: BitReader, { counts, symbols }: PrefixCode): number {
  let code = 0;
  let first = 0;
  let index = 0;
  for (let length = 1; length <= MAX_LENGTH; length++) {
    code |= bits.bit();
    const count = counts[length]!;
    if (code - first < count) return symbols[index + code - first]!;
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  throw new Damaged('A code has no symbol');
}
