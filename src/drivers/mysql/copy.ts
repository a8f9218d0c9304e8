import type { Socket } from 'node:net';
import { type CopyExchange, exchangeCopy } from '../copy-exchange.ts';
import type { CsvWriter } from '../csv-writer.ts';
import type { CsvForm } from '../run-copy.ts';

/*
 * The text protocol, in which every value comes as the text that is wanted
 * (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response.html).
 */
const COM_QUERY = 3;
const HEADER = 4;
const MOST_OF_PACKET = 0xffffff;
const NULL = 0xfb;
const EOF = 0xfe;
const ERROR = 0xff;
/** An EOF packet has this length; one that ends the rows may be longer. */
const EOF_BYTES = 5;
const QUOTE = 0x22;
const COMMA = 0x2c;
const LINE = 0x0a;
const ZERO = 0x30;

function queryPackets(text: string): Buffer[] {
  const body = Buffer.concat([Buffer.from([COM_QUERY]), Buffer.from(text, 'utf8')]);
  const packets: Buffer[] = [];
  for (let at = 0, n = 0; at <= body.length; at += MOST_OF_PACKET, n++) {
    const part = body.subarray(at, at + MOST_OF_PACKET);
    const header = Buffer.from([part.length & 255, (part.length >> 8) & 255, part.length >> 16, n & 255]);
    packets.push(header, part);
    if (part.length < MOST_OF_PACKET) break;
  }
  return packets;
}

function serverError(packet: Buffer): Error {
  const hasState = packet[3] === 0x23;
  const state = hasState ? packet.toString('latin1', 4, 9) : undefined;
  const message = packet.toString('utf8', hasState ? 9 : 3);
  return Object.assign(new Error(message), {
    errno: packet.readUInt16LE(1),
    sqlState: state,
    sqlMessage: message,
  });
}

type State = 'head' | 'columns' | 'after columns' | 'rows';

/** Takes the packets of an answer apart as they come, and writes its rows. */
class CopyPackets {
  #pieces: Buffer[] = [];
  #had = 0;
  #needs = HEADER;
  /** Of a packet that is longer than one may be. */
  #long: Buffer[] = [];
  #state: State = 'head';
  #columnsLeft = 0;
  isDropping = false;

  constructor(
    readonly forms: readonly CsvForm[],
    readonly writer: CsvWriter,
    readonly onEnd: (error?: Error) => void,
  ) {}

  take(data: Buffer): void {
    let buffer = data;
    if (this.#pieces.length > 0) {
      this.#pieces.push(data);
      this.#had += data.length;
      if (this.#had < this.#needs) return;
      buffer = Buffer.concat(this.#pieces);
      this.#pieces = [];
    }
    const { length } = buffer;
    let at = 0;
    while (at + HEADER <= length) {
      const size = buffer[at]! | (buffer[at + 1]! << 8) | (buffer[at + 2]! << 16);
      const end = at + HEADER + size;
      if (end > length) {
        this.#keep(buffer, at, HEADER + size);
        return;
      }
      this.#packet(buffer, at + HEADER, end);
      at = end;
    }
    if (at < length) this.#keep(buffer, at, HEADER);
  }

  #keep(buffer: Buffer, at: number, needs: number): void {
    this.#pieces = [Buffer.from(buffer.subarray(at))];
    this.#had = buffer.length - at;
    this.#needs = needs;
  }

  #packet(buffer: Buffer, start: number, end: number): void {
    const isWhole = end - start < MOST_OF_PACKET;
    if (isWhole && this.#long.length === 0) {
      this.#message(buffer, start, end, true);
      return;
    }
    this.#long.push(Buffer.from(buffer.subarray(start, end)));
    if (!isWhole) return;
    const whole = Buffer.concat(this.#long);
    this.#long = [];
    this.#message(whole, 0, whole.length, false);
  }

  #message(buffer: Buffer, start: number, end: number, mayEnd: boolean): void {
    const first = buffer[start]!;
    if (first === ERROR && this.#state !== 'columns') {
      this.onEnd(serverError(buffer.subarray(start, end)));
      return;
    }
    switch (this.#state) {
      case 'head':
        this.#columnsLeft = first;
        if (first === 0) this.onEnd();
        else if (first >= NULL) this.#columnsLeft = buffer[start + 1]! | (buffer[start + 2]! << 8);
        this.#state = 'columns';
        return;
      case 'columns':
        if (--this.#columnsLeft === 0) this.#state = 'after columns';
        return;
      case 'after columns':
        this.#state = 'rows';
        // Servers that no longer end the columns with a packet of its own go on with the rows.
        if (first === EOF && end - start === EOF_BYTES) return;
    }
    if (first === EOF && mayEnd) this.onEnd();
    else if (!this.isDropping) this.#row(buffer, start, end);
  }

  #row(buffer: Buffer, start: number, rowEnd: number): void {
    const { writer, forms } = this;
    // Each byte of a value may be a quote, which is written twice.
    writer.reserve((rowEnd - start) * 2 + forms.length * 3 + 1);
    const { block } = writer;
    const begin = writer.length;
    let to = begin;
    let at = start;
    for (let c = 0; c < forms.length; c++) {
      if (c > 0) block[to++] = COMMA;
      let size = buffer[at++]!;
      if (size === NULL) continue;
      if (size > NULL) {
        const bytes = size === 0xfc ? 2 : size === 0xfd ? 3 : 8;
        size = bytes === 8 ? Number(buffer.readBigUInt64LE(at)) : buffer.readUIntLE(at, bytes);
        at += bytes;
      }
      const end = at + size;
      const form = forms[c];
      if (form === 'quoted') to = quoted(buffer, at, end, block, to);
      else if (form !== 'date' || isDate(buffer, at)) for (let i = at; i < end; i++) block[to++] = buffer[i]!;
      at = end;
    }
    block[to++] = LINE;
    writer.length = to;
    writer.endRow(to - begin);
  }
}

/** `0000-00-00` and dates with a month or day of zero are none. */
const isDate = (buffer: Buffer, at: number) =>
  (buffer[at + 5] !== ZERO || buffer[at + 6] !== ZERO) &&
  (buffer[at + 8] !== ZERO || buffer[at + 9] !== ZERO);

function quoted(from: Buffer, start: number, end: number, into: Buffer, at: number): number {
  let to = at;
  into[to++] = QUOTE;
  for (let i = start; i < end; i++) {
    const byte = from[i]!;
    if (byte === QUOTE) into[to++] = QUOTE;
    into[to++] = byte;
  }
  into[to++] = QUOTE;
  return to;
}

/** Sends a statement and writes its rows; the socket must be at rest. */
export function copyRows(
  socket: Socket,
  text: string,
  { writer, forms, onBytes }: { writer: CsvWriter; forms: readonly CsvForm[]; onBytes(bytes: number): void },
): CopyExchange {
  return exchangeCopy(
    socket,
    queryPackets(text),
    { writer, onBytes },
    (onEnd) => new CopyPackets(forms, writer, onEnd),
  );
}
