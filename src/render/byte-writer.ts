const DIGIT_0 = 48;
const MINUS = 45;
const POINT = 46;
const QUOTE = 34;
const BACKSLASH = 92;
const SPACE = 32;
const ASCII_END = 128;
/** Room for one number and its quotes. */
const NUMBER_ROOM = 32;
/** Past this many characters the engine's own encoder is faster than a loop. */
const LONG_TEXT = 64;
/** Below it, whole numbers are divided as 32-bit integers, which is four times faster than as floats. */
const BILLION = 1e9;

function digitCount(value: number): number {
  let digits = 1;
  for (let bound = 10; bound <= value; bound *= 10) digits++;
  return digits;
}

/** Bytes of text that grow as needed. Numbers and short ASCII are written byte by byte, without a string or a view a value. */
export class ByteWriter {
  #bytes: Buffer<ArrayBuffer>;
  #length = 0;

  constructor(initialBytes = 64 * 1024) {
    this.#bytes = Buffer.from(new ArrayBuffer(initialBytes));
  }

  get length(): number {
    return this.#length;
  }

  #reserve(room: number): void {
    const needed = this.#length + room;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.from(new ArrayBuffer(Math.max(needed, this.#bytes.length * 2)));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }

  text(text: string): void {
    this.#reserve(text.length * 3);
    if (text.length > LONG_TEXT) {
      this.#length += this.#bytes.write(text, this.#length);
      return;
    }
    const bytes = this.#bytes;
    const start = this.#length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= ASCII_END) {
        this.#length = start + bytes.write(text, start);
        return;
      }
      bytes[start + i] = code;
    }
    this.#length = start + text.length;
  }

  /** The text as a JSON string. */
  jsonString(text: string): void {
    this.#reserve(text.length * 3 + 2);
    const bytes = this.#bytes;
    const start = this.#length + 1;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= ASCII_END || code < SPACE || code === QUOTE || code === BACKSLASH) {
        this.text(JSON.stringify(text));
        return;
      }
      bytes[start + i] = code;
    }
    bytes[start - 1] = QUOTE;
    bytes[start + text.length] = QUOTE;
    this.#length = start + text.length + 1;
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
    const whole = value < 0 ? -value : value;
    if (value < 0) bytes[this.#length++] = MINUS;
    const high = whole < BILLION ? 0 : Math.floor(whole / BILLION);
    let rest = (high === 0 ? whole : whole - high * BILLION) | 0;
    const digits = Math.max(scale + 1, high === 0 ? digitCount(rest) : digitCount(high) + 9);
    let at = this.#length + digits + (scale > 0 ? 1 : 0);
    this.#length = at;
    for (let i = 0; i < digits; i++) {
      if (i === scale && scale > 0) bytes[--at] = POINT;
      if (i === 9) rest = high | 0;
      const tenth = (rest / 10) | 0;
      bytes[--at] = DIGIT_0 + rest - tenth * 10;
      rest = tenth;
    }
  }

  /** The bytes so far, in a buffer of their own; the writer starts anew. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#bytes.buffer.slice(0, this.#length));
    this.#length = 0;
    return bytes;
  }
}
