import { AppError } from '../base/errors.ts';
import { EVERY, type JsonPath } from '../domain/json-path.ts';

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];
const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

type Expected = 'value' | 'firstValue' | 'key' | 'firstKey' | 'colon' | 'next' | 'nothing';

interface Frame {
  isArray: boolean;
  /** Steps of the path up to the members of this value; they are rows where it is the whole path. */
  depth: number;
  key: string;
  index: number;
}

export interface ScanHandlers {
  /** A value at the root path, or an element of the array there, as it is spelled. */
  onRow(text: string): void;
  /** Any other value that is not on the way to the root, with where it stands. */
  onOther(path: readonly string[], text: string): void;
}

export const badJson = (detail: string, params: Record<string, unknown> = {}, cause?: unknown) =>
  new AppError('source.format', detail, { params, cause });

/**
 * Finds the rows of a JSON document while its bytes come, whatever its size; only one row, or one value beside them, is held at a time. What
 * is handed over is checked to be JSON by the handlers' parser; what lies between is checked here. Throws AppError `source.format`.
 */
export class JsonScan {
  #frames: Frame[] = [];
  #expected: Expected = 'value';
  /** Bytes of the value or key that is being read. */
  #pieces: Uint8Array[] = [];
  #heldBytes = 0;
  #reading: 'value' | 'key' | undefined;
  #isString = false;
  #isEscaped = false;
  #inString = false;
  #nesting = 0;
  #offset = 0;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  /** Whether anything stands at the root path. */
  rootFound = false;
  /** The byte at which the value begins that was handed over last, or is being read. */
  valueAt = 0;

  constructor(
    readonly root: JsonPath,
    readonly maxValueBytes: number,
    readonly handlers: ScanHandlers,
    /** The bytes are documents one after another. */
    readonly isSequence = false,
  ) {}

