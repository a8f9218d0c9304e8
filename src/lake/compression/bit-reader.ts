import { Damaged } from './damaged.ts';

/** Bits of a sequence of chunks, the highest of each byte first. */
export class BitReader {
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;
  #held = 0;
  #count = 0;

  /** Whole bytes that were given and not taken. */
  get available(): number {
    return this.#bytes.length - this.#at;
  }

  give(chunk: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), chunk]);
    this.#at = 0;
  }

  bit(): number {
    if (this.#count === 0) this.#fill();
    this.#count--;
    return (this.#held >>> this.#count) & 1;
  }

  /** At most 24 bits. */
  bits(count: number): number {
    let value = 0;
    let wanted = count;
    while (wanted > 0) {
      if (this.#count === 0) this.#fill();
      const taken = Math.min(wanted, this.#count);
      this.#count -= taken;
      value = (value << taken) | ((this.#held >>> this.#count) & ((1 << taken) - 1));
      wanted -= taken;
    }
    return value;
  }

  /** 32 bits as an unsigned number. */
  word(): number {
    return this.bits(16) * 65536 + this.bits(16);
  }

  /** Leaves out what is left of the current byte. */
  align(): void {
    this.#count = 0;
  }

  #fill(): void {
    if (this.#at === this.#bytes.length) throw new Damaged('The data end too soon');
    this.#held = this.#bytes[this.#at++]!;
    this.#count = 8;
  }
}
