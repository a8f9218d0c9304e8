/** [MS-TDS] 2.2.3.1: packet types and status bits. */
export const PACKET = {
  batch: 0x01,
  rpc: 0x03,
  result: 0x04,
  attention: 0x06,
  transaction: 0x0e,
  login: 0x10,
  prelogin: 0x12,
} as const;

const HEADER = 8;
const LAST = 0x01;
const IGNORE = 0x02;

export interface Message {
  type: number;
  /** The client took it back while it was being sent. */
  ignored: boolean;
  payload: Buffer;
}

/** Puts the packets of a stream together to messages. */
export class MessageReader {
  #pending: Buffer = Buffer.alloc(0);
  #parts: Buffer[] = [];

  push(chunk: Buffer): Message[] {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const messages: Message[] = [];
    while (this.#pending.length >= HEADER) {
      const length = this.#pending.readUInt16BE(2);
      if (this.#pending.length < length) break;
      this.#parts.push(this.#pending.subarray(HEADER, length));
      const type = this.#pending.readUInt8(0);
      const status = this.#pending.readUInt8(1);
      this.#pending = this.#pending.subarray(length);
      if ((status & LAST) === 0) continue;
      messages.push({ type, ignored: (status & IGNORE) !== 0, payload: Buffer.concat(this.#parts) });
      this.#parts = [];
    }
    return messages;
  }

  /** What came after the last whole packet. */
  rest(): Buffer {
    return this.#pending;
  }
}

export function packet(type: number, payload: Uint8Array, last: boolean): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt8(type, 0);
  header.writeUInt8(last ? LAST : 0, 1);
  header.writeUInt16BE(HEADER + payload.length, 2);
  header.writeUInt16BE(51, 4);
  header.writeUInt8(1, 6);
  return Buffer.concat([header, payload]);
}

/** Cuts a message's bytes into packets as they are written; `end` sends the last one. */
export class PacketWriter {
  #pending: Buffer = Buffer.alloc(0);

  constructor(
    readonly type: number,
    readonly size: number,
    readonly send: (bytes: Buffer) => void,
  ) {}

  write(payload: Buffer): void {
    this.#pending = this.#pending.length === 0 ? payload : Buffer.concat([this.#pending, payload]);
    const room = this.size - HEADER;
    while (this.#pending.length > room) {
      this.send(packet(this.type, this.#pending.subarray(0, room), false));
      this.#pending = this.#pending.subarray(room);
    }
  }

  end(): void {
    this.send(packet(this.type, this.#pending, true));
    this.#pending = Buffer.alloc(0);
  }
}