  write(chunk: Uint8Array): void {
    let at = 0;
    if (this.#offset === 0 && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) at = 3;
    while (at < chunk.length) {
      const start = at;
      if (this.#reading === undefined) {
        const byte = chunk[at++]!;
        if (isSpace(byte) || !this.#begin(byte, start)) continue;
      }
      const end = this.#endOf(chunk, at);
      const stop = end === -1 ? chunk.length : end;
      this.#hold(chunk.subarray(start, stop));
      if (end !== -1) this.#finish();
      at = stop;
    }
    this.#offset += chunk.length;
  }

  end(): void {
    // A number at the top of the document ends with the document.
    if (this.#reading === 'value' && this.#nesting === 0 && !this.#isString) this.#finish();
    const isBetween = this.isSequence && this.#frames.length === 0 && this.#expected === 'value';
    if ((this.#expected !== 'nothing' && !isBetween) || this.#reading !== undefined)
      throw badJson('The answer is not whole: its JSON ends too soon', { byte: this.#offset });
  }

  #broken(at: number): AppError {
    const byte = this.#offset + at;
    return badJson(`The answer is not valid JSON at byte ${byte}`, { byte });
  }

  /** Takes a byte of the structure; true where a value or key begins with it that is held as text. */
  #begin(byte: number, at: number): boolean {
    const expected = this.#expected;
    const frame = this.#frames.at(-1);
    if (expected === 'nothing') throw this.#broken(at);
    if (expected === 'colon') {
      if (byte !== COLON) throw this.#broken(at);
      this.#expected = 'value';
      return false;
    }
    if (expected === 'next') {
      if (byte === COMMA) {
        if (frame!.isArray) frame!.index++;
        this.#expected = frame!.isArray ? 'value' : 'key';
        return false;
      }
      return this.#close(byte, at);
    }
    if (expected === 'key' || expected === 'firstKey') {
      if (expected === 'firstKey' && byte === CLOSE_OBJECT) return this.#close(byte, at);
      if (byte !== QUOTE) throw this.#broken(at);
      return this.#read('key', byte);
    }
    if (expected === 'firstValue' && byte === CLOSE_ARRAY) return this.#close(byte, at);
    return this.#beginValue(byte, at);
  }

  #beginValue(byte: number, at: number): boolean {
    if (byte === COMMA || byte === COLON || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT)
      throw this.#broken(at);
    const depth = this.#frames.length;
    const isOnTheWay = this.#matches() && depth <= this.root.length;
    if (isOnTheWay && depth === this.root.length) this.rootFound = true;
    const isRoot = isOnTheWay && depth === this.root.length;
    this.valueAt = this.#offset + at;
    const opens = byte === OPEN_ARRAY || (byte === OPEN_OBJECT && !isRoot);
    if (!isOnTheWay || !opens) return this.#read('value', byte);
    const isArray = byte === OPEN_ARRAY;
    this.#frames.push({ isArray, depth: depth + 1, key: '', index: 0 });
    this.#expected = isArray ? 'firstValue' : 'firstKey';
    return false;
  }

  #close(byte: number, at: number): false {
    const frame = this.#frames.pop();
    if (!frame || byte !== (frame.isArray ? CLOSE_ARRAY : CLOSE_OBJECT)) throw this.#broken(at);
    this.#expected = this.#afterValue();
    return false;
  }

  #afterValue(): Expected {
    if (this.#frames.length > 0) return 'next';
    return this.isSequence ? 'value' : 'nothing';
  }

  #read(what: 'value' | 'key', byte: number): true {
    this.#reading = what;
    this.#isString = byte === QUOTE;
    this.#inString = this.#isString;
    this.#isEscaped = false;
    this.#nesting = byte === OPEN_OBJECT || byte === OPEN_ARRAY ? 1 : 0;
    return true;
  }

  /** Where the value that is being read ends, its last byte inside; -1 when not in this chunk. */
  #endOf(chunk: Uint8Array, from: number): number {
    let [inString, isEscaped, nesting] = [this.#inString, this.#isEscaped, this.#nesting];
    let end = -1;
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) {
          inString = false;
          if (nesting === 0) {
            end = at + 1;
            break;
          }
        }
      } else if (byte === QUOTE) inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) nesting++;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        if (nesting <= 1) {
          end = nesting === 0 ? at : at + 1;
          nesting = 0;
          break;
        }
        nesting--;
      } else if (nesting === 0 && (byte === COMMA || isSpace(byte))) {
        end = at;
        break;
      }
    }
    [this.#inString, this.#isEscaped, this.#nesting] = [inString, isEscaped, nesting];
    return end;
  }

  #hold(piece: Uint8Array): void {
    this.#heldBytes += piece.length;
    if (this.#heldBytes > this.maxValueBytes)
      throw badJson(`The answer has a value larger than ${this.maxValueBytes} bytes`, {
        limit: 'UPLOAD_MAX_VALUE_BYTES',
        maxBytes: this.maxValueBytes,
      });
    // The next chunk may come in the same memory, and `slice` of a Buffer is no copy.
    this.#pieces.push(Buffer.from(piece));
  }

  #finish(): void {
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    const what = this.#reading;
    this.#pieces = [];
    this.#heldBytes = 0;
    this.#reading = undefined;
    const text = this.#decode(bytes);
    if (what === 'key') {
      this.#frames.at(-1)!.key = this.#parse(text) as string;
      this.#expected = 'colon';
      return;
    }
    this.#expected = this.#afterValue();
    this.#hand(text);
  }

  #hand(text: string): void {
    const depth = this.#frames.length;
    const isRow =
      this.#matches() &&
      (depth === this.root.length || (depth === this.root.length + 1 && this.#frames.at(-1)!.isArray));
    if (isRow) this.handlers.onRow(text);
    else
      this.handlers.onOther(
        this.#frames.map(({ isArray, key, index }) => (isArray ? String(index) : key)),
        text,
      );
  }

  /** Whether the steps to here are those of the root, as far as both go. */
  #matches(): boolean {
    const steps = Math.min(this.#frames.length, this.root.length);
    for (let i = 0; i < steps; i++) {
      const wanted = this.root[i]!;
      const { isArray, key, index } = this.#frames[i]!;
      if (wanted !== EVERY && wanted !== (isArray ? String(index) : key)) return false;
    }
    return true;
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes);
    } catch (cause) {
      throw badJson('The answer is not valid UTF-8', {}, cause);
    }
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw badJson(`The answer is not valid JSON before byte ${this.#offset}`, {}, cause);
    }
  }
}
