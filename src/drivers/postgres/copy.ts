import type { Socket } from 'node:net';
import postgres from 'postgres';
import { type CopyExchange, exchangeCopy } from '../copy-exchange.ts';
import type { CsvWriter } from '../csv-writer.ts';

const QUERY = 0x51;
const COPY_DATA = 0x64;
const ERROR = 0x45;
const READY = 0x5a;
const HEADER = 5;

/** Fields of an ErrorResponse that the error table reads (https://www.postgresql.org/docs/current/protocol-error-fields.html). */
const FIELDS: Readonly<Record<string, string>> = {
  C: 'code',
  M: 'message',
  P: 'position',
  S: 'severity_local',
};

function serverError(message: Buffer): Error {
  const fields: Record<string, string> = {};
  for (const part of message.toString('utf8').split('\0')) {
    const name = FIELDS[part[0] ?? ''];
    if (name) fields[name] = part.slice(1);
  }
  const Constructor = postgres.PostgresError as unknown as new (fields: Record<string, string>) => Error;
  return new Constructor({ message: '', code: 'XX000', ...fields });
}

function queryMessage(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  const message = Buffer.alloc(HEADER + bytes.length + 1);
  message[0] = QUERY;
  message.writeInt32BE(bytes.length + 5, 1);
  bytes.copy(message, HEADER);
  return message;
}

/** Takes the messages of `COPY … TO STDOUT` apart as they come: the server sends each row as one. */
class CopyMessages {
  /** Pieces of a message that has not come whole. */
  #pieces: Buffer[] = [];
  #had = 0;
  #needs = HEADER;
  isDropping = false;
  #error: Error | undefined;

  constructor(
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
    this.#read(buffer);
  }

  #read(buffer: Buffer): void {
    const { length } = buffer;
    let at = 0;
    while (at + HEADER <= length) {
      const size =
        buffer[at + 1]! * 0x1000000 + ((buffer[at + 2]! << 16) | (buffer[at + 3]! << 8) | buffer[at + 4]!);
      const end = at + 1 + size;
      if (end > length) {
        this.#keep(buffer, at, size + 1);
        return;
      }
      const type = buffer[at]!;
      if (type === COPY_DATA) this.#row(buffer, at + HEADER, end);
      else if (type === ERROR) this.#error = serverError(buffer.subarray(at + HEADER, end));
      else if (type === READY) this.onEnd(this.#error);
      at = end;
    }
    if (at < length) this.#keep(buffer, at, HEADER);
  }

  #keep(buffer: Buffer, at: number, needs: number): void {
    this.#pieces = [Buffer.from(buffer.subarray(at))];
    this.#had = buffer.length - at;
    this.#needs = needs;
  }

  #row(buffer: Buffer, start: number, end: number): void {
    if (this.isDropping) return;
    const { writer } = this;
    const bytes = end - start;
    writer.reserve(bytes);
    buffer.copy(writer.block, writer.length, start, end);
    writer.length += bytes;
    writer.endRow(bytes);
  }
}

/** Sends a COPY and writes its rows; the socket must be at rest. */
export function copyOut(
  socket: Socket,
  text: string,
  options: { writer: CsvWriter; onBytes(bytes: number): void },
): CopyExchange {
  return exchangeCopy(
    socket,
    [queryMessage(text)],
    options,
    (onEnd) => new CopyMessages(options.writer, onEnd),
  );
}
