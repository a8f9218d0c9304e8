import { AppError } from '../base/errors.ts';

/** Payload length (u32), kind (u8), id (u32), all little endian. */
const HEADER_BYTES = 9;
/** Parts up to this size are sent in one write. */
const JOINED_BYTES = 64 * 1024;
/** No job sends more at once; a longer frame means that the other side is broken. */
const MAX_PAYLOAD_BYTES = 2 ** 30;

export interface Frame {
  kind: number;
  id: number;
  payload: Uint8Array<ArrayBuffer>;
}

function headerOf(kind: number, id: number, length: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, length, true);
  header[4] = kind;
  view.setUint32(5, id, true);
  return header;
}

/** Encodes one frame, in as many pieces as are cheaper to write than to join. */
export function encodeFrame(kind: number, id: number, parts: readonly Uint8Array[]): Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const header = headerOf(kind, id, length);
  return length > JOINED_BYTES ? [header, ...parts] : [Buffer.concat([header, ...parts])];
}

/** Puts frames together from the pieces in which they arrive. Throws AppError `internal` on a frame that no sender makes. */
export class FrameReader {
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerBytes = 0;
  #payload: Uint8Array<ArrayBuffer> | undefined;
  #payloadBytes = 0;

  constructor(readonly onFrame: (frame: Frame) => void) {}

  /** The bytes are copied: their buffer may be used again afterwards. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      at += this.#payload ? this.#takePayload(bytes, at) : this.#takeHeader(bytes, at);
      if (this.#payload && this.#payloadBytes === this.#payload.length) this.#emit();
    }
  }

  #takeHeader(bytes: Uint8Array, at: number): number {
    const taken = bytes.subarray(at, at + HEADER_BYTES - this.#headerBytes);
    this.#header.set(taken, this.#headerBytes);
    this.#headerBytes += taken.length;
    if (this.#headerBytes === HEADER_BYTES) {
      const length = new DataView(this.#header.buffer).getUint32(0, true);
      if (length > MAX_PAYLOAD_BYTES)
        throw new AppError('internal', 'An engine process sent a frame that is too long');
      this.#payload = new Uint8Array(length);
      this.#payloadBytes = 0;
    }
    return taken.length;
  }

  #takePayload(bytes: Uint8Array, at: number): number {
    const payload = this.#payload!;
    const taken = bytes.subarray(at, at + payload.length - this.#payloadBytes);
    payload.set(taken, this.#payloadBytes);
    this.#payloadBytes += taken.length;
    return taken.length;
  }

  #emit(): void {
    const payload = this.#payload!;
    this.#payload = undefined;
    this.#headerBytes = 0;
    const id = new DataView(this.#header.buffer).getUint32(5, true);
    this.onFrame({ kind: this.#header[4]!, id, payload });
  }
}
